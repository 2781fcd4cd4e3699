import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { drawReading, drawWindow } from "../../../bench/traffic.ts";
import type { Baseline } from "../../../shared/monitoring/baseline.ts";
import { FoldRefused, foldAnchors, startMonitor } from "../../../shared/monitoring/monitor.ts";
import type { MonitorState } from "../../../shared/monitoring/monitorState.ts";
import { thresholds } from "../../../shared/monitoring/rules.ts";
import type { LateJudgedRow, WindowRecord } from "../../../shared/monitoring/windowRecord.ts";
import { iso, windowMs } from "../../../shared/monitoring/windows.ts";
import { gradeEvidence } from "../../../shared/statistics/gradeEvidence.ts";
import { referenceOf } from "../../../shared/statistics/reference.ts";
import { endpoint, foldAndTell, freeze, settings, sound, soundDays, startMs } from "./played.ts";

const baseline = freeze(soundDays(3, 0.06));
const chance = chanceFrom(9);
const draw = (n: number, variant = "stable"): WindowRecord =>
  drawWindow(chance, { startMs: startMs + n * windowMs, endpoint, variant }, { requestsPerHour: 200, pi: 0.2, segments: sound });
const fold = (state: MonitorState, records: WindowRecord[], late: LateJudgedRow[] = [], against: Baseline = baseline) =>
  foldAndTell(state, { window: records[0]!.window, records, late }, against, settings);
const fresh = () => startMonitor(endpoint, baseline);
const stable = "judged/stable/quality";

test("a window that was folded before is refused, and so is another baseline", () => {
  const { state } = fold(fresh(), [draw(1)]);
  expect(() => fold(state, [draw(1)])).toThrow(FoldRefused);
  expect(() => fold(state, [draw(0)])).toThrow("window 2026-11-02T00:00:00Z is not after 2026-11-02T00:15:00Z");
  expect(() => fold(state, [draw(2)], [], { ...baseline, version: "another" })).toThrow("Adopt that one first");
  expect(fold(state, [draw(2)]).state.version).toBe(state.version + 1);
});

test("the order of a window's records and rows changes nothing but rounding", () => {
  const records = [draw(0), draw(0, "candidate")];
  const turned = records.map((record) => ({ ...record, rows: [...record.rows].reverse() })).reverse();
  const [a, b] = [fold(fresh(), records), fold(fresh(), turned)];
  for (const [i, line] of a.lines.entries()) expect(line.evidence).toBeCloseTo(b.lines[i]!.evidence, 12);
  expect(a.state.rules[stable]!.rule.lnR).toHaveLength(12);
});

test("the evidence is that of the window's grades, with failed and pending answers neutral", () => {
  const record = draw(0);
  const { mu0, nStar0, cycle } = baseline.criteria.quality!;
  expect(cycle.used).toBe(false);
  const reference = referenceOf({ mu0, nStar0 }, settings.tolerance, thresholds(settings).judged.z0);
  const expected = gradeEvidence(
    0.2,
    reference,
    record.rows.map(({ y, pi }) => ({ y: y.quality!, pi })),
  ).lnE;
  const lnR = fold(fresh(), [record]).state.rules[stable]!.rule.lnR!;
  for (const [j, lnE] of expected.entries()) expect(lnR[j]).toBeCloseTo(lnE, 12);

  const [first, second, ...rest] = record.rows;
  const open = { ...record, rows: rest, failed: [{ ...first!, status: "failed" as const }], pending: [second!] };
  const fewer = gradeEvidence(
    0.2,
    reference,
    rest.map(({ y, pi }) => ({ y: y.quality!, pi })),
  ).lnE;
  const fewerR = fold(fresh(), [open]).state.rules[stable]!.rule.lnR!;
  for (const [j, lnE] of fewer.entries()) expect(fewerR[j]).toBeCloseTo(lnE, 12);
});

