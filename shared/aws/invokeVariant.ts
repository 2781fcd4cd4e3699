import {
  InvokeEndpointCommand,
  ModelError,
  type SageMakerRuntimeClient,
  SageMakerRuntimeServiceException,
} from "@aws-sdk/client-sagemaker-runtime";
import type { Reply } from "../evaluation/answer.ts";
import { Throttled } from "./throttled.ts";

/** What a server answers while it is overloaded or starting, and no longer a moment later. */
const passing = new Set([429, 503]);

/** Where a question goes; without a variant or component, wherever the endpoint's weights lead it. */
export type Asked = { endpoint: string; variant: string | null; component: string | null };

/**
 * Asks one variant or component of an endpoint once, whatever the weights.
 * @param inferenceId marks the request in what the endpoint captures
 * @returns the body, or the status with which the model's container refused
 * @throws Throttled while endpoint or container are overloaded; what AWS says where it cannot be asked at all (missing, denied)
 */
export async function invokeVariant(
  runtime: SageMakerRuntimeClient,
  { endpoint, variant, component }: Asked,
  body: object,
  inferenceId: string,
): Promise<Reply> {
  try {
    const { Body } = await runtime.send(
      new InvokeEndpointCommand({
        EndpointName: endpoint,
        ...(variant === null ? {} : { TargetVariant: variant }),
        ...(component === null ? {} : { InferenceComponentName: component }),
        ContentType: "application/json",
        Accept: "application/json",
        InferenceId: inferenceId,
        Body: JSON.stringify(body),
      }),
    );
    return { body: Buffer.from(Body!).toString("utf8") }; // InvokeEndpoint has a body
  } catch (error) {
    if (!(error instanceof SageMakerRuntimeServiceException)) throw error;
    const isModels = error instanceof ModelError;
    const status = (isModels ? error.OriginalStatusCode : error.$metadata.httpStatusCode) ?? 0;
    if (passing.has(status) || error.name === "ThrottlingException" || (!isModels && status >= 500)) {
      const says = `${variant ?? component ?? "All"} of ${endpoint} answers ${status} for now (${error.name}). It is asked again.`;
      throw new Throttled(says, { cause: error });
    }
    if (!isModels) throw error;
    // What the model said may quote the prompt: its status must do.
    return { status };
  }
}
