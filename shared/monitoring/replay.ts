import type { AnchorReading } from "./anchors.ts";
import type { Baseline } from "./baseline.ts";
import { closeFinding, conclude } from "./conclude.ts";
import type { MonitorFinding } from "./finding.ts";
import { foldSound } from "./foldSound.ts";
import { foldAnchors, startMonitor } from "./monitor.ts";
import type { MonitorState, WindowFold } from "./monitorState.ts";
import type { MonitorSettings } from "./rules.ts";

/** Something that a monitor took in, and when. */
export type PastEvent = { atMs: number } & (
  | { fold: WindowFold }
  | { reading: AnchorReading }
  | { closed: Pick<MonitorFinding, "id" | "because"> }
);

/**
 * Rebuilds a monitor from what it took in since its baseline was approved: the windows as they were folded, readings of the anchors,
 * and findings that others closed. The same events give the same state; only its `version` is what the number of changes makes it.
 * What a run of the drift workflow took in is concluded at its end, as the run did.
 * @param events in order of time
 * @param settings as they were then; with others, it is the state that these would have led to
 */
export async function replay(
  endpoint: string,
  events: AsyncIterable<PastEvent>,
  baseline: Baseline,
  settings: MonitorSettings,
): Promise<MonitorState> {
  let state = startMonitor(endpoint, baseline);
  let last: PastEvent | null = null;
  const concludeUpTo = (next: PastEvent | null) => {
    if (last === null || (next !== null && isOfSameRun(last, next, settings))) return;
    const concluded = conclude(state, baseline, settings, last.atMs);
    state = { ...concluded.state, ended: [] }; // remediation was told of them in that run
  };
  for await (const event of events) {
    concludeUpTo(event);
    state = apply(state, event, baseline, settings);
    last = event;
  }
  concludeUpTo(null);
  return state;
}

function apply(state: MonitorState, event: PastEvent, baseline: Baseline, settings: MonitorSettings): MonitorState {
  if ("fold" in event) return foldSound(state, event.fold, baseline, settings).state;
  if ("reading" in event) return foldAnchors(state, event.reading, baseline, settings).state;
  return closeFinding(state, event.closed.id, event.closed.because, event.atMs).state;
}

/** A run folds windows, some at a time, and then reads the anchors; the next one comes a window later. */
function isOfSameRun(before: PastEvent, next: PastEvent, { windowMs }: MonitorSettings): boolean {
  return "fold" in before && !("closed" in next) && next.atMs - before.atMs < windowMs / 2;
}
