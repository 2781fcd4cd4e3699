import { isUtf8 } from "node:buffer";

/** One call and its answer. */
export type Exchange = {
  eventId: string;
  timeMs: number;
  request: { body: Buffer; contentType: string | undefined };
  response: { body: Buffer; contentType: string | undefined };
  inferenceId: string | undefined;
  customAttributes: string | undefined;
};

/**
 * The line that SageMaker's data capture writes of an exchange, without the line break. Text is written as it is, as with its content type
 * under `JsonContentTypes`; everything else as base64.
 * Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
 */
export function envelopeOf({ eventId, timeMs, request, response, inferenceId, customAttributes }: Exchange): string {
  return JSON.stringify({
    captureData: { endpointInput: sideOf("INPUT", request), endpointOutput: sideOf("OUTPUT", response) },
    eventMetadata: {
      eventId,
      ...(customAttributes === undefined ? {} : { customAttributes: [customAttributes] }),
      ...(inferenceId === undefined ? {} : { inferenceId }),
      inferenceTime: `${new Date(timeMs).toISOString().slice(0, 19)}Z`,
    },
    eventVersion: "0",
  });
}

function sideOf(mode: "INPUT" | "OUTPUT", { body, contentType }: Exchange["request"]) {
  const isText = isUtf8(body);
  return {
    observedContentType: contentType ?? null,
    mode,
    data: body.toString(isText ? "utf8" : "base64"),
    encoding: isText ? "JSON" : "BASE64",
  };
}
