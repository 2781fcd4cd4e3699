import { expect, jest, test } from "@jest/globals";
import { npmStart } from "../e2e/command.ts";

jest.setTimeout(900_000);

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

async function play(name: string): Promise<Played> {
  const { code, stdout, stderr } = await npmStart(["--scenario", name, "--hours", "6", "--json", "--port", "0"]);
  if (code !== 0) throw new Error(`npm start ended with ${code}:\n${stderr}`);
  return { line: JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Line, told: stderr };
}

// Two at a time, on two cores; each test waits for its own.
const runs: Promise<PromiseSettledResult<Played>>[] = [];
for (const [k, { name }] of scenarios.entries()) {
  runs.push(Promise.resolve(runs[k - 2]).then(async () => (await Promise.allSettled([play(name)]))[0]));
}

test.each(scenarios.map((scenario, k) => ({ ...scenario, k })))(
  "$name: $ends",
  async ({ k, findings, actions, tells, pages }) => {
    const settled = await runs[k]!;
    if (settled.status === "rejected") throw settled.reason;
    const { line, told } = settled.value;
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
  },
);
