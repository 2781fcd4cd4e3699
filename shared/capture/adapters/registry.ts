import type { Adapter, Conversation, Exchange } from "./adapter.ts";
import { lmi } from "./lmi.ts";
import { nearestObjection } from "./objection.ts";
import { openaiChat } from "./openaiChat.ts";
import { tgi } from "./tgi.ts";

/** Every family Assay reads. Their order does not matter: no payload is claimed by two. */
export const adapters: readonly Adapter[] = [openaiChat, tgi, lmi];

export function adapt(exchange: Exchange): (Conversation & { adapter: string }) | null {
  for (const { name, read } of adapters) {
    const conversation = read(exchange);
    if (conversation) return { adapter: name, ...conversation };
  }
  return null;
}

/** Keys that tell one family from another; only these are ever named, since any other key may be captured text. */
const tellingKeys = [
  ...["instances", "predictions", "features", "predicted_label", "score"],
  ...["messages", "inputs", "prompt", "choices", "generated_text", "generation", "outputs", "error"],
];

/** A sentence on what was found where no adapter fits, without a word of what was captured. */
export function unclaimed(exchange: Exchange): string {
  const { request, response } = exchange;
  const inputs = isObject(request) ? request.inputs : undefined;
  if (Array.isArray(inputs) && inputs.every((input) => typeof input === "string")) {
    return `the request is a batch of ${inputs.length} prompts, which Assay does not take apart`;
  }
  const objection = nearestObjection(adapters, exchange);
  const found = `no adapter reads these bodies: the request ${looks(request)}, the response ${looks(response)}`;
  return objection === null ? found : `${found}; ${objection}`;
}

function looks(body: unknown): string {
  if (body === undefined) return "was not captured";
  if (Array.isArray(body)) return `is a list of ${body.length}${body.length > 0 ? `, whose first ${looks(body[0])}` : ""}`;
  if (!isObject(body)) return `is ${body === null ? "null" : `a ${typeof body}`}`;
  const telling = tellingKeys.filter((key) => Object.hasOwn(body, key));
  return telling.length === 0 ? "is an object of another kind" : `is an object with ${telling.join(", ")}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
