import { expect, test } from "@jest/globals";
import { closeFinding, conclude, concludeAll } from "../../../shared/monitoring/conclude.ts";
import { adoptBaseline, anchorsDue, forgetEnded } from "../../../shared/monitoring/monitor.ts";
import { windowMs } from "../../../shared/monitoring/windows.ts";
import { type Event, freeze, graded, type Played, play, type Segments, settings, sound, soundDays, startMs } from "./played.ts";

const baseline = freeze(soundDays(3, 0.06));
/** Three in ten questions are of a kind that the baseline did not know, and that every model answers badly. */
const otherQuestions: Segments = {
  orders: { share: 0.35, mean: 0.9 },
  billing: { share: 0.2, mean: 0.94 },
  returns: { share: 0.15, mean: 0.88 },
  loans: { share: 0.3, mean: 0.5 },
};
const nowMs = startMs + 30 * 3_600_000;
const open = ({ findings }: Played) => findings.filter(({ status }) => status === "open");

test.each<{ it: string; event: Event; finds: object[] }>([
  { it: "nothing when nothing happens", event: { atHour: 99 }, finds: [] },
  {
    it: "a model that fell, of its variant",
    event: { atHour: 1, variants: { candidate: graded(sound, -0.45) } },
    finds: [{ cause: "model", variant: "candidate", signal: "quality", refLow: expect.any(Number) }],
  },
  {
    it: "a model that fell a little, later",
    event: { atHour: 1, variants: { stable: graded(sound, -0.08) } },
    finds: [{ cause: "model", variant: "stable" }],
  },
  {
    it: "a judge that became strict, for both variants one finding",
    event: { atHour: 1, judge: -0.1 },
    finds: [{ cause: "judge", variant: null, signal: "judge" }],
  },
  { it: "a judge that became lenient", event: { atHour: 1, judge: 0.05 }, finds: [{ cause: "judge", variant: null }] },
  {
    // The model's finding is the older one: it stays undecided until enough was judged to blame it beside the judge.
    it: "both: the judge, and what the model fell beside it",
    event: { atHour: 1, judge: -0.06, variants: { candidate: graded(sound, -0.2) } },
    finds: [
      { cause: "model", variant: "candidate" },
      { cause: "judge", variant: null },
    ],
  },
  {
    it: "traffic, though quality fell with it: within the segments it did not",
    event: { atHour: 1, variants: { stable: otherQuestions, candidate: otherQuestions } },
    finds: [{ cause: "traffic", variant: null, signal: "input-mix" }],
  },
  {
    it: "traffic and a model: within the segments one variant fell",
    event: { atHour: 1, variants: { stable: otherQuestions, candidate: graded(otherQuestions, -0.3) } },
    finds: [
      { cause: "traffic", variant: null },
      { cause: "model", variant: "candidate" },
    ],
  },
  {
    it: "all models at once, in one finding",
    event: { atHour: 1, variants: { stable: graded(sound, -0.2), candidate: graded(sound, -0.3) } },
    finds: [{ cause: "model_everywhere", variant: null, signal: "quality" }],
  },
])("finds $it", ({ event, finds }) => {
  const played = play(baseline, 24, event);
  expect(open(played)).toMatchObject(finds.map((finding) => ({ ...finding, status: "open" })));
  expect(open(played)).toHaveLength(finds.length);
});

test.each([
  {
    it: "the questions",
    event: { atHour: 1, variants: { stable: otherQuestions, candidate: otherQuestions } },
    seed: 9,
    cause: "traffic",
  },
  { it: "the judge", event: { atHour: 1, judge: -0.1 }, seed: 1, cause: "judge" },
])("what was undecided of both variants and turns out to be $it belongs to one finding", ({ event, seed, cause }) => {
  const { findings, state } = play(baseline, 10, event, seed);
  const [found, ...others] = findings.filter(({ partOf }) => partOf === undefined);
  expect(found).toMatchObject({ cause, variant: null, status: "open" });
  expect(others).toEqual([]);
  const parts = findings.filter(({ partOf }) => partOf !== undefined);
  expect(parts.map(({ variant }) => variant).toSorted()).toEqual(["candidate", "stable"]);
  for (const part of parts) expect(part).toMatchObject({ cause, status: "closed", partOf: found!.id });
  // Remediation is to hear of it once.
  expect(state.ended).toEqual(parts);
  expect(forgetEnded(state, parts)).toEqual({ ...state, ended: [], version: state.version + 1 });
  expect(forgetEnded(state, [])).toBe(state);
});

test("traffic that grades tell of first, and the mix afterwards, is one finding of no variant", () => {
  const traffic = { atHour: 1, variants: { stable: otherQuestions, candidate: otherQuestions } };
  const unwatched = { ...baseline, segments: { ...baseline.segments!, dispersion: null } };
  const byGrades = play(unwatched, 10, traffic, 4);
  const known = { cause: "traffic", variant: null, signal: "quality" };
  expect(open(byGrades)).toMatchObject([known]);

  const mix = play(baseline, 10, traffic).state.rules["input-mix"]!;
  const alarm = { rule: "input-mix", at: byGrades.state.lastWindow!, evidence: 1, scale: null };
  const state = { ...byGrades.state, rules: { ...byGrades.state.rules, "input-mix": mix }, waiting: [alarm] };
  const rules = [...open(byGrades)[0]!.rules, "input-mix"];
  expect(conclude(state, baseline, settings, nowMs).findings).toMatchObject([{ ...known, rules }]);
});

