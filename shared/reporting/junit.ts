import type { GateVerdict } from "../evaluation/gates.ts";
import type { EvaluationResult } from "../evaluation/result.ts";
import { besideSentences } from "./evaluationFacts.ts";

/**
 * An evaluation as JUnit XML: a test case for each gate and target, which CI systems show and count. A gate of which nothing can be said is an
 * error, not a pass.
 */
export function evaluationJunit(
  { id, endpoint, concludedAt, ...result }: EvaluationResult,
  gates: readonly GateVerdict[],
): string {
  const count = (of: GateVerdict["outcome"]) => gates.filter(({ outcome }) => outcome === of).length;
  const counts = `tests="${gates.length}" failures="${count("failed")}" errors="${count("unknown")}"`;
  const cases = gates.map(({ gate, outcome, because }) => {
    const open = `    <testcase classname="${escaped(`assay.${endpoint}`)}" name="${escaped(gate)}" time="0">`;
    const element = { passed: null, failed: "failure", unknown: "error" }[outcome];
    return element === null
      ? `${open}<system-out>${escaped(because)}</system-out></testcase>`
      : `${open}<${element} message="${escaped(because)}"/></testcase>`;
  });
  const said = besideSentences({ id, endpoint, concludedAt, ...result }).join("\n");
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escaped(`evaluation ${id}`)}" ${counts} timestamp="${escaped(concludedAt)}">`,
    ...cases,
    `    <system-out>${escaped(said)}</system-out>`,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

/** XML 1.0 has no place for most control characters, not even escaped. */
function escaped(text: string): string {
  const known: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\n": "&#10;" };
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to go
      .replaceAll(/[\u0000-\u0009\u000b-\u001f\ufffe\uffff]/g, " ")
      .replaceAll(/[&<>"'\n]/g, (sign) => known[sign]!)
  );
}
