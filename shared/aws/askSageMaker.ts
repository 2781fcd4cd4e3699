import {
  InvokeEndpointCommand,
  ModelError,
  type SageMakerRuntimeClient,
  SageMakerRuntimeServiceException,
} from "@aws-sdk/client-sagemaker-runtime";
import { type Answered, overloaded, unreachable } from "./answered.ts";

/** Asks the model behind a SageMaker endpoint. @throws Throttled, JudgeUnreachable */
export async function askSageMaker(client: SageMakerRuntimeClient, endpoint: string, body: string): Promise<Answered> {
  const called = `The judge's endpoint ${endpoint}`;
  try {
    const { Body } = await client.send(
      new InvokeEndpointCommand({
        EndpointName: endpoint,
        ContentType: "application/json",
        Accept: "application/json",
        Body: body,
      }),
    );
    return { state: "answered", body: Buffer.from(Body!).toString("utf8") }; // InvokeEndpoint has a body
  } catch (error) {
    if (!(error instanceof SageMakerRuntimeServiceException)) throw unreachable(called, true, error);
    const status = statusOf(error);
    if (status === 429 || status >= 500 || error.name === "ThrottlingException") throw overloaded(called, status, error);
    if (!(error instanceof ModelError)) throw unreachable(called, false, error);
    return { state: "rejected", status };
  }
}

/** The model's own status, where it answered; SageMaker's else. */
function statusOf(error: SageMakerRuntimeServiceException): number {
  const own = error instanceof ModelError ? error.OriginalStatusCode : undefined;
  return own ?? error.$metadata.httpStatusCode ?? 0;
}
