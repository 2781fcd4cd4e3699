/**
 * How fast a judge is asked, from how it took what it was asked before: additive increase, multiplicative decrease, as TCP shares a line
 * it knows nothing of; and a pause where it takes nothing at all, after which one call tries whether it is back.
 */
export type Pace = {
  /** How many calls at once, whole and in part. */
  limit: number;
  inFlight: number;
  /** Calls in a row that it did not take. */
  failures: number;
  /** When the limit was last lowered, epoch milliseconds. */
  loweredAtMs: number;
  /** Nothing is asked before; one call is, from then on. `null`: it takes calls. */
  pausedUntilMs: number | null;
  /** Pauses in a row, each twice as long as the one before. */
  pauses: number;
};

/** As a judge of its own takes without notice; it is doubled within thirty answers where there is room. */
const firstLimit = 5;
/** A function has ten messages at a time. */
const mostAtOnce = 10;
/** Five in a row: with one call in two refused, a busy judge does that by chance once in 32 calls, a dead one at once. */
const failuresToPause = 5;
const firstPauseMs = 30_000;
/** A judge that is back is noticed within this, and one that is not costs a call in it. */
const longestPauseMs = 300_000;

export const firstPace: Pace = {
  limit: firstLimit,
  inFlight: 0,
  failures: 0,
  loweredAtMs: Number.NEGATIVE_INFINITY,
  pausedUntilMs: null,
  pauses: 0,
};

/** Whether one more call may be made now, once another has ended, or not before a pause is over. */
export function admission(pace: Pace, nowMs: number): "now" | "full" | "paused" {
  if (pace.pausedUntilMs === null) return pace.inFlight < Math.floor(pace.limit) ? "now" : "full";
  if (nowMs < pace.pausedUntilMs) return "paused";
  return pace.inFlight === 0 ? "now" : "full";
}

export const begun = (pace: Pace): Pace => ({ ...pace, inFlight: pace.inFlight + 1 });

/**
 * The pace after a call.
 * @param took `taken`: it answered, whatever it said; `refused`: it was overloaded or could not be reached; `unasked`: it was not needed
 * @param begunAtMs when the call began
 */
export function ended(pace: Pace, took: "taken" | "refused" | "unasked", begunAtMs: number, nowMs: number): Pace {
  const less = { ...pace, inFlight: pace.inFlight - 1 };
  switch (took) {
    case "unasked":
      return less;
    case "taken":
      return {
        ...less,
        limit: Math.min(mostAtOnce, pace.limit + 1 / Math.floor(pace.limit)),
        failures: 0,
        pausedUntilMs: null,
        pauses: 0,
      };
    case "refused": {
      const failures = pace.failures + 1;
      // What began before the limit was lowered says nothing of the lower limit.
      const lowered = begunAtMs < pace.loweredAtMs ? less : { ...less, limit: Math.max(1, pace.limit / 2), loweredAtMs: nowMs };
      const isPaused = pace.pausedUntilMs !== null && nowMs < pace.pausedUntilMs;
      if (isPaused || failures < failuresToPause) return { ...lowered, failures };
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** pace.pauses);
      return { ...lowered, failures, pausedUntilMs: nowMs + pauseMs, pauses: pace.pauses + 1 };
    }
  }
}
