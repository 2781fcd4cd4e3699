import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { run } from "../e2e/command.ts";

type Line = {
  findings: { cause: string; variant: string | null; judged: number }[];
  actions: { kind: string; variant: string | null; outcome: string }[];
  counts: Record<string, number>;
  spend: { evaluationMicroUsd: number; budgetMicroUsd: number };
  report: string;
};
type Played = { line: Line; told: string };

const candidate = "candidate";
/** Waiting or calling a person, by itself no change of the endpoint. */
const held = (variant: string | null) => ({ kind: "hold", variant, outcome: "held" });
const shifted = (outcome: string) => ({ kind: "shift_traffic", variant: candidate, outcome });

/** Records are in order of their decisions, and of two of the same tick either may be first. */
const byKind = (a: { kind: string }, b: { kind: string }) => (a.kind < b.kind ? -1 : 1);

/** Six hours each; things change at 01:00. `findings` are all there may be, `actions` too. */
const scenarios = [
  {
    name: "day",
    ends: "the candidate is found, loses its traffic for good, and its slowness is nothing to cure any more",
    findings: [
      { cause: "capacity", variant: candidate },
      { cause: "model", variant: candidate },
    ],
    actions: [shifted("kept"), held(candidate)],
    tells: [/stable 100 % [^·]*· candidate 0 %[^\n]*$/m],
    pages: [],
  },
  { name: "healthy", ends: "nothing is found and nothing is done", findings: [], actions: [], tells: [], pages: [] },
  {
    name: "judge-moves",
    ends: "the judge is found, and nobody's traffic is touched",
    findings: [{ cause: "judge", variant: null }],
    actions: [held(null)],
    tells: [],
    pages: ["support-chat: somebody must look"],
  },
  {
    name: "traffic-moves",
    ends: "the questions are found, and nobody's traffic is touched",
    findings: [{ cause: "traffic", variant: null }],
    actions: [held(null)],
    tells: [],
    pages: ["support-chat: somebody must look"],
  },
  {
    name: "everywhere",
    ends: "fresh answers say that the shift did not help: it is undone, and a person is called",
    findings: [
      { cause: "model", variant: candidate },
      { cause: "model_everywhere", variant: null },
    ],
    actions: [shifted("undone"), held(null)],
    tells: [],
    pages: ["support-chat/candidate: an action did not help and was undone", "support-chat: somebody must look"],
  },
  {
    name: "latency",
    ends: "an instance more cures the candidate",
    findings: [{ cause: "capacity", variant: candidate }],
    actions: [{ kind: "scale_out", variant: candidate, outcome: "kept" }],
    tells: [/alarm assay-local-support-chat-candidate-latency: ALARM → OK/],
    pages: [],
  },
];

const program = fileURLToPath(new URL("playDays.ts", import.meta.url));
/** Two at a time, on two cores. */
const processes = [
  ["day", "healthy", "judge-moves"],
  ["everywhere", "latency", "traffic-moves"],
];

/** What a process printed and told of each of its scenarios. */
async function play(names: readonly string[]): Promise<Map<string, Played>> {
  const { code, stdout, stderr } = await run(process.execPath, [program, ...names]);
  if (code !== 0) throw new Error(`playDays.ts ${names.join(" ")} ended with ${code}:\n${stderr}`);
  const lines = stdout.trimEnd().split("\n");
  const told = stderr.split(/^— .*\n/m);
  return new Map(names.map((name, k) => [name, { line: JSON.parse(lines[k]!) as Line, told: told[k]! }]));
}

const played = Promise.allSettled(processes.map(play));

test.each(scenarios)("$name: $ends", async ({ name, findings, actions, tells, pages }) => {
  const settled = (await played)[processes.findIndex((names) => names.includes(name))]!;
  if (settled.status === "rejected") throw settled.reason;
  const { line, told } = settled.value.get(name)!;
  expect(line.findings.map(({ cause, variant }) => ({ cause, variant }))).toEqual(findings);
  expect(line.actions.toSorted(byKind)).toEqual(actions.toSorted(byKind));
  for (const pattern of tells) expect(told).toMatch(pattern);
  const paged = told.split("\n").flatMap((text) => /a person is paged: Assay local: (.*)/.exec(text)?.[1] ?? []);
  expect(paged).toEqual(pages);

  const { captured, judged, ...six } = line.counts;
  expect(Object.values(six).reduce((sum, n) => sum + n)).toBe(captured);
  expect(captured).toBeGreaterThan(2_000);
  // The budget suffices, so what was chosen was judged.
  expect(told).toContain(`; ${judged} chosen for judging, ${judged} judged.`);
  expect(judged! / captured!).toBeCloseTo(0.2, 1);
  expect(line.spend.evaluationMicroUsd).toBeGreaterThan(0);
  expect(line.spend.evaluationMicroUsd).toBeLessThan(line.spend.budgetMicroUsd);
});
