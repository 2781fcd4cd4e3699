import type { MonitorFinding } from "./finding.ts";

/**
 * A finding in words, the same wherever it is told: what is wrong and why that is thought, since when, how much, in which segments, and
 * where its worst answers stand. Names, ids and figures only: no captured text.
 */
export function findingText({
  endpoint,
  cause,
  since,
  because,
  size,
  lower,
  upper,
  thetaAtAlarm,
  segments = [],
  examples = [],
}: Omit<MonitorFinding, "status">): string {
  // Of a baseline to be revised there is no size.
  const figures = cause === "baseline" ? "" : ` (${signed(size)}, ${signed(lower)} to ${signed(upper)})`;
  const moved = segments.map(({ segment, size: by }) => `${segment} ${signed(by)}`).join(", ");
  const worst = examples.map(({ eventId, source }) =>
    source === null ? eventId : `${eventId} at s3://${source.bucket}/${source.key} byte ${source.offset}`,
  );
  return [
    `${endpoint}: ${cause.replace("_", " ")}, since ${since}: ${because}${figures}.`,
    ...(moved === "" ? [] : [`${thetaAtAlarm === null ? "Shares" : "Segments"} that moved by themselves: ${moved}.`]),
    ...(worst.length === 0 ? [] : [`Worst answers: ${worst.join("; ")}.`]),
  ].join(" ");
}

function signed(points: number): string {
  return `${points > 0 ? "+" : ""}${points.toFixed(3)}`;
}
