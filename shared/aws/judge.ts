import {
  InvokeEndpointCommand,
  ModelError,
  type SageMakerRuntimeClient,
  SageMakerRuntimeServiceException,
} from "@aws-sdk/client-sagemaker-runtime";
import type { JudgeSettings } from "../config/assay.ts";
import { boundMicroUsd } from "../judging/cost.ts";
import type { Judgement } from "../judging/judgement.ts";
import { parseReply } from "../judging/parse.ts";
import { Throttled } from "./throttled.ts";

/**
 * Asks a judge once.
 * @param body of the request, as `judgePrompt` makes it
 * @returns what the judge made of it; a request that its model refused is `failed` and costs nothing
 * @throws Throttled while the endpoint is overloaded or failing; what AWS says where it cannot be asked at all (missing, denied)
 */
export async function askJudge(client: SageMakerRuntimeClient, judge: JudgeSettings, body: string): Promise<Judgement> {
  try {
    const { Body } = await client.send(
      new InvokeEndpointCommand({
        EndpointName: judge.endpoint,
        ContentType: "application/json",
        Accept: "application/json",
        Body: body,
      }),
    );
    return parseReply(Buffer.from(Body!).toString("utf8"), judge, boundMicroUsd(body, judge)); // InvokeEndpoint has a body
  } catch (error) {
    if (!(error instanceof SageMakerRuntimeServiceException)) throw error;
    const status = statusOf(error);
    if (status === 429 || status >= 500 || error.name === "ThrottlingException") {
      throw new Throttled(
        `The judge's endpoint ${judge.endpoint} answers ${status} for now (${error.name}). It is asked again.`,
        {
          cause: error,
        },
      );
    }
    if (!(error instanceof ModelError)) throw error;
    // What the model said may quote the prompt: its status must do.
    return { status: "failed", reason: `the judge's model refused the request with ${status}`, costMicroUsd: 0 };
  }
}

/** The model's own status, where it answered; SageMaker's else. */
function statusOf(error: SageMakerRuntimeServiceException): number {
  const own = error instanceof ModelError ? error.OriginalStatusCode : undefined;
  return own ?? error.$metadata.httpStatusCode ?? 0;
}
