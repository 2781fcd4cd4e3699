import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Assay } from "../shared/config/assay.ts";
import { parseAssay } from "../shared/config/load.ts";

/** Names of buckets, queues and alarms are made of it; 20 characters keep the longest, a bucket's, under 63. */
const stageRule = /^[a-z](-?[a-z0-9]){0,19}$/;

/** @throws RangeError saying what a stage may be called */
export function checkedStage(stage: string): string {
  if (stage.length <= 20 && stageRule.test(stage)) return stage;
  throw new RangeError(
    `The stage is ${stage}. Give --stage lower-case letters, digits and single hyphens, beginning with a letter, at most 20 characters.`,
  );
}

/** assay.yml at the root of the project, or the file that the environment variable ASSAY_CONFIG names. */
export function configurationPath(env: NodeJS.ProcessEnv): string {
  return env.ASSAY_CONFIG ? resolve(env.ASSAY_CONFIG) : resolve(import.meta.dirname, "../assay.yml");
}

/**
 * The configuration to deploy.
 * @throws InvalidConfiguration, or an Error that says which file is missing
 */
export function readConfiguration(env: NodeJS.ProcessEnv): Assay {
  const path = configurationPath(env);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const remedy = env.ASSAY_CONFIG ? "ASSAY_CONFIG names it" : "It is the configuration; ASSAY_CONFIG can name another";
    throw new Error(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code}). ${remedy}.`, { cause });
  }
  return parseAssay(text, basename(path), (beside) => readFileSync(resolve(dirname(path), beside), "utf8"));
}
