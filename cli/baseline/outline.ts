import Table from "cli-table3";
import type { Baseline } from "../../shared/monitoring/baseline.ts";

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
