import { freezeBaseline } from "../../shared/monitoring/freezeBaseline.ts";
import { foldWindow, startMonitor } from "../../shared/monitoring/monitor.ts";
import { dayMs } from "../../shared/monitoring/rules.ts";
import { emptySummary } from "../../shared/monitoring/summary.ts";
import type { WindowRecord } from "../../shared/monitoring/windowRecord.ts";
import { iso, windowMs } from "../../shared/monitoring/windows.ts";
import { type Band, piOf, type SamplingPolicy, uniformPolicy } from "../../shared/sampling/policy.ts";
import { stratify } from "../../shared/sampling/strata.ts";
import { windowsPerDay } from "../../shared/sampling/traffic.ts";
import { type Chance, poisson } from "../chance.ts";
import { watchedFleet } from "../watched.ts";

const [endpoint, variant] = ["support-chat", "stable"];
const settings = watchedFleet(endpoint, [variant]);
const startMs = Date.parse("2026-11-02T00:00:00Z");
const [baselineDays, soundDays] = [7, 30];
const answersPerWindow = 250;
const rate = 0.05;
const drop = 0.1;

/** A thousandth of the answers is of a segment of its own; risky answers are more often bad. */
const segments: Record<string, { share: number; riskyShare: number; mean: number }> = {
  orders: { share: 0.6, riskyShare: 0.08, mean: 0.92 },
  billing: { share: 0.399, riskyShare: 0.1, mean: 0.92 },
  legal: { share: 0.001, riskyShare: 0.1, mean: 0.7 },
};
const worseIfRisky = 0.3;
const perDay = answersPerWindow * windowsPerDay;

export const policies: Record<"strata" | "uniform", SamplingPolicy> = {
  strata: stratify(
    Object.fromEntries(
      Object.entries(segments).map(([name, { share, riskyShare }]) => [
        name,
        { quiet: share * (1 - riskyShare) * perDay, risky: share * riskyShare * perDay },
      ]),
    ),
    perDay,
    rate,
  ),
  uniform: uniformPolicy(rate),
};

/** Alarms for the grades in a month in which nothing changes, and how many answers were judged until a drop of 0.1 was found after it. */
export type WatchedMonth = { falseAlarms: number; judgedUntilFound: number };

/** The product's monitor over pass/fail grades of answers that a policy chooses, with a baseline that was chosen likewise. */
export function watchMonth(chance: Chance, policy: SamplingPolicy): WatchedMonth {
  const first = startMs - baselineDays * dayMs;
  const records = Array.from({ length: baselineDays * windowsPerDay }, (_, n) => draw(chance, first + n * windowMs, policy, 0));
  const source = { endpoint, madeFrom: "simulation", judgeVersion: null, system: null, records, anchors: [] };
  const baseline = freezeBaseline(source, settings, iso(startMs));
  const isOfGrades = ({ rule }: { rule: string }) => rule.startsWith("judged/");
  let state = startMonitor(endpoint, baseline);
  let falseAlarms = 0;
  let judgedUntilFound = 0;
  for (let n = 0; ; n++) {
    const isSound = n < soundDays * windowsPerDay;
    const record = draw(chance, startMs + n * windowMs, policy, isSound ? 0 : drop);
    const folded = foldWindow(state, { window: record.window, records: [record], late: [] }, baseline, settings);
    const found = folded.alarms.some(isOfGrades);
    // Somebody looks, finds nothing, and the detector starts anew.
    state = isSound && found ? startMonitor(endpoint, baseline) : folded.state;
    if (isSound) {
      if (found) falseAlarms++;
      continue;
    }
    judgedUntilFound += record.rows.length;
    if (found) return { falseAlarms, judgedUntilFound };
  }
}

function draw(chance: Chance, atMs: number, policy: SamplingPolicy, worse: number): WindowRecord {
  const window = iso(atMs);
  const summary = emptySummary();
  const rows: WindowRecord["rows"] = [];
  for (const [segment, { share, riskyShare, mean }] of Object.entries(segments)) {
    const answers = poisson(chance, answersPerWindow * share);
    if (answers > 0) summary.segments[segment] = answers;
    summary.counts.answered += answers;
    summary.counts.captured += answers;
    for (let i = 0; i < answers; i++) {
      const band: Band = chance() < riskyShare ? "risky" : "quiet";
      const isGood = chance() < mean - worse - (band === "risky" ? worseIfRisky : 0);
      const pi = piOf(policy, segment, band);
      if (chance() < pi)
        rows.push({ eventId: `${segment}${i}`, time: window, segment, pi, f: {}, scores: {}, y: { quality: isGood ? 1 : 0 } });
    }
  }
  if (summary.counts.answered > 0) summary.piMin = policy.piRef;
  return { window, endpoint, variant, summary, rows, failed: [], pending: [], piRef: summary.piMin };
}
