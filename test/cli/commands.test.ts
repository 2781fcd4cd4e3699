import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { asBase64, asJson, record } from "../shared/capture/records.ts";
import { assay, assayReadBriefly } from "./assay.ts";

const named = "support-chat/stable/2026/03/02/09/41-07-118-5f0c7c1e-0d5b-4b6a-9a0e-2f4d1c9b8a77.jsonl";
const chat = { messages: [{ role: "user", content: "May I return the blue running shoes?" }] };
const answer = { choices: [{ message: { content: "Yes, within 30 days." }, finish_reason: "stop" }] };
const good = JSON.stringify(record({ input: asJson(chat), output: asBase64(answer) }, { customAttributes: ["segment=returns"] }));
const half = JSON.stringify(record({ input: asJson(chat) }));
const failed = JSON.stringify(record({ input: asJson(chat), output: asJson({ error: { message: "CUDA out of memory" } }) }));
const secret = "my card is 4111 1111";
const tabular = JSON.stringify(record({ input: asJson({ instances: [secret] }), output: asJson({ predictions: [1] }) }));

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "assay-cli-"));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), text);
  };
  write(named, `${good}\n\n${tabular}\n${half}\n${failed}\n${good.slice(0, 90)}`);
  write("returns-bot/good.jsonl", `${good}\n`);
  write("many/good.jsonl", `${good}\n`.repeat(5_000));
  write("empty.jsonl", "");
  write(
    "assay.yml",
    "captures: s3://acme-captures/prod\nendpoints: { returns-bot: { variants: [AllTraffic], segment: attributes.segment } }\n",
  );
  write("short.mjs", 'export default ({ output }) => ({ name: "Short", score: output.length < 30 ? 1 : 0 });');
  write(
    "plugged.yml",
    "endpoints: { returns-bot: { variants: [AllTraffic], scorers: { plugIns: { short: ./short.mjs }, rules: { days: { regex: '[0-9]+ days' } } } } }\n",
  );
  write("gone.yml", "endpoints: { returns-bot: { variants: [AllTraffic], scorers: { plugIns: { short: ./gone.mjs } } } }\n");
  write(
    "wrong.yml",
    "captures: s3://acme-captures/prod\nendpoints: { returns-bot: { variants: [AllTraffic], segmnet: attributes.segment } }\n",
  );
});
afterAll(() => rmSync(cwd, { recursive: true }));

