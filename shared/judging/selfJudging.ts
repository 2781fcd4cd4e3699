import type { JudgePlace } from "../config/assay.ts";

/** Whether a judge is asked at the SageMaker endpoint whose answers it grades, by name or by the address of its invocations. */
export function isServedBy(judge: JudgePlace, endpoint: string): boolean {
  switch (judge.provider) {
    case "sagemaker":
      return same(judge.endpoint, endpoint); // SageMaker's ARNs know no case
    case "openai": {
      const [, host, name] = /^https:\/\/(runtime\.sagemaker[^/]*)\/endpoints\/([^/]+)/i.exec(judge.url) ?? [];
      return host !== undefined && same(name!, endpoint);
    }
    case "bedrock":
      return false;
  }
}

/**
 * Whether an answer says that the judge's own model gave it. Names are compared without the organisation before them and without
 * case: a server may call `Qwen/Qwen3-30B` just `qwen3-30b`.
 * @param answeredBy what the captured payload calls its model, if it does
 */
export function isOwnAnswer(judge: { model: string }, answeredBy: string | undefined): boolean {
  return answeredBy !== undefined && same(lastPart(answeredBy), lastPart(judge.model));
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
const lastPart = (name: string) => name.slice(name.lastIndexOf("/") + 1);
