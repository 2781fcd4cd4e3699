import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import type { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { JudgeSettings } from "../config/assay.ts";
import { boundMicroUsd } from "../judging/cost.ts";
import type { Judgement } from "../judging/judgement.ts";
import { parseReply } from "../judging/parse.ts";
import type { Answered } from "./answered.ts";
import { askBedrock } from "./askBedrock.ts";
import { askOpenAi, callTimeoutMs } from "./askOpenAi.ts";
import { askSageMaker } from "./askSageMaker.ts";
import { openSecrets } from "./secrets.ts";

/**
 * Asks a judge once.
 * @param body of the request, as `judgeRequest` makes it
 * @returns what the judge made of it; a request that its model rejected is `failed` and costs nothing
 * @throws Throttled while it is overloaded or failing; JudgeUnreachable while it cannot be asked at all
 */
export type AskJudge = (judge: JudgeSettings, body: string) => Promise<Judgement>;

/** Judges of all providers. The ledger counts one call a reservation, so no client tries twice by itself. */
export function connectJudges(sagemaker: SageMakerRuntimeClient, nowMs: () => number): AskJudge {
  const bedrock = once(
    () =>
      new BedrockRuntimeClient({
        maxAttempts: 1,
        // One request at a time on a connection of its own, as the other clients have it: nothing here streams.
        requestHandler: new NodeHttpHandler({ requestTimeout: callTimeoutMs }),
      }),
  );
  const keyOf = once(() => openSecrets(new SecretsManagerClient(), nowMs));
  const send = async (judge: JudgeSettings, body: string): Promise<Answered> => {
    switch (judge.provider) {
      case "sagemaker":
        return askSageMaker(sagemaker, judge.endpoint, body);
      case "bedrock":
        return askBedrock(bedrock(), judge.model, body);
      case "openai":
        return askOpenAi(judge.url, judge.apiKeySecretArn === null ? null : await keyOf()(judge.apiKeySecretArn), body);
    }
  };
  return async (judge, body) => {
    const answered = await send(judge, body);
    if (answered.state === "answered") return parseReply(answered.body, judge, boundMicroUsd(body, judge));
    // What the model said may quote the prompt: its status must do.
    return { status: "failed", reason: `the judge's model refused the request with ${answered.status}`, costMicroUsd: 0 };
  };
}

/** Made when it is first wanted: most stacks have one provider. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
