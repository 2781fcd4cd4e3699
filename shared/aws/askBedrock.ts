import {
  type BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  ConverseCommand,
  type ConverseCommandInput,
  ModelErrorException,
} from "@aws-sdk/client-bedrock-runtime";
import { type Answered, overloaded, unreachable } from "./answered.ts";

/**
 * Asks a model of Amazon Bedrock by Converse.
 * @param model the id or ARN that it is served by
 * @throws Throttled, JudgeUnreachable
 */
export async function askBedrock(client: BedrockRuntimeClient, model: string, body: string): Promise<Answered> {
  const called = `The judge ${model} of Bedrock`;
  try {
    const request = JSON.parse(body) as Omit<ConverseCommandInput, "modelId">; // as shared/judging/providers/bedrock.ts made it
    const { $metadata: _, ...answer } = await client.send(new ConverseCommand({ ...request, modelId: model }));
    return { state: "answered", body: JSON.stringify(answer) };
  } catch (error) {
    if (!(error instanceof BedrockRuntimeServiceException)) throw unreachable(called, true, error);
    const own = error instanceof ModelErrorException ? error.originalStatusCode : undefined;
    const status = own ?? error.$metadata.httpStatusCode ?? 0;
    if (error.name === "ModelTimeoutException") throw unreachable(called, true, error);
    if (status === 429 || status >= 500) throw overloaded(called, status, error);
    if (error.name !== "ValidationException" && error.name !== "ModelErrorException") throw unreachable(called, false, error);
    return { state: "rejected", status };
  }
}
