import type { RequestListener } from "node:http";
import inject from "light-my-request";
import { AwsError } from "./world.ts";

export type InProcessRequest = { method: string; url: string; headers: Record<string, string>; body?: string | Buffer };
export type InProcessResponse = { status: number; headers: Record<string, unknown>; body: Buffer };

/** Sends a request to a server of this process without a socket. */
export async function ask(listener: RequestListener, request: InProcessRequest): Promise<InProcessResponse> {
  const { method, url, headers, body } = request;
  const response = await inject(listener, { method, url, headers, ...(body === undefined ? {} : { payload: body }) });
  return { status: response.statusCode, headers: response.headers, body: response.rawPayload };
}

/** An operation of a service that speaks JSON with `x-amz-target`, as an embedded server answers it. @throws AwsError */
export async function askJson(
  listener: RequestListener,
  scope: string,
  target: string,
  region: string,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const response = await ask(listener, {
    method: "POST",
    url: "/",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": target,
      "x-amz-date": "20260101T000000Z",
      // The embedded servers want a signature to be there and do not check it: who calls was decided at the gateway.
      authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${region}/${scope}/aws4_request, SignedHeaders=host, Signature=local`,
    },
    body: JSON.stringify(input),
  });
  const text = response.body.toString("utf8");
  const answer = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
  if (response.status < 300) return answer;
  throw awsErrorIn(answer, response.status);
}

/** The error in an answer, as the JSON protocols write it. */
export function awsErrorIn(body: Record<string, unknown>, status: number): AwsError {
  const { __type, message, Message, ...extra } = body;
  const code = String(__type ?? "InternalFailure");
  return new AwsError(code.slice(code.indexOf("#") + 1), String(message ?? Message ?? code), status, { ...extra, __type: code });
}
