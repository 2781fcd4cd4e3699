import { type FoldedWindow, gatherWindow, readFoldedWindow } from "../../shared/aws/foldedWindows.ts";
import { saveMonitorState } from "../../shared/aws/monitorState.ts";
import { firstOpenWindow, windowsWithCaptures } from "../../shared/aws/openClaims.ts";
import { foldSound } from "../../shared/monitoring/foldSound.ts";
import { apartIn } from "../../shared/monitoring/models.ts";
import { anchorsDue } from "../../shared/monitoring/monitor.ts";
import type { MonitorState } from "../../shared/monitoring/monitorState.ts";
import { newestWindows, windowsBefore, windowsBetween } from "../../shared/monitoring/readiness.ts";
import { variantInKey } from "../../shared/monitoring/resultKeys.ts";
import { iso, windowAfter, windowOf } from "../../shared/monitoring/windows.ts";
import { type DriftDeps, monitorOf, type Watch, watch } from "./watch.ts";

/**
 * What was folded. `more`: windows are left, call again. `anchorsDue`: the judge is to grade the anchors again. `failed`: variants whose
 * numbers in some of these windows are impossible, and were left out, and those of objects that could not be read. `unread`: their keys.
 */
export type Folded = {
  endpoint: string;
  folded: number;
  more: boolean;
  anchorsDue: boolean;
  failed: string[];
  unread: string[];
};

/** A busy window takes seconds, of the minutes that the function has. What a call did not reach, the next one does. */
const windowsPerCall = 24;

/**
 * Folds what is ready of an endpoint, window after window. Safe to repeat after a crash anywhere, and for two at once: what a fold
 * consists of is kept before it is folded, and each window's fold is one conditional write. With an outdated baseline nothing is folded:
 * what it would be compared with means something else.
 * @throws NotWatched, and what AWS says
 */
export async function foldReadyWindows({ endpoint }: { endpoint: string }, deps: DriftDeps): Promise<Folded> {
  const watched = await watch(endpoint, deps);
  if (watched.outdated !== null) return { endpoint, folded: 0, more: false, anchorsDue: false, failed: [], unread: [] };
  let state = await monitorOf(watched, deps);
  let { windows, captured } = await readyWindows(watched, state, deps);
  let before: FoldedWindow | null = null;
  let folded = 0;
  const failed = new Set<string>();
  const unread: string[] = [];
  const startedAt = iso(deps.nowMs());
  while (windows.length > 0 && folded < windowsPerCall) {
    const window = windows.shift()!; // the loop's condition
    before = before ?? (state.lastWindow === null ? null : await readFoldedWindow(deps, endpoint, state.lastWindow));
    const apart = apartIn(state, window, watched.settings.windowMs);
    const gathered = await gatherWindow(deps, { ...watched, window, apart }, before, captured, startedAt);
    const { state: next, failed: left } = foldSound(state, gathered, watched.baseline, watched.settings);
    unread.push(...(gathered.unread ?? []));
    for (const variant of [...left, ...(gathered.unread ?? []).map(variantInKey)]) failed.add(variant);
    folded++;
    if (await saveMonitorState(deps.table, next, [], deps.nowMs())) {
      state = next;
      before = gathered;
    } else {
      // Another run was faster. It folded the same; what it left is ours.
      state = await monitorOf(watched, deps);
      ({ windows, captured } = await readyWindows(watched, state, deps));
      before = null;
    }
  }
  const due = anchorsDue(state, watched.baseline, deps.nowMs());
  return { endpoint, folded, more: windows.length > 0, anchorsDue: due, failed: [...failed].sort(), unread };
}

/** The windows to fold now, in order of time, and those of them and before them in which something may have been captured. */
async function readyWindows(
  { endpoint, approvedAt }: Watch,
  { lastWindow }: MonitorState,
  { table, nowMs }: DriftDeps,
): Promise<{ windows: string[]; captured: Set<string> }> {
  const newest = newestWindows(nowMs());
  const begin = lastWindow === null ? windowOf(Date.parse(approvedAt)) : windowAfter(Date.parse(lastWindow));
  const from = lastWindow === null ? begin : windowsBefore(begin)[0]!; // there are eight before it
  const captured = await windowsWithCaptures(table, endpoint, from, newest.settled);
  // The monitor begins with the first window that has something in it.
  const first = lastWindow === null ? captured[0] : begin;
  if (first === undefined || first > newest.settled) return { windows: [], captured: new Set() };
  const firstOpen = await firstOpenWindow(table, endpoint, newest.overdue, newest.settled);
  return { windows: windowsBetween(first, newest, firstOpen), captured: new Set(captured) };
}
