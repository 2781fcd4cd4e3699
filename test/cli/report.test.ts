import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { evaluationKeys } from "../../shared/evaluation/keys.ts";
import { answeredWith, resultOf } from "../shared/evaluation/results.ts";
import { remediationOf, resultsOf } from "../shared/reporting/facts.ts";
import { assay } from "./assay.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-report-"));
const evaluation = { ...resultOf(40, () => [answeredWith(0.8), answeredWith(0.3)]), gates: [] };
const objects: Record<string, unknown> = {
  ...resultsOf("chat", ["stable"], 1, "harmless"),
  "remediations/f1.json": remediationOf("chat", "stable", "why"),
  [evaluationKeys("e1").result]: evaluation,
};
for (const [key, value] of Object.entries(objects)) {
  mkdirSync(dirname(join(folder, "results", key)), { recursive: true });
  writeFileSync(join(folder, "results", key), JSON.stringify(value));
}
const span = ["--endpoint", "chat", "--from", "2026-03-02", "--to", "2026-03-02T01:00"];
const report = (...args: string[]) => assay(["report", "--results", "results", ...args], { cwd: folder });

test.each([
  { it: "a span", args: span, file: "report-chat-2026-03-02.html", has: ">Coverage: nothing lost</h2>" },
  { it: "an evaluation", args: ["--evaluation", "e1"], file: "report-evaluation-e1.html", has: ">Differences</h2>" },
  { it: "a remediation", args: ["--remediation", "f1"], file: "report-remediation-f1.html", has: ">Step by step</h2>" },
])("writes the report of $it from a copy of the results bucket, and says its verdict", async ({ args, file, has }) => {
  const { code, stdout, stderr } = await report(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const said = JSON.parse(stdout) as { report: string; verdict: string };
  expect(said).toEqual({ report: expect.stringMatching(new RegExp(`/${file}$`)), verdict: expect.stringMatching(/\.$/) });
  const html = readFileSync(said.report, "utf8");
  expect(html).toContain(has);
});

test.each([
  {
    it: "a span in which nothing was captured",
    args: ["--endpoint", "chat", "--to", "2026-01-01"],
    says: "Nothing was captured of chat",
  },
  {
    it: "a span that ends before it begins",
    args: ["--endpoint", "chat", "--from", "2026-03-03", "--to", "2026-03-02"],
    says: "--from must be before --to",
  },
  { it: "no endpoint", args: [], says: "Say which endpoint with --endpoint" },
  { it: "no time", args: ["--endpoint", "chat", "--from", "soon"], says: "--from: soon is no time" },
  { it: "an evaluation that is not there", args: ["--evaluation", "e2"], says: "There is no result of an evaluation e2" },
  { it: "a remediation that is not there", args: ["--remediation", "f2"], says: "There is no remediation f2" },
  {
    it: "a folder that is not there",
    args: ["--results", "nowhere", "--endpoint", "chat"],
    says: "--results: nowhere cannot be read",
  },
])("$it is said in a sentence", async ({ args, says }) => {
  const { code, stdout, stderr } = await report(...args);
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining(says) });
});
