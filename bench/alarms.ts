import { closeFinding, conclude } from "../shared/monitoring/conclude.ts";
import { freezeBaseline } from "../shared/monitoring/freezeBaseline.ts";
import { foldAnchors, foldWindow, startMonitor } from "../shared/monitoring/monitor.ts";
import { dayMs, type MonitorSettings, rulesOf } from "../shared/monitoring/rules.ts";
import type { WindowRecord } from "../shared/monitoring/windowRecord.ts";
import { iso, windowMs } from "../shared/monitoring/windows.ts";
import type { Bench } from "./bench.ts";
import { type Chance, chanceFrom } from "./chance.ts";
import { drawReading, drawWindow, type VariantTraffic } from "./traffic.ts";

const endpoint = "support-chat";
const variants = ["stable", "candidate"];
const startMs = Date.parse("2026-11-02T00:00:00Z");
const watched = { variants, criteria: ["quality"], segmented: true };
const settings: MonitorSettings = {
  ...watched,
  windowMs,
  tolerance: 0.02,
  falseAlarms: { count: 1, days: 90 },
  fleetRules: rulesOf(watched).length,
};
const segments = (mean: number) => ({
  orders: { share: 0.5, mean },
  billing: { share: 0.3, mean },
  returns: { share: 0.2, mean },
});
const sound: VariantTraffic = { requestsPerHour: 200, pi: 0.2, segments: segments(0.92) };
const degraded: VariantTraffic = { ...sound, segments: segments(0.47) };
const recorded: VariantTraffic = { ...sound, pi: 0.06 };
const runDays = 30;

/**
 * The fleet of the demo, one endpoint with two variants, judged by the service's own monitor: false alarms on traffic in which
 * nothing changes, with a baseline measured anew in every run, and how long the demo's drop takes to be found.
 */
export const alarms: Bench = {
  name: "alarms",
  runs: 200,
  says: "false alarms of the monitor on drift-free traffic, and the delay of the demo's drop",
  run(runs, progress) {
    let falseAlarms = 0;
    const judged: number[] = [];
    const hours: number[] = [];
    for (let run = 0; run < runs; run++) {
      progress(`run ${run + 1} of ${runs}: ${falseAlarms} false alarms so far`);
      const chance = chanceFrom(run + 1);
      const { alarms, drop } = play(chance);
      falseAlarms += alarms;
      judged.push(drop.judged);
      hours.push(drop.hours);
    }
    const { count, days } = settings.falseAlarms;
    return {
      figures: {
        falseAlarmsPer90Days: (falseAlarms * 90) / (runs * runDays),
        delayDropJudged: median(judged),
        delayDropHours: median(hours),
        runs,
      },
      references: { declared: (count * 90) / days },
    };
  },
};

/** A month in which nothing happens, then a drop of one variant until it is found. */
function play(chance: Chance): { alarms: number; drop: { judged: number; hours: number } } {
  const baselineMs = startMs - 7 * dayMs;
  const records = windowsOf(7).flatMap((n) => drawAll(chance, baselineMs + n * windowMs, () => recorded));
  const source = { endpoint, madeFrom: "simulation", judgeVersion: null, system: null, records, anchors: [] };
  const baseline = freezeBaseline(source, settings, iso(startMs));
  let state = startMonitor(endpoint, baseline);
  let alarms = 0;

  const fold = (atMs: number, traffic: (variant: string) => VariantTraffic): WindowRecord[] => {
    if (atMs % dayMs === 0) state = foldAnchors(state, drawReading(chance, atMs, 0), baseline, settings).state;
    const drawn = drawAll(chance, atMs, traffic);
    state = foldWindow(state, { window: iso(atMs), records: drawn, late: [] }, baseline, settings).state;
    return drawn;
  };
  for (const n of windowsOf(runDays)) {
    const before = state;
    fold(startMs + n * windowMs, () => sound);
    alarms += state.waiting.filter((alarm) => !before.waiting.includes(alarm)).length;
    // Someone looks at each alarm, finds nothing and closes it; the rule goes on.
    const nowMs = startMs + (n + 1) * windowMs;
    if (state.waiting.length > 0) state = foldAnchors(state, drawReading(chance, nowMs, 0), baseline, settings).state;
    state = conclude(state, baseline, settings, nowMs).state;
    for (const { finding } of state.findings) state = closeFinding(state, finding.id, "nothing was found", nowMs).state;
  }

  let judged = 0;
  const dropMs = startMs + runDays * dayMs + 13 * 3_600_000;
  for (let atMs = startMs + runDays * dayMs; atMs < dropMs; atMs += windowMs) fold(atMs, () => sound);
  for (let windows = 1; ; windows++) {
    const drawn = fold(dropMs + (windows - 1) * windowMs, (variant) => (variant === "candidate" ? degraded : sound));
    judged += drawn.find(({ variant }) => variant === "candidate")!.rows.length;
    if (state.waiting.some(({ rule }) => rule === "judged/candidate/quality"))
      return { alarms, drop: { judged, hours: (windows * windowMs) / 3_600_000 } };
  }
}

function drawAll(chance: Chance, atMs: number, traffic: (variant: string) => VariantTraffic): WindowRecord[] {
  return variants.map((variant) => drawWindow(chance, { startMs: atMs, endpoint, variant }, traffic(variant)));
}

function windowsOf(days: number): number[] {
  return Array.from({ length: (days * dayMs) / windowMs }, (_, n) => n);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
