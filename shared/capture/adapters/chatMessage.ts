import { roleOf } from "../chatTemplate.ts";
import type { Turn } from "../inference.ts";
import { isObject, type JsonObject, listIn, objectIn, textIn } from "./json.ts";

/** A message of a chat as a turn. What is no text leaves its kind in brackets, so that a judge knows that there was something. */
export function turnOf(message: JsonObject): Turn {
  const content = [contentText(message.content), ...toolCallsOf(message).map(({ name }) => `[tool call ${name}]`)];
  return { role: roleOf(textIn(message.role) ?? ""), content: content.filter((text) => text !== "").join("\n") };
}

/** Content is text, a list of parts, or nothing where a model calls a tool or only reasoned. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  return listIn(content).map(partText).join("\n");
}

function partText(part: unknown): string {
  if (typeof part === "string") return part;
  const { type, text, refusal } = objectIn(part);
  return textIn(text) ?? textIn(refusal) ?? `[${kindOf(type)}]`;
}

/** Only what looks like the name of a kind: anything else may be captured text of any length. */
function kindOf(type: unknown): string {
  return typeof type === "string" && /^\w{1,40}$/.test(type) ? type : "part";
}

/** The calls of tools in a message, the older `function_call` among them; streams send their arguments in pieces. */
export function toolCallsOf({ tool_calls, function_call }: JsonObject): { name: string; arguments: string }[] {
  const called = listIn(tool_calls).map((call) => objectIn(call).function);
  return [...called, ...(isObject(function_call) ? [function_call] : [])].map((call) => {
    const { name, arguments: given } = objectIn(call);
    return { name: textIn(name) ?? "", arguments: textIn(given) ?? "" };
  });
}
