import { expect, test } from "@jest/globals";
import type { Baseline } from "../../../shared/monitoring/baseline.ts";
import { differenceOf } from "../../../shared/monitoring/baselineDifference.ts";
import { closeFinding } from "../../../shared/monitoring/conclude.ts";
import type { MonitorFinding } from "../../../shared/monitoring/finding.ts";
import { startMonitor } from "../../../shared/monitoring/monitor.ts";
import type { MonitorState } from "../../../shared/monitoring/monitorState.ts";
import { outdated, prompted, revisionDue } from "../../../shared/monitoring/revision.ts";
import { dayMs } from "../../../shared/monitoring/rules.ts";
import { iso } from "../../../shared/monitoring/windows.ts";
import { endpoint, freeze, soundDays, startMs } from "./played.ts";

const days = soundDays(5);
const system = { scorersVersion: "s1", models: { stable: "m1", candidate: "m1" } };
const baseline: Baseline = { ...freeze(days), system };
const today = { judgeVersion: "j1", scorersVersion: "s1" };
const quiet = startMonitor(endpoint, baseline);
const finding = (cause: MonitorFinding["cause"]): MonitorFinding => ({
  ...prompted(quiet, { kind: "age", because: "old" }, startMs).findings[0]!,
  id: cause,
  cause,
});
const withFindings = (...causes: MonitorFinding["cause"][]): MonitorState => ({
  ...quiet,
  findings: causes.map((cause) => ({ finding: finding(cause), undecided: null })),
});

test.each([
  { it: "the same judge and scorers", of: baseline, now: today, kind: undefined },
  { it: "another judge", of: baseline, now: { ...today, judgeVersion: "j2" }, kind: "judge" },
  { it: "other scorers", of: baseline, now: { ...today, scorersVersion: "s2" }, kind: "scorers" },
  {
    it: "a recorded stream's judge and scorers, which nobody knows",
    of: { ...baseline, judgeVersion: null, system: null },
    now: today,
    kind: undefined,
  },
])("a baseline and $it", ({ of, now, kind }) => expect(outdated(of, now)?.kind).toBe(kind));

test.each([
  { it: "is young", state: quiet, models: system.models, days: 6.9, kind: undefined },
  { it: "is older than a week, and than its span of three days", state: quiet, models: system.models, days: 7.1, kind: "age" },
  { it: "knows another model", state: quiet, models: { ...system.models, candidate: "m2" }, days: 1, kind: "model" },
  { it: "knows no such variant", state: quiet, models: { ...system.models, third: "m1" }, days: 1, kind: "model" },
  { it: "knows a variant that is gone", state: quiet, models: { stable: "m1" }, days: 1, kind: undefined },
  { it: "cannot know the models of now", state: quiet, models: null, days: 1, kind: undefined },
  { it: "meets other questions since this morning", state: withFindings("traffic"), models: null, days: 0.5, kind: undefined },
  { it: "meets other questions for a day", state: withFindings("traffic"), models: null, days: 1, kind: "traffic" },
  {
    it: "meets other questions, and worse answers",
    state: withFindings("traffic", "model"),
    models: null,
    days: 1,
    kind: undefined,
  },
])("a baseline that $it", ({ state, models, days: age, kind }) => {
  expect(revisionDue(state, baseline, models, startMs + age * dayMs)?.kind).toBe(kind);
});

test("a baseline of two weeks is revised after two weeks", () => {
  const long = { ...baseline, span: { from: iso(startMs - 14 * dayMs), to: iso(startMs) } };
  expect(revisionDue(quiet, long, null, startMs + 13.9 * dayMs)).toBeNull();
  expect(revisionDue(quiet, long, null, startMs + 14.1 * dayMs)?.kind).toBe("age");
});

test("people are asked once for each reason, not again when they have said enough, and no longer than it lasts", () => {
  const [old, model] = [
    { kind: "age" as const, because: "old" },
    { kind: "model" as const, because: "new" },
  ];
  const first = prompted(quiet, old, startMs);
  expect(first.findings).toMatchObject([{ cause: "baseline", status: "open", because: "old", rules: [], evidence: 0 }]);
  expect(prompted(first.state, old, startMs + 1)).toEqual({ state: first.state, findings: [] });
  const said = closeFinding(first.state, first.findings[0]!.id, "seen", startMs + 1).state;
  expect(prompted(said, old, startMs + 2)).toEqual({ state: said, findings: [] });
  const second = prompted(first.state, model, startMs + 60_000);
  expect(second.findings).toMatchObject([
    { status: "closed", id: first.findings[0]!.id },
    { status: "open", because: "new" },
  ]);
  expect(second.state.findings.map((open) => open.finding.because)).toEqual(["new"]);
  const gone = prompted(second.state, null, startMs + 120_000);
  expect(gone).toMatchObject({ findings: [{ status: "closed" }], state: { findings: [], revision: null } });
});

test("two baselines differ by their means, with an interval, by shares, and by what made them", () => {
  const other = soundDays(6).map((record) => ({
    ...record,
    rows: record.rows.map((row) => ({ ...row, y: { quality: Math.max(0, row.y.quality! - 0.1) } })),
  }));
  const after = { ...freeze(other), judgeVersion: "j2" };
  const { criteria, notAlike, segments, anchors } = differenceOf(freeze(days), after);
  expect(notAlike).toEqual(["judge"]);
  expect(criteria.quality!.lower).toBeLessThan(-0.09);
  expect(criteria.quality!.upper).toBeGreaterThan(-0.11);
  expect(criteria.quality!.upper).toBeLessThan(-0.05);
  expect(segments.map(({ before }) => before).reduce((a, b) => a + b)).toBeCloseTo(1, 9);
  expect(anchors).toEqual({ before: 100, after: 100 });
});
