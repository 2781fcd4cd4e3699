import type { MonitorFinding } from "../monitoring/finding.ts";

/** The variants that open findings of the monitor say are worse than their baseline. A rise is none of these. */
export function worseVariants(findings: readonly MonitorFinding[]): Set<string> {
  const worse = findings.filter(({ status, cause, size }) => status === "open" && cause === "model" && size < 0);
  return new Set(worse.flatMap(({ variant }) => variant ?? []));
}
