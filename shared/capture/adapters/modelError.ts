import { DocumentStream, PlainText } from "../body.ts";
import type { Answer } from "./adapter.ts";
import { isObject, type JsonObject } from "./json.ts";

export type ErrorStyle = "openai" | "tgi" | "plain";

/**
 * Which server words an error like this, or `null` where the body is no error. Only the body can tell: the envelope has no status, and
 * its content type says nothing. An error in a stream is one, whatever came before it: the client did not get its answer.
 * `plain` is what many servers say, so a captured request goes before it.
 */
export function errorStyle(body: unknown): ErrorStyle | null {
  if (body instanceof DocumentStream) return errorStyle(body.documents.at(-1));
  if (body instanceof PlainText) return statusPhrases.has(body.text.trim()) ? "plain" : null;
  // Of a list of nothing but errors nobody got an answer. Lists within lists are none, and may be deeper than the stack.
  if (Array.isArray(body)) return body.length > 0 && body.every(isError) ? errorStyle(body[0]) : null;
  // Some servers put `"error": null`, or a warning, beside a good answer.
  if (!isObject(body) || isThere(body.choices) || isThere(body.generated_text)) return null;
  const { error, error_type, object, message, type } = body;
  if (isObject(error)) return "openai";
  if (object === "error" && typeof message === "string") return "openai";
  if (typeof error === "string" && error !== "") return typeof error_type === "string" ? "tgi" : "plain";
  if (isFailure(body.code) && (typeof message === "string" || Object.keys(body).length === 1)) return "plain";
  return (typeof message === "string" && type === "error") || isRefusedByFramework(body) ? "plain" : null;
}

const isError = (item: unknown) => isObject(item) && errorStyle(item) !== null;
const isThere = (value: unknown) => value !== undefined && value !== null;

/** FastAPI, on which vLLM and many containers stand: `{"detail":"Not Found"}`, or a list of what is wrong with the request. */
function isRefusedByFramework({ detail, ...others }: JsonObject): boolean {
  return Object.keys(others).length === 0 && (typeof detail === "string" || (Array.isArray(detail) && detail.every(isObject)));
}

/** What web servers say when the handler behind them broke. */
const statusPhrases = new Set([
  "Internal Server Error",
  "Bad Gateway",
  "Service Unavailable",
  "Gateway Timeout",
  "Too Many Requests",
]);

const isFailure = (code: unknown) => Number.isInteger(code) && (code as number) >= 400 && (code as number) < 600;

export const modelError: Answer = { completion: "", finishReason: "error", promptTokens: null, completionTokens: null };
