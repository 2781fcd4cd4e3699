import type { JudgeSettings } from "../../../shared/config/assay.ts";

export const judge: JudgeSettings = {
  provider: "sagemaker",
  endpoint: "grader",
  model: "Qwen3-30B-A3B-2507",
  rubric: { quality: "1: solves what was asked. 0: does not.", tone: "1: friendly. 0: rude." },
  weights: null,
  microUsdPerMillionInputTokens: 150_000,
  microUsdPerMillionOutputTokens: 600_000,
  maxTokens: 200,
};
