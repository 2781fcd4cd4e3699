import type { MonitorFinding } from "../monitoring/finding.ts";
import { variantOfRule } from "../monitoring/rules.ts";

/**
 * The variants whose own evidence has reached its threshold, as open findings of the monitor say: each by itself, or all of them
 * together. A rise is none of these, nor is what the questions or the judge explain.
 */
export function worseVariants(findings: readonly MonitorFinding[]): Set<string> {
  const worse = findings.filter(
    ({ status, cause, size }) => status === "open" && size < 0 && (cause === "model" || cause === "model_everywhere"),
  );
  return new Set(worse.flatMap(({ rules }) => rules.flatMap((rule) => variantOfRule(rule) ?? [])));
}
