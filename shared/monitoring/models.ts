import type { MonitorState } from "./monitorState.ts";
import { iso } from "./windows.ts";

/** Whether a variant serves the model that its baseline was made of, and since when that was seen so (ISO). */
export type ModelSeen = { alike: boolean; since: string };

/**
 * Takes in which models an endpoint serves now. A variant that the baseline does not know is held against the others, so nothing is noted of
 * it.
 * @param known  variant → model, of the baseline; `null`: it does not say
 * @param models variant → model, now; `null`: nobody asked, or nobody knows
 */
export function seeModels(
  state: MonitorState,
  known: Readonly<Record<string, string>> | null,
  models: Readonly<Record<string, string>> | null,
  nowMs: number,
): MonitorState {
  if (known === null || models === null) return state;
  const changed = Object.keys(models).flatMap((variant) => {
    if (!Object.hasOwn(known, variant)) return [];
    const alike = known[variant] === models[variant];
    return alike === (state.models[variant]?.alike ?? true) ? [] : [[variant, { alike, since: iso(nowMs) }] as const];
  });
  if (changed.length === 0) return state;
  return { ...state, version: state.version + 1, models: { ...state.models, ...Object.fromEntries(changed) } };
}

/**
 * The variants whose answers of a window may be another model's than the baseline's, so that nobody compares them with it. A change is seen
 * up to a window after it happened.
 */
export function apartIn({ models }: MonitorState, window: string, windowMs: number): string[] {
  const startMs = Date.parse(window);
  return Object.keys(models)
    .filter((variant) => {
      const { alike, since } = models[variant]!; // it is one of its keys
      const sinceMs = Date.parse(since);
      return alike ? startMs < sinceMs : startMs + windowMs > sinceMs - windowMs;
    })
    .sort();
}
