import type { AnchorReading } from "./anchors.ts";
import type { Baseline } from "./baseline.ts";
import { conclude, concludeAll } from "./conclude.ts";
import type { MonitorFinding } from "./finding.ts";
import { foldAnchors, foldWindow, startMonitor } from "./monitor.ts";
import type { MonitorState, SignalLine } from "./monitorState.ts";
import type { MonitorSettings } from "./rules.ts";
import { linesOf } from "./signalLines.ts";
import type { WindowRecord } from "./windowRecord.ts";

export type StreamEvent = { atMs: number } & ({ line: SignalLine } | { finding: MonitorFinding });

/**
 * Monitors a recorded stream of one endpoint, as the service would have: windows in order of time, each reading of the anchors
 * before the window that ends after it. A finding is told once its cause is decided, or when no later reading can decide it.
 * @param records  in order of time
 * @param readings in order of time
 */
export function* monitorStream(
  endpoint: string,
  records: readonly WindowRecord[],
  readings: readonly AnchorReading[],
  baseline: Baseline,
  settings: MonitorSettings,
): Generator<StreamEvent> {
  let state = startMonitor(endpoint, baseline);
  const unread = [...readings];
  const told = new Map<string, MonitorFinding["cause"]>();
  function* tell(findings: readonly MonitorFinding[], atMs: number): Generator<StreamEvent> {
    for (const finding of findings) {
      const open = finding.status === "open" && !(finding.cause === "undecided" && unread.length > 0);
      if (!open || told.get(finding.id) === finding.cause) continue;
      told.set(finding.id, finding.cause);
      yield { atMs, finding };
    }
  }
  function* proceed(next: MonitorState, atMs: number): Generator<StreamEvent> {
    const concluded = (unread.length > 0 ? conclude : concludeAll)(next, baseline, settings, atMs);
    state = concluded.state;
    yield* tell(concluded.findings, atMs);
  }
  function* readUntil(ms: number): Generator<StreamEvent> {
    while (unread.length > 0 && Date.parse(unread[0]!.time) <= ms) {
      const reading = unread.shift()!;
      yield* proceed(foldAnchors(state, reading, baseline, settings).state, Date.parse(reading.time));
    }
  }

  let endMs = 0;
  for (const [window, own] of Map.groupBy(records, (record) => record.window)) {
    endMs = Date.parse(window) + settings.windowMs;
    yield* readUntil(endMs);
    const fold = { window, records: own, late: [] };
    const folded = foldWindow(state, fold, baseline, settings);
    for (const line of linesOf(folded.state, fold, baseline, settings)) yield { atMs: endMs, line };
    yield* proceed(folded.state, endMs);
  }
  yield* readUntil(Number.POSITIVE_INFINITY);
  yield* tell(
    state.findings.map(({ finding }) => finding),
    endMs,
  );
}
