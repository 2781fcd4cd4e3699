import type { Inference } from "../../shared/capture/inference.ts";
import { defaultSettings } from "../../shared/config/schema.ts";
import type { PastAnswer } from "../../shared/monitoring/prediction.ts";
import { unitHash } from "../../shared/sampling/poisson.ts";
import { riskBandOf } from "../../shared/sampling/riskBand.ts";
import { nothingBeside, scoreAll } from "../../shared/scoring/registry.ts";
import { type RecordedAnswer, readAnswers } from "../recordedAnswers.ts";
import type { Answer, Traffic } from "./day.ts";

/** Real outputs of models with a real judge's verdicts: which, and by whom. */
const recordings = [
  {
    name: "gpt-3.5, vicuna and alpaca, a verdict of three steps",
    models: ["gpt-3.5-turbo-0301", "vicuna-13b", "alpaca-7b"],
    judge: "alpaca_eval_gpt4",
  },
  { name: "gpt-3.5, a verdict of three steps", models: ["gpt-3.5-turbo-0301"], judge: "alpaca_eval_gpt4" },
  {
    name: "FuseChat 8B and 1B, a probability",
    models: ["FuseChat-Llama-3.1-8B-Instruct", "FuseChat-Llama-3.2-1B-Instruct"],
    judge: "weighted_alpaca_eval_gpt4_turbo",
  },
];

/**
 * Traffic that is drawn, with replacement, from half of the recorded answers; the other half is the past, so that no question is in both.
 * Its mean is that of the half, exactly.
 * @param folder of real data, as ASSAY_REAL_DATA names it
 */
export async function recordedTraffic(folder: string): Promise<Traffic[]> {
  return Promise.all(
    recordings.map(async ({ name, models, judge }) => {
      const lines = (await Promise.all(models.map((model) => readAnswers(folder, model)))).flat();
      const past: PastAnswer[] = [];
      const now: Answer[] = [];
      for (const [i, line] of lines.entries()) {
        const y = line.judge[judge];
        if (y == null) continue;
        const scores = scoreAll(inferenceOf(line), nothingBeside, defaultSettings.scorers);
        if (unitHash("assay:bench:half", line.id) < 0.5)
          past.push({ eventId: `${line.id}-${i}`, conversation: line.id, y, scores, pi: 1 });
        else now.push({ y, scores, segment: line.dataset, band: riskBandOf(scores, false) });
      }
      const mean = now.reduce((sum, { y }) => sum + y, 0) / now.length;
      return { name, past, mean, draw: (chance) => now[Math.floor(chance() * now.length)]! }; // chance is under 1
    }),
  );
}

/** The files say neither tokens nor why an answer ended. */
function inferenceOf({ id, dataset, instruction, output }: RecordedAnswer): Inference {
  return {
    eventId: id,
    endpoint: "recorded",
    variant: "recorded",
    time: "2026-11-02T09:00:00Z",
    adapter: "recorded",
    outcome: "answered",
    prompt: instruction,
    messages: [{ role: "user", content: instruction }],
    completion: output,
    finishReason: "stop",
    promptTokens: Math.ceil(instruction.length / 4),
    completionTokens: Math.ceil(output.length / 4),
    tokensEstimated: true,
    segment: dataset,
    attributes: [],
    source: { bucket: "", key: "recorded", offset: 0, length: 0 },
  };
}
