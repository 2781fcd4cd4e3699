/** 15 minutes: long enough for a share of some dozen answers to mean something, short enough to act on. */
export const windowMs = 15 * 60_000;

/** The window in which a moment lies, by its start: ISO 8601, UTC, to the second ("2026-03-02T09:30:00Z"). */
export function windowOf(timeMs: number, lengthMs = windowMs): string {
  return iso(Math.floor(timeMs / lengthMs) * lengthMs);
}

/** The window that begins next after a moment. */
export function windowAfter(timeMs: number): string {
  return windowOf(timeMs + windowMs);
}

/** An hour is what requests and captures are compared by. */
export const hourMs = 3_600_000;

/** The hour (UTC) in which a moment lies, by its start. */
export function hourOf(timeMs: number): string {
  return windowOf(timeMs, hourMs);
}

/** ISO 8601, UTC, to the second, as SageMaker writes its own times. */
export function iso(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
