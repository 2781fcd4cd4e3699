import type { Baseline } from "./baseline.ts";
import { foldWindow } from "./monitor.ts";
import type { MonitorState, WindowFold } from "./monitorState.ts";
import type { MonitorSettings } from "./rules.ts";

/**
 * Folds a window without the variants whose numbers are impossible (a grade or weight out of its range), if there are any: one that
 * cannot be folded, at whatever attempt, does not stop the others. Pure, like `foldWindow`: a repeat leaves out the same.
 * @returns the state, and the variants that were left out of this window
 * @throws FoldRefused; RangeError where no single variant is to blame
 */
export function foldSound(
  state: MonitorState,
  fold: WindowFold,
  baseline: Baseline,
  settings: MonitorSettings,
): { state: MonitorState; failed: string[] } {
  const without = (failed: readonly string[]): WindowFold => ({
    ...fold,
    records: fold.records.filter(({ variant }) => !failed.includes(variant)),
    late: fold.late.filter(({ variant }) => !failed.includes(variant)),
  });
  try {
    return { state: foldWindow(state, fold, baseline, settings).state, failed: [] };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const variants = [...new Set([...fold.records, ...fold.late].map(({ variant }) => variant))].sort();
    const failed = variants.filter((variant) => {
      const others = variants.filter((other) => other !== variant);
      return throwsRangeError(() => foldWindow(state, without(others), baseline, settings));
    });
    if (failed.length === 0) throw error;
    return { state: foldWindow(state, without(failed), baseline, settings).state, failed };
  }
}

function throwsRangeError(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}