const linesOf = (stdout: string) =>
  stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("score prints every record in order, whole or quarantined", async () => {
  const { code, stdout, stderr } = await assay(["score", named, "returns-bot/good.jsonl"], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const where = { endpoint: "support-chat", variant: "stable", segment: "all" };
  expect(linesOf(stdout)).toMatchObject([
    {
      outcome: "answered",
      ...where,
      completion: "Yes, within 30 days.",
      scores: { empty: 1 },
      source: { key: named, offset: 0, length: good.length },
    },
    { outcome: "quarantined", reason: { code: "no_adapter" }, time: "2026-03-02T09:41:07Z" },
    { outcome: "input_only", ...where, scores: {} },
    { outcome: "model_error", ...where, scores: {} },
    { outcome: "quarantined", reason: { code: "not_json" }, time: null },
    { outcome: "answered", endpoint: "returns-bot", variant: "AllTraffic" },
  ]);
});

test("score takes the segment from assay.yml", async () => {
  const { stdout } = await assay(["score", "--config", "assay.yml", "returns-bot/good.jsonl"], { cwd });
  expect(linesOf(stdout)).toMatchObject([{ segment: "returns" }]);
});

test("with scorers that assay.yml plugs in, and its rules", async () => {
  const { stdout } = await assay(["score", "--config", "plugged.yml", "returns-bot/good.jsonl"], { cwd });
  expect(linesOf(stdout)[0]).toMatchObject({ scores: { empty: 1, days: 1, short: 1 } });
});

test("score ends quietly when its reader has seen enough", async () =>
  expect(await assayReadBriefly(["score", "many/good.jsonl"], cwd)).toEqual({ stderr: "", code: 0 }));

test("doctor explains each quarantined record, and finding one is a finding", async () => {
  const { code, stdout } = await assay(["doctor", named], { cwd });
  expect(code).toBe(1);
  expect(stdout).toContain(`${named} (endpoint support-chat, variant stable)`);
  expect(stdout).toMatch(/openai-chat +│ model_error +│ +1 /);
  expect(stdout).toMatch(/line 3, no_adapter: .*an object with instances/);
  expect(stdout).toMatch(/line 6, not_json: the line is not JSON/);
  expect(stdout).toContain(
    "5 records in 1 capture object: 1 answered, 1 model errors, 1 without answer, 0 without question, 2 quarantined.",
  );
  expect(stdout).toContain("streamed");
  expect(stdout).not.toContain(secret);
});

test("doctor --json is one object whose counts add up", async () => {
  const { code, stdout } = await assay(["doctor", "--json", named, "returns-bot/good.jsonl", "empty.jsonl"], { cwd });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    counts: { captured: 6, answered: 2, modelErrors: 1, inputOnly: 1, outputOnly: 0, quarantined: 2, lost: 0 },
    objects: [
      {
        object: named,
        counts: { captured: 5 },
        quarantined: [
          { line: 3, code: "no_adapter" },
          { line: 6, code: "not_json" },
        ],
      },
      { object: "returns-bot/good.jsonl", read: [{ adapter: "openai-chat", outcome: "answered", count: 1 }], quarantined: [] },
      { object: "empty.jsonl", counts: { captured: 0 } },
    ],
  });
});

test("doctor finds nothing wrong with good captures", async () =>
  expect(await assay(["doctor", "returns-bot/good.jsonl"], { cwd })).toMatchObject({ code: 0, stderr: "" }));

test.each([
  {
    it: "a missing file",
    args: ["score", "returns-bot/good.jsonl", "nope.jsonl"],
    says: "assay: nope.jsonl cannot be read: there is no such file.",
  },
  { it: "a folder", args: ["doctor", "returns-bot"], says: "assay: returns-bot is a folder: name the files in it." },
  { it: "no file", args: ["score"], says: "missing required argument 'files'" },
  { it: "an unknown option", args: ["doctor", "--jsn", "empty.jsonl"], says: "unknown option '--jsn'" },
  { it: "an unknown command", args: ["scroe", "empty.jsonl"], says: "unknown command 'scroe'" },
  {
    it: "a plug-in that is not there",
    args: ["score", "--config", "gone.yml", "empty.jsonl"],
    says: "The plug-in ./gone.mjs of the score short (gone.yml) cannot be loaded",
  },
  {
    it: "a missing configuration",
    args: ["score", "--config", "nope.yml", "empty.jsonl"],
    says: "assay: nope.yml cannot be read: there is no such file.",
  },
  {
    it: "a wrong configuration",
    args: ["score", "--config", "wrong.yml", "empty.jsonl"],
    says: "assay: wrong.yml:2: endpoints.returns-bot.segmnet is not an option.",
  },
  { it: "s3 without a bucket", args: ["doctor", "s3://"], says: "assay: s3:// names no bucket" },
  {
    it: "s3 without a region",
    args: ["doctor", "s3://acme-captures/prod"],
    says: "assay: s3://acme-captures/prod cannot be read: no AWS region is set",
  },
])("answers $it in a sentence, with nothing on stdout and exit code 2", async ({ args, says }) => {
  const { code, stdout, stderr } = await assay(args, { cwd });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(says);
  expect(stderr).not.toContain("    at ");
});

test.each([{ args: ["--help"] }, { args: ["score", "--help"] }, { args: ["doctor", "--help"] }])(
  "$args tells the exit codes",
  async ({ args }) => {
    const { code, stdout } = await assay(args, { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain("Exit codes: 0 done, 1 a finding, 2 wrong use");
  },
);
