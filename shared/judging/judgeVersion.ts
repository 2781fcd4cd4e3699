import { createHash } from "node:crypto";
import type { JudgeSettings } from "../config/assay.ts";
import { limits, template } from "./prompt.ts";
import { parameters } from "./providers/provider.ts";

/**
 * Names everything that a grade depends on: 16 hexadecimal digits. Grades of different versions are not compared. Where the judge is
 * served and what it costs is not part of it.
 */
export function judgeVersion({
  model,
  rubric,
  weights,
  maxTokens,
}: Pick<JudgeSettings, "model" | "rubric" | "weights" | "maxTokens">): string {
  // The order of criteria is part of the prompt, and so of the version; that of the weights is the same.
  const graded = [model, Object.entries(rubric), weights, template, { ...parameters, ...limits, maxTokens }];
  return createHash("sha256").update(JSON.stringify(graded)).digest("hex").slice(0, 16);
}
