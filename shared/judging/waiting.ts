import { unitHash } from "../sampling/poisson.ts";

/** How long a task waits for its judge by now: since when (ISO), and how often it was put back. */
export type Waiting = { since: string; times: number };

/** A judge that is away for longer is not coming back; the monitor has folded the window long since. */
const longestWaitMs = 4 * 24 * 3_600_000;
const firstDelaySeconds = 15;
/** The longest that SQS delays a message. */
const longestDelaySeconds = 900;

/**
 * How much longer a task waits for a judge that does not take calls: twice as long each time, and spread by its id, so that not all come
 * back in the same second.
 * @param before what the task's message says of its waiting so far; `undefined` the first time
 * @returns what its next message says, and the delay, 8 to 900 s; `null` after four days: it has waited long enough
 */
export function waitLonger(
  eventId: string,
  before: Waiting | undefined,
  now: { iso: string; ms: number },
): { waiting: Waiting; delaySeconds: number } | null {
  const { since, times } = before ?? { since: now.iso, times: 0 };
  if (now.ms - Date.parse(since) >= longestWaitMs) return null;
  const longest = Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** times);
  const delaySeconds = Math.ceil(longest * (0.5 + unitHash(`assay:wait:v1:${times}`, eventId) / 2));
  return { waiting: { since, times: times + 1 }, delaySeconds };
}