test("a rise is a finding over 0", () => {
  const [finding] = open(play(baseline, 24, { atHour: 1, variants: { candidate: graded(sound, 0.055) } }));
  expect(finding).toMatchObject({ cause: "model", variant: "candidate" });
  expect(finding!.lower).toBeGreaterThan(0);
});

test("a finding says since when and how much, and what a verification needs", () => {
  const [finding] = play(baseline, 4, { atHour: 1, variants: { candidate: graded(sound, -0.45) } }).findings;
  expect(finding).toMatchObject({ since: "2026-11-02T01:00:00Z", status: "open" });
  expect(finding!.lower).toBeLessThan(-0.45);
  expect(finding!.upper).toBeGreaterThan(-0.45);
  expect(finding!.evidence).toBeGreaterThanOrEqual(1);
  expect(finding!.thetaAtAlarm!).toBeLessThan(finding!.refLow!);
  expect(finding!.refLow!).toBeLessThanOrEqual(baseline.criteria.quality!.mu0 - settings.tolerance);
});

test("after the judge moved, grades are read on its new scale, and a model that falls is still found", () => {
  const strict = play(baseline, 24, { atHour: 1, judge: -0.1 });
  expect(strict.state.anchors.shifts.quality!.J).toBeCloseTo(-0.1, 1);
  expect(strict.lines.at(-1)).toMatchObject({ signal: "quality", state: "quiet" });
});

test("a quality alarm waits for a reading of the anchors, and without anchors nobody can tell", () => {
  const withoutAnchors = freeze(soundDays(3, 0.06), []);
  const [finding] = play(withoutAnchors, 4, { atHour: 1, variants: { candidate: graded(sound, -0.45) } }).findings;
  expect(finding).toMatchObject({ cause: "undecided", variant: "candidate" });

  const played = play(baseline, 4, { atHour: 1, variants: { candidate: graded(sound, -0.45) } });
  const [alarm] = played.state.findings.map((entry) => ({
    rule: entry.finding.rules[0]!,
    at: entry.finding.openedAt,
    evidence: 1,
    scale: null,
  }));
  const waiting = { ...played.state, findings: [], waiting: [{ ...alarm!, at: "2026-11-02T05:00:00Z" }] };
  expect(conclude(waiting, baseline, settings, nowMs)).toEqual({ state: waiting, findings: [] });
  expect(anchorsDue(waiting, baseline, startMs + 5 * 3_600_000)).toBe(true);
  expect(concludeAll(waiting, baseline, settings, nowMs).findings).toMatchObject([{ cause: "undecided" }]);
});

test("a finding latches its rule; closed, the rule starts anew and finds what still is", () => {
  const { state, findings } = play(baseline, 4, { atHour: 1, variants: { candidate: graded(sound, -0.45) } });
  const id = findings[0]!.id;
  expect(state.rules["judged/candidate/quality"]!.rule.alarmedAt).not.toBeNull();
  const closed = closeFinding(state, id, "verified", nowMs);
  expect(closed.finding).toMatchObject({ id, status: "closed", closedAt: "2026-11-03T06:00:00Z", because: "verified" });
  expect(closed.state.rules["judged/candidate/quality"]!.rule).toMatchObject({ alarmedAt: null, lnR: null });
  expect(closed.state).toMatchObject({ findings: [], version: state.version + 1 });
  expect(closeFinding(closed.state, id, "again", nowMs)).toEqual({ state: closed.state, finding: null });
});

test("a new baseline closes what was found against the old one, and remembers where it was", () => {
  const { state, findings } = play(baseline, 4, { atHour: 1, variants: { candidate: graded(sound, -0.45) } });
  const next = freeze(soundDays(4, 0.06));
  const adopted = adoptBaseline(state, next, nowMs);
  expect(adopted.closed).toMatchObject([{ id: findings[0]!.id, status: "closed" }]);
  expect(adopted.state).toMatchObject({
    baselineVersion: next.version,
    version: state.version + 1,
    lastWindow: state.lastWindow,
    rules: {},
    findings: [],
    ended: adopted.closed,
  });
});

test("the state stays small, however long it runs", () => {
  const day = JSON.stringify(play(baseline, 24, { atHour: 99 }).state).length;
  const fourDays = JSON.stringify(play(baseline, 96, { atHour: 99 }).state).length;
  expect(fourDays).toBeLessThan(1.5 * day);
  expect(fourDays).toBeLessThan(100_000);
});

test("the state is plain JSON: stored and read again, it goes on the same way", () => {
  const { state } = play(baseline, 3, { atHour: 1, variants: { candidate: graded(sound, -0.45) } });
  expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  expect(state.lastWindow).toBe(new Date(startMs + 3 * 3_600_000 - windowMs).toISOString().replace(".000", ""));
});
