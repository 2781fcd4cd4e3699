import { chanceFrom } from "../../../bench/chance.ts";
import { drawReading, drawWindow, type VariantTraffic } from "../../../bench/traffic.ts";
import type { ReadAnchor } from "../../../shared/monitoring/anchors.ts";
import type { Baseline } from "../../../shared/monitoring/baseline.ts";
import { conclude } from "../../../shared/monitoring/conclude.ts";
import type { MonitorFinding } from "../../../shared/monitoring/finding.ts";
import { freezeBaseline } from "../../../shared/monitoring/freezeBaseline.ts";
import { anchorsDue, foldAnchors, foldWindow, startMonitor } from "../../../shared/monitoring/monitor.ts";
import type { MonitorState, SignalLine } from "../../../shared/monitoring/monitorState.ts";
import { countRules, dayMs, type MonitorSettings } from "../../../shared/monitoring/rules.ts";
import { linesOf } from "../../../shared/monitoring/signalLines.ts";
import type { WindowRecord } from "../../../shared/monitoring/windowRecord.ts";
import { iso, windowMs } from "../../../shared/monitoring/windows.ts";

export const endpoint = "support-chat";
export const startMs = Date.parse("2026-11-02T00:00:00Z");
const watched = { variants: ["stable", "candidate"], criteria: ["quality"], signals: ["input-mix"] };
export const settings: MonitorSettings = {
  ...watched,
  windowMs,
  tolerance: 0.02,
  fold: "window",
  falseAlarms: { count: 1, days: 90 },
  fleetRules: countRules([watched]),
};

export type Segments = VariantTraffic["segments"];
export const sound: Segments = {
  orders: { share: 0.5, mean: 0.9 },
  billing: { share: 0.3, mean: 0.94 },
  returns: { share: 0.2, mean: 0.88 },
};
/** The same questions, answered better or worse; a judge that moved grades everything so. */
export const graded = (segments: Segments, by: number): Segments =>
  Object.fromEntries(Object.entries(segments).map(([name, { share, mean }]) => [name, { share, mean: mean + by }]));

const anchorsOfBaseline: ReadAnchor[] = drawReading(chanceFrom(7), startMs, 0).anchors.map(({ id, stored, grades }) => ({
  id,
  prompt: "May I return shoes?",
  completion: "Yes, within 30 days.",
  readings: [stored, stored, stored, grades],
}));

/** Three sound days, both variants. */
export function soundDays(seed: number, pi = 0.2): WindowRecord[] {
  const chance = chanceFrom(seed);
  return Array.from({ length: (3 * dayMs) / windowMs }, (_, n) => n).flatMap((n) =>
    settings.variants.map((variant) =>
      drawWindow(
        chance,
        { startMs: startMs - 3 * dayMs + n * windowMs, endpoint, variant },
        { requestsPerHour: 200, pi, segments: sound },
      ),
    ),
  );
}

export function freeze(records: readonly WindowRecord[], anchors = anchorsOfBaseline): Baseline {
  return freezeBaseline(
    { endpoint, madeFrom: "a test", judgeVersion: "j1", system: null, records, anchors },
    settings,
    iso(startMs),
  );
}

/** Folds a window, with what is known of each signal after it. */
export function foldAndTell(...[state, fold, by, watched]: Parameters<typeof foldWindow>) {
  const folded = foldWindow(state, fold, by, watched);
  return { ...folded, lines: linesOf(folded.state, fold, by, watched) };
}

/** What happens from some hour on. */
export type Event = { atHour: number; variants?: Partial<Record<string, Segments>>; judge?: number };
export type Played = { state: MonitorState; findings: MonitorFinding[]; lines: SignalLine[] };

/** Plays some hours as the drift workflow does: fold, read the anchors when due, conclude. */
export function play(baseline: Baseline, hours: number, { atHour, variants = {}, judge = 0 }: Event, seed = 1): Played {
  const chance = chanceFrom(seed);
  let state = startMonitor(endpoint, baseline);
  const findings = new Map<string, MonitorFinding>();
  const lines: SignalLine[] = [];
  const step = (next: MonitorState, nowMs: number) => {
    const concluded = conclude(next, baseline, settings, nowMs);
    state = concluded.state;
    for (const finding of concluded.findings) findings.set(finding.id, finding);
  };
  for (let n = 0; n < hours * 4; n++) {
    const atMs = startMs + n * windowMs;
    const happens = n / 4 >= atHour;
    const records = settings.variants.map((variant) => {
      const segments = graded((happens && variants[variant]) || sound, happens ? judge : 0);
      return drawWindow(chance, { startMs: atMs, endpoint, variant }, { requestsPerHour: 200, pi: 0.2, segments });
    });
    const folded = foldAndTell(state, { window: iso(atMs), records, late: [] }, baseline, settings);
    lines.push(...folded.lines);
    step(folded.state, atMs + windowMs);
    if (anchorsDue(state, baseline, atMs + windowMs))
      step(
        foldAnchors(state, drawReading(chance, atMs + windowMs, happens ? judge : 0), baseline, settings).state,
        atMs + windowMs,
      );
  }
  return { state, findings: [...findings.values()], lines };
}
