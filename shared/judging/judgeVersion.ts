import { createHash } from "node:crypto";
import type { JudgeSettings } from "../config/assay.ts";
import { limits, parameters, template } from "./prompt.ts";

/**
 * Names everything that a grade depends on: 16 hexadecimal digits. Grades of different versions are not compared. Where the judge is
 * served and what it costs is not part of it.
 */
export function judgeVersion({ model, rubric, maxTokens }: Pick<JudgeSettings, "model" | "rubric" | "maxTokens">): string {
  // The order of criteria is part of the prompt, and so of the version.
  const graded = [model, Object.entries(rubric), template, { ...parameters, ...limits, maxTokens }];
  return createHash("sha256").update(JSON.stringify(graded)).digest("hex").slice(0, 16);
}
