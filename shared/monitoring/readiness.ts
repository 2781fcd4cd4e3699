import { windowMs, windowOf } from "./windows.ts";

/** A window is folded one window after its end, when its judgements are there as a rule. */
const settledAfterMs = windowMs;
/** Whatever is still open, nobody waits longer: what comes later counts as late. */
const overdueAfterMs = 4 * windowMs;
/** So many windows back, judgements that came late are looked for (two hours, with windows of 15 minutes). */
const lateWindows = 8;

/** The newest window that may be folded at `nowMs` if nothing of it is open, and the newest that is folded whatever is open; ISO. */
export function newestWindows(nowMs: number): { settled: string; overdue: string } {
  return { settled: windowOf(nowMs - settledAfterMs - windowMs), overdue: windowOf(nowMs - overdueAfterMs - windowMs) };
}

/**
 * Windows to be folded, in order of time, each in its turn: one that waits makes those after it wait.
 * @param first     the first to be folded, ISO
 * @param firstOpen the first window later than the newest overdue one of which a claim is open; `null` without any
 */
export function windowsBetween(
  first: string,
  { settled, overdue }: { settled: string; overdue: string },
  firstOpen: string | null,
): string[] {
  const windows: string[] = [];
  for (let ms = Date.parse(first); ms <= Date.parse(settled); ms += windowMs) {
    const window = windowOf(ms);
    if (firstOpen !== null && window >= firstOpen && window > overdue) break;
    windows.push(window);
  }
  return windows;
}

/** The windows before one of which judgements may still come, in order of time. */
export function windowsBefore(window: string): string[] {
  return Array.from({ length: lateWindows }, (_, i) => windowOf(Date.parse(window) - (lateWindows - i) * windowMs));
}