test("a late grade counts in the next fold, by its own window, and in quality as if it had come in time", () => {
  const [first, second] = [draw(0), draw(1)];
  const [row, ...rest] = first.rows;
  const late: LateJudgedRow = { ...row!, window: first.window, variant: "stable", piRef: 0.2 };
  const inTime = fold(fold(fresh(), [first]).state, [second]);
  const tooLate = fold(fold(fresh(), [{ ...first, rows: rest, pending: [row!] }]).state, [second], [late]);
  const quality = (folded: typeof inTime) =>
    folded.lines.find(({ signal, variant }) => signal === "quality" && variant === "stable")!;
  expect(quality(tooLate).judged).toBe(quality(inTime).judged);
  expect(quality(tooLate).n).toBe(quality(inTime).n);
  const [a, b] = [inTime, tooLate].map(({ state }) => state.rules[stable]!);
  if (a?.kind !== "judged" || b?.kind !== "judged") throw new Error("both are judged rules");
  expect(b.recent.map(({ sums }) => sums.moments.failed)).toEqual(a.recent.map(({ sums }) => sums.moments.failed));
  for (const [i, { sums }] of b.recent.entries()) expect(sums.moments.w.ay).toBeCloseTo(a.recent[i]!.sums.moments.w.ay, 9);
});

test.each([
  { it: "a window without any judged answer", rows: 0, state: "needs_data" },
  { it: "windows with too few in 24 hours", rows: 5, state: "needs_data" },
])("quality needs data for $it", ({ rows, state }) => {
  const record = draw(0);
  const { lines } = fold(fresh(), [{ ...record, rows: record.rows.slice(0, rows) }]);
  expect(lines.find(({ variant }) => variant === "stable")).toMatchObject({ judged: rows, estimate: null, lower: null, state });
});

test("quality pools the newest windows back to 30 judged, and no further than 24 hours", () => {
  let state = fresh();
  let line = fold(state, [draw(0)]).lines[0];
  const judged: number[] = [];
  for (let n = 0; n < 8; n++) {
    const record = draw(n);
    judged.push(record.rows.length);
    const folded = fold(state, [record]);
    state = folded.state;
    line = folded.lines.find(({ variant }) => variant === "stable")!;
  }
  let expected = 0;
  for (const n of judged.reverse()) {
    if (expected >= 30) break;
    expected += n;
  }
  expect(line).toMatchObject({ judged: expected, state: "quiet" });
  expect(line!.lower!).toBeLessThan(line!.estimate!);

  const nextDay = fold(state, [draw(8 + 96)]);
  expect(nextDay.lines.find(({ variant }) => variant === "stable")).toMatchObject({ state: "needs_data", estimate: null });
  // Also of a variant whose traffic ended, while that of others goes on.
  const withoutTraffic = (n: number) => fold(state, [draw(n, "candidate")]).lines.find(({ variant }) => variant === "stable")!;
  expect(withoutTraffic(8 + 80)).toMatchObject({ judged: expected, state: "quiet" });
  expect(withoutTraffic(8 + 96)).toMatchObject({ judged: 0, state: "needs_data", estimate: null });
});

test("every rule has its line in every window", () => {
  const { lines } = fold(fresh(), [draw(0)]);
  expect(lines.map(({ signal, variant, n }) => [signal, variant, n > 0])).toEqual([
    ["input-mix", null, true],
    ["judge", null, false],
    ["quality", "stable", true],
    ["quality", "candidate", false],
  ]);
});

test("a judge that moved is found by its anchors alone, within days", () => {
  let state = fresh();
  const alarms: string[] = [];
  for (let day = 0; day < 8; day++) {
    const reading = drawReading(chance, startMs + day * 86_400_000, -0.05);
    const folded = foldAnchors(state, reading, baseline, settings);
    alarms.push(...folded.alarms.map(({ rule }) => rule));
    expect(foldAnchors(folded.state, reading, baseline, settings)).toEqual({ state: folded.state, alarms: [] });
    state = folded.state;
  }
  expect(alarms).toEqual(["judge/quality"]);
  expect(state.anchors.readings).toHaveLength(3);
});

test("a second reading of a day is remembered, and is no further evidence", () => {
  const first = foldAnchors(fresh(), drawReading(chance, startMs, -0.02), baseline, settings).state;
  const second = foldAnchors(first, drawReading(chance, startMs + 3_600_000, -0.02), baseline, settings).state;
  expect(second.rules["judge/quality"]).toEqual(first.rules["judge/quality"]);
  expect(second.anchors.readings).toHaveLength(2);
});

test("an empty window moves nothing but the clock", () => {
  const { state } = fold(fresh(), [draw(0), draw(0, "candidate")]);
  const empty = foldAndTell(state, { window: iso(startMs + windowMs), records: [], late: [] }, baseline, settings);
  expect(empty.state.rules[stable]).toEqual(state.rules[stable]);
  expect(empty.state.lastWindow).toBe("2026-11-02T00:15:00Z");
});
