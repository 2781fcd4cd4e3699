import type { AwsError } from "../world.ts";
import type { Encoded } from "./json.ts";

/** A form body (`Action=…&Parameters.member.1.ParameterKey=…`) → its action and a nested input. */
export function decodeForm(body: string): { action: string; input: Record<string, unknown> } {
  const root: Record<string, unknown> = {};
  let action = "";
  for (const [name, value] of new URLSearchParams(body)) {
    if (name === "Action") action = value;
    else if (name !== "Version") place(root, name.split("."), value);
  }
  return { action, input: listsIn(root) as Record<string, unknown> };
}

function place(node: Record<string, unknown>, [head = "", ...rest]: string[], value: string): void {
  if (rest.length === 0) node[head] = value;
  else {
    const child = (node[head] ?? {}) as Record<string, unknown>;
    node[head] = child;
    place(child, rest, value);
  }
}

/** `{ member: { 1: a, 2: b } }` → `[a, b]`. */
function listsIn(node: unknown): unknown {
  if (node === null || typeof node !== "object") return node;
  const { member, ...others } = node as { member?: Record<string, unknown> };
  if (member && Object.keys(others).length === 0) {
    return Object.keys(member)
      .sort((a, b) => Number(a) - Number(b))
      .map((index) => listsIn(member[index]));
  }
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, listsIn(value)]));
}

const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function toXml(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${toXml(item)}</member>`).join("");
  if (value !== null && typeof value === "object") {
    return Object.entries(value)
      .filter(([, child]) => child !== undefined && child !== null)
      .map(([name, child]) => `<${name}>${toXml(child)}</${name}>`)
      .join("");
  }
  return escapeXml(String(value));
}

export function encodeXml(operation: string, output: Record<string, unknown>, requestId: string): Encoded {
  const body = `<${operation}Response><${operation}Result>${toXml(output)}</${operation}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`;
  return { status: 200, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}

export function encodeXmlError(error: AwsError, requestId: string): Encoded {
  const type = error.status < 500 ? "Sender" : "Receiver";
  const body = `<ErrorResponse><Error><Type>${type}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status: error.status, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}

/** S3's errors have no `ErrorResponse` around them. */
export function encodeS3Error(error: AwsError, requestId: string, isHead: boolean): Encoded {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`;
  return {
    status: error.status,
    headers: { "content-type": "application/xml", "x-amz-request-id": requestId },
    body: isHead ? "" : body,
  };
}
