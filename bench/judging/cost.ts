import { readFileSync } from "node:fs";
import * as z from "zod";
import { estimateTokens } from "../../shared/capture/tokens.ts";
import { costMicroUsd } from "../../shared/judging/cost.ts";
import { defaultRubric } from "../../shared/judging/defaultRubric.ts";
import { promptFor } from "../../shared/judging/prompt.ts";
import type { Rubric } from "../../shared/judging/rubric.ts";

const recorded = z.object({ prompt: z.string(), completion: z.string() });
/** Those of assay.yml: what a mid-sized open model costs. */
const prices = { microUsdPerMillionInputTokens: 150_000, microUsdPerMillionOutputTokens: 600_000 };

type Cost = { inputTokens: number; outputTokens: number; microUsd: number };

/**
 * Tokens of 1,000 judged answers (by a quarter of their bytes, as everywhere that no server counted) and their cost in micro-dollars, on the
 * demo's recorded answers and the default rubric: one call for all criteria, and one call for each.
 */
export function costPerThousand(): { combined: Cost; separate: Cost; criteria: number; answers: number } {
  const answers = ["stable", "candidate", "candidate-degraded"].flatMap((name) =>
    readFileSync(`local/demo/recordings/${name}.jsonl`, "utf8")
      .trim()
      .split("\n")
      .map((line) => recorded.parse(JSON.parse(line))),
  );
  const costOf = (rubrics: readonly Rubric[]): Cost => {
    let [inputTokens, outputTokens, microUsd] = [0, 0, 0];
    for (const [n, { prompt, completion }] of answers.entries()) {
      for (const rubric of rubrics) {
        const exchange = { id: `answer-${n}`, messages: [{ role: "user" as const, content: prompt }], completion };
        const { system, user } = promptFor(exchange, { rubric });
        const reply = JSON.stringify(Object.fromEntries(Object.keys(rubric).map((criterion) => [criterion, 0.85])));
        const usage = { inputTokens: estimateTokens(system) + estimateTokens(user), outputTokens: estimateTokens(reply) };
        inputTokens += usage.inputTokens;
        outputTokens += usage.outputTokens;
        microUsd += costMicroUsd(usage, prices);
      }
    }
    const per = 1_000 / answers.length;
    return { inputTokens: inputTokens * per, outputTokens: outputTokens * per, microUsd: microUsd * per };
  };
  const criteria = Object.entries(defaultRubric);
  return {
    combined: costOf([defaultRubric]),
    separate: costOf(criteria.map(([criterion, meaning]) => ({ [criterion]: meaning }))),
    criteria: criteria.length,
    answers: answers.length,
  };
}
