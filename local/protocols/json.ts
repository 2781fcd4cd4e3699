import type { AwsError } from "../world.ts";

export type Encoded = { status: number; headers: Record<string, string>; body: string | Buffer };

/** `x-amz-target: Prefix.Operation` → `Operation`. */
export const operationOf = (target: string): string => target.slice(target.lastIndexOf(".") + 1);

export function encodeJson(output: Record<string, unknown>, requestId: string): Encoded {
  return {
    status: 200,
    headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": requestId },
    body: JSON.stringify(output),
  };
}

export function encodeJsonError(error: AwsError, requestId: string): Encoded {
  const { __type, ...extra } = error.extra;
  return {
    status: error.status,
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amzn-requestid": requestId,
      "x-amzn-errortype": error.code,
      // Services that once spoke the query protocol name their errors here too; the SDK prefers this name.
      "x-amzn-query-error": `${error.code};${error.status < 500 ? "Sender" : "Receiver"}`,
    },
    body: JSON.stringify({ ...extra, __type: __type ?? error.code, message: error.message, Message: error.message }),
  };
}
