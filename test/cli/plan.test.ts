import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { assay } from "./assay.ts";

const cwd = mkdtempSync(join(tmpdir(), "assay-plan-"));
afterAll(() => rmSync(cwd, { recursive: true }));
const judged = `
    judge:
      provider: bedrock
      model: a-judge
      rubric: { quality: 1 is good; 0 is bad. }
      usdPerMillionInputTokens: 0.15
      usdPerMillionOutputTokens: 0.60
    evaluationBudget: { usdPerDay: 0.30 }
`;
writeFileSync(join(cwd, "assay.yml"), `endpoints:\n  chat:\n    variants: [stable]${judged}  search:\n    variants: [only]\n`);
writeFileSync(
  join(cwd, "two.yml"),
  `endpoints:\n  chat:\n    variants: [stable]${judged}  search:\n    variants: [only]${judged}`,
);
writeFileSync(join(cwd, "none.yml"), "endpoints: { search: { variants: [only] } }\n");

test("plans the only endpoint that has a judge, as a table and as JSON", async () => {
  const [table, json] = await Promise.all([
    assay(["plan", "--answers", "5000"], { cwd }),
    assay(["plan", "--answers", "5000", "--json"], { cwd }),
  ]);
  expect([table.code, table.stderr, json.code]).toEqual([0, "", 0]);
  const planned = JSON.parse(json.stdout);
  expect(planned).toMatchObject({
    endpoint: "chat",
    answersPerDay: 5000,
    limitedBy: "budget",
    falseAlarms: { count: 1, days: 90 },
  });
  expect(planned.drops.map(({ drop }: { drop: number }) => drop)).toEqual([0.2, 0.1, 0.05]);
  expect(table.stdout).toContain(`${Math.round(planned.judgedPerDay)} of 5000 answers are judged in a day, for $0.27`);
  for (const { judged } of planned.drops) expect(table.stdout).toContain(` ${Math.ceil(judged)} `);
});

test.each([
  { it: "without traffic", args: [], says: "--answers PER-DAY, or --baseline FILE" },
  {
    it: "where two endpoints have a judge",
    args: ["--config", "two.yml", "--answers", "10"],
    says: "--endpoint, one of chat, search",
  },
  { it: "where none has", args: ["--config", "none.yml", "--answers", "10"], says: "No endpoint of none.yml has a judge" },
  {
    it: "for an endpoint without one",
    args: ["--endpoint", "search", "--answers", "10"],
    says: "no endpoint search with a judge",
  },
  { it: "by a baseline that is none", args: ["--baseline", "none.yml"], says: "none.yml is not JSON" },
])("refuses $it, and says what to do", async ({ args, says }) => {
  const { code, stderr } = await assay(["plan", ...args], { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain(says);
});
