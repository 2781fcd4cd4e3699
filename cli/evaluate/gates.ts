import { writeFile } from "node:fs/promises";
import { InvalidArgumentError } from "commander";
import { type Gate, type GateVerdict, InvalidGate, judgeGates, parseGate } from "../../shared/evaluation/gates.ts";
import type { EvaluationResult } from "../../shared/evaluation/result.ts";
import { evaluationMarkdown } from "../../shared/reporting/evaluationMarkdown.ts";
import { evaluationJunit } from "../../shared/reporting/junit.ts";
import { WrongUse } from "../exit.ts";
import { fileReason } from "../reasons.ts";

/** Reads one more --gate. */
export function gates(text: string, before: Gate[]): Gate[] {
  try {
    return [...before, parseGate(text)];
  } catch (error) {
    if (error instanceof InvalidGate) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** Reads one more --price: `TARGET=IN/OUT` in dollars per million tokens, or `TARGET=USD/h` or `USD/h*ATONCE` for its instances together. */
export function prices(text: string, before: Record<string, object>): Record<string, object> {
  const [, target, usd, other, atOnce] = /^([\w.-]{1,63})=(\d+(?:\.\d+)?)\/(h|\d+(?:\.\d+)?)(?:\*(\d{1,5}))?$/.exec(text) ?? [];
  if (target === undefined || (other !== "h" && atOnce !== undefined)) {
    throw new InvalidArgumentError(
      "It is TARGET=IN/OUT, dollars per million tokens (candidate=0.15/0.60), or TARGET=USD/h of its instances together, *N where they work on N answers at once (candidate=1.41/h*8).",
    );
  }
  const price =
    other === "h"
      ? { usdPerHour: Number(usd), ...(atOnce === undefined ? {} : { atOnce: Number(atOnce) }) }
      : { usdPerMillionInputTokens: Number(usd), usdPerMillionOutputTokens: Number(other) };
  return { ...before, [target]: price };
}

/** What a pipeline gets: files for its CI system, and each gate that does not pass with its reason, on stderr. @returns whether all pass */
export async function reportGates(
  result: EvaluationResult,
  gates: readonly Gate[],
  { junit, markdown }: { junit: string | undefined; markdown: string | undefined },
): Promise<boolean> {
  const verdicts = judgeGates(result, gates);
  if (junit !== undefined) await write(junit, evaluationJunit(result, verdicts));
  if (markdown !== undefined) await write(markdown, evaluationMarkdown(result, verdicts));
  const missed = verdicts.filter(({ outcome }) => outcome !== "passed");
  for (const verdict of missed) process.stderr.write(`assay: ${sentence(verdict)}.\n`);
  return missed.length === 0;
}

const sentence = ({ gate, outcome, because }: GateVerdict) =>
  `the gate "${gate}" ${outcome === "failed" ? "failed" : "is not shown to hold"}: ${because}`;

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: unknown) => {
    throw new WrongUse(`${file} cannot be written: ${fileReason(error)}.`);
  });
}
