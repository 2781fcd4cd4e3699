import Table from "cli-table3";
import type { Baseline } from "../../shared/monitoring/baseline.ts";
import type { BaselineDifference } from "../../shared/monitoring/baselineDifference.ts";

/** What is worth knowing of a baseline without reading its numbers. */
export function outline({ version, endpoint, status, span, criteria, anchors, limits, selfTest, ...rest }: Baseline) {
  const judged = Object.entries(criteria).map(([name, { mu0, se0, sums }]) => [
    name,
    { mean: mu0, se: se0, judged: sums.moments.plain.a },
  ]);
  return {
    endpoint,
    version,
    status,
    approvedBy: rest.approvedBy ?? null,
    why: rest.why ?? null,
    retired: rest.retired ?? null,
    madeFrom: rest.madeFrom,
    judgeVersion: rest.judgeVersion,
    system: rest.system,
    span,
    criteria: Object.fromEntries(judged),
    anchors: anchors.length,
    limits,
    selfTest,
  };
}

/** @param where it is kept: a file, or a stack */
export function asText(baseline: Baseline, where: string): string {
  const { endpoint, version, span, criteria, anchors, limits, selfTest } = baseline;
  const means = Object.entries(criteria).map(
    ([name, { mu0, se0, sums }]) =>
      `${name}: ${mu0.toFixed(3)} ± ${(1.96 * se0).toFixed(3)} from ${sums.moments.plain.a} judged answers`,
  );
  return [
    `Baseline ${version} of ${endpoint}, ${span.from} to ${span.to}, with ${anchors.length} anchors: ${where}`,
    ...means,
    ...limits.map(({ signal, because }) => `Not watched in full, ${signal}: ${because}`),
    ...selfTest.map(
      ({ variant, criterion, window }) =>
        `Its own days differ: ${criterion} of ${variant} alarms at ${window}. Raise quality.tolerance, or leave that day out.`,
    ),
    "",
  ].join("\n");
}

/** What moved from one baseline to another, in sentences. */
export function asDifference(a: Baseline, b: Baseline, { notAlike, criteria, segments, anchors }: BaselineDifference): string {
  const moved = segments.filter(({ before, after }) => Math.abs(after - before) >= 0.01);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    `From baseline ${a.version} (${a.madeFrom}) to ${b.version} (${b.madeFrom}):`,
    ...(notAlike.length === 0 ? [] : [`They are not alike: another ${notAlike.join(", ")}.`]),
    ...Object.entries(criteria).map(([name, mean]) =>
      mean === null
        ? `${name}: not judged enough in both`
        : `${name}: ${signed(mean.difference)} (${signed(mean.lower)} to ${signed(mean.upper)})`,
    ),
    ...moved.map(({ segment, before, after }) => `${segment}: ${percent(before)} of the answers, then ${percent(after)}`),
    `anchors: ${anchors.before}, then ${anchors.after}`,
    "",
  ].join("\n");
}

function signed(points: number): string {
  return `${points > 0 ? "+" : ""}${points.toFixed(3)}`;
}

type Listed = { where: string; baseline: Baseline };

export function asLines(listed: readonly Listed[]): string {
  return listed.map(({ where, baseline }) => `${JSON.stringify({ where, ...outline(baseline) })}\n`).join("");
}

export function asTable(listed: readonly Listed[]): string {
  const table = new Table({
    head: ["where", "endpoint", "version", "status", "from", "to", "not in full"],
    style: { head: [], border: [] },
  });
  for (const { where, baseline } of listed) {
    const { endpoint, version, status, span, limits } = baseline;
    table.push([where, endpoint, version, status, span.from, span.to, limits.map(({ signal }) => signal).join(", ")]);
  }
  return `${table.toString()}\n`;
}
