import type { Line } from "../../../shared/capture/lines.ts";

export const origin = {
  bucket: "acme-captures",
  key: "prod/support-chat/stable/2026/03/02/09/41-07-118-5f0c7c1e-0d5b-4b6a-9a0e-2f4d1c9b8a77.jsonl",
  endpoint: "support-chat",
  variant: "stable",
};

type Side = { data: string; encoding: string };

export const asJson = (body: unknown): Side => ({ data: JSON.stringify(body), encoding: "JSON" });
export const asBase64 = (body: unknown): Side => ({
  data: Buffer.from(JSON.stringify(body)).toString("base64"),
  encoding: "BASE64",
});

/** A capture record as SageMaker writes it. A side that is left out was not captured. */
export function record(sides: { input?: Side; output?: Side }, metadata: object = {}) {
  const side = (mode: string, { data, encoding }: Side) => ({ observedContentType: "application/json", mode, data, encoding });
  return {
    captureData: {
      ...(sides.input ? { endpointInput: side("INPUT", sides.input) } : {}),
      ...(sides.output ? { endpointOutput: side("OUTPUT", sides.output) } : {}),
    },
    eventMetadata: { eventId: "b1c2d3e4-0001-4000-8000-000000000001", inferenceTime: "2026-03-02T09:41:07Z", ...metadata },
    eventVersion: "0",
  };
}

/** The text as the line of a capture object that begins at byte 18204. */
export function lineOf(text: string): Line {
  const bytes = Buffer.from(text);
  return { bytes, offset: 18204, length: bytes.length, number: 7, isGzip: false, flaw: null };
}
