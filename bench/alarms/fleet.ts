import type { Baseline } from "../../shared/monitoring/baseline.ts";
import { closeFinding, conclude } from "../../shared/monitoring/conclude.ts";
import { freezeBaseline } from "../../shared/monitoring/freezeBaseline.ts";
import { foldAnchors, foldWindow, startMonitor } from "../../shared/monitoring/monitor.ts";
import type { Alarm, MonitorState } from "../../shared/monitoring/monitorState.ts";
import { dayMs } from "../../shared/monitoring/rules.ts";
import { emptySummary } from "../../shared/monitoring/summary.ts";
import type { JudgedRow, WindowRecord } from "../../shared/monitoring/windowRecord.ts";
import { iso, windowMs } from "../../shared/monitoring/windows.ts";
import { type Chance, poisson } from "../chance.ts";
import { drawReading } from "../traffic.ts";
import { watchedFleet } from "../watched.ts";
import { drawBooks } from "./books.ts";

const endpoint = "support-chat";
export const variants = ["stable", "candidate"];
export const windowsPerDay = dayMs / windowMs;
export const startMs = Date.parse("2026-11-02T00:00:00Z");
const baselineDays = 7;

export const settings = watchedFleet(endpoint, variants);

/** What a variant's answers are like at a moment. */
export type Now = {
  mean: number;
  shares: Record<string, number>;
  /** Answers of a conversation, all good or all bad alike; 1: each for itself. */
  together: number;
};
/** Everything that varies, of one run. */
export type World = (atMs: number, variant: string) => Now;

export const soundMean = 0.9;
export const sound: Now = { mean: soundMean, shares: { orders: 0.5, billing: 0.3, returns: 0.2 }, together: 1 };
/** 250 requests an hour and variant, of which 50 are judged. */
const answersPerWindow = 62.5;
const judgedPi = 0.2;
export const judgedPerWindow = answersPerWindow * judgedPi;
/** Of the judgements. */
const failedShare = 0.01;
/** In a baseline of 2,000 judged answers 6 an hour, both variants together a week; in a dense one as many as later. */
export const baselinePi = { thin: 0.024, dense: judgedPi };

export type Monitored = { state: MonitorState; baseline: Baseline };

/** A monitor whose baseline was measured in a week of the world before the first day. */
export function frozenMonitor(chance: Chance, world: World, pi: number): Monitored {
  const records = Array.from({ length: baselineDays * windowsPerDay }, (_, n) =>
    drawAll(chance, startMs - baselineDays * dayMs + n * windowMs, world, pi),
  ).flat();
  const source = { endpoint, madeFrom: "simulation", judgeVersion: null, system: null, records, anchors: [] };
  const baseline = freezeBaseline(source, settings, iso(startMs));
  return { state: startMonitor(endpoint, baseline), baseline };
}

/** Folds the next window, the anchors before it where a day begins, as the drift workflow does. */
export function foldNext(
  { state, baseline }: Monitored,
  chance: Chance,
  atMs: number,
  world: World,
): { monitored: Monitored; records: WindowRecord[]; alarms: Alarm[] } {
  const read = atMs % dayMs === 0 ? foldAnchors(state, drawReading(chance, atMs, 0), baseline, settings) : { state, alarms: [] };
  const records = drawAll(chance, atMs, world, judgedPi);
  const folded = foldWindow(read.state, { window: iso(atMs), records, late: [] }, baseline, settings);
  return { monitored: { state: folded.state, baseline }, records, alarms: [...read.alarms, ...folded.alarms] };
}

/** Someone looks at each alarm, finds nothing and closes it; the rule goes on. */
export function dismissAll({ state, baseline }: Monitored, chance: Chance, nowMs: number): Monitored {
  if (state.waiting.length === 0 && state.findings.length === 0) return { state, baseline };
  const read = foldAnchors(state, drawReading(chance, nowMs, 0), baseline, settings);
  let closed = conclude(read.state, baseline, settings, nowMs).state;
  for (const { finding } of closed.findings) closed = closeFinding(closed, finding.id, "nothing was found", nowMs).state;
  return { state: closed, baseline };
}

function drawAll(chance: Chance, atMs: number, world: World, chosen: number): WindowRecord[] {
  return variants.map((variant) => draw(chance, atMs, variant, world(atMs, variant), chosen));
}

/** One window of one variant, as its books and judgements would be: pass/fail grades, no texts. */
function draw(chance: Chance, atMs: number, variant: string, { mean, shares, together }: Now, chosen: number): WindowRecord {
  const window = iso(atMs);
  const summary = emptySummary();
  const rows: JudgedRow[] = [];
  for (const [segment, share] of Object.entries(shares)) {
    let answered = 0;
    const conversations = poisson(chance, (answersPerWindow * share) / together);
    for (let c = 0; c < conversations; c++) {
      const y = chance() < mean ? 1 : 0;
      for (let k = 0; k < together; k++) {
        if (chance() < chosen) {
          const eventId = `${segment}${answered}`;
          const row = { eventId, time: window, segment, pi: chosen, f: {}, scores: {}, y: { quality: y } };
          rows.push(together === 1 ? row : { ...row, conversation: `${segment}${c}` });
        }
        answered++;
      }
    }
    if (answered > 0) summary.segments[segment] = answered;
    summary.counts.answered += answered;
    summary.counts.captured += answered;
  }
  if (summary.counts.answered > 0) summary.piMin = chosen;
  drawBooks(chance, summary);
  const failed: WindowRecord["failed"] = Array.from({ length: poisson(chance, failedShare * rows.length) }, (_, i) => ({
    ...{ eventId: `failed${i}`, pi: chosen, segment: "orders", f: {} },
    status: "failed",
  }));
  return { window, endpoint, variant, summary, rows, failed, pending: [], piRef: summary.piMin };
}
