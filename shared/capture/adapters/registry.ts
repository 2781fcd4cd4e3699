import type { CustomPayloads } from "../../config/assay.ts";
import { DocumentStream, PlainText } from "../body.ts";
import type { Adapted, Adapter, Answer, Exchange } from "./adapter.ts";
import { readCustom } from "./custom.ts";
import { hfPipeline } from "./hfPipeline.ts";
import { isObject, listIn, objectIn } from "./json.ts";
import { jumpstartLlama2 } from "./jumpstartLlama2.ts";
import { lmi } from "./lmi.ts";
import { type ErrorStyle, errorStyle, modelError } from "./modelError.ts";
import { nearestObjection } from "./objection.ts";
import { openaiChat } from "./openaiChat.ts";
import { openaiCompletions } from "./openaiCompletions.ts";
import { asksAnother, intendedForm, mostPrompts, type Request, type RequestForm, readRequest } from "./request.ts";
import { tgi } from "./tgi.ts";

/** Every family Assay reads by itself, the usual ones first. Their order changes no reading: no payload is claimed by two. */
export const adapters: readonly Adapter[] = [openaiChat, lmi, tgi, openaiCompletions, hfPipeline, jumpstartLlama2];

/**
 * Reads an exchange, or returns `null` where it is of no known family.
 * @param custom the endpoint's own payloads, as assay.yml describes them: they go before the families; `null`: it has none
 */
export function adapt(exchange: Exchange, custom: CustomPayloads | null): Adapted | null {
  return (custom && readCustom(exchange, custom)) ?? claimsOn(exchange).next().value ?? null;
}

/** What each family that claims the exchange reads in it. */
export function* claimsOn({ request: asked, response }: Exchange): Generator<Adapted, undefined> {
  const request = asked === undefined ? null : readRequest(asked);
  const style = response === undefined ? null : errorStyle(response);
  // Nobody asked a language model, unless one refused a question for what is wrong with it.
  if (asked !== undefined && request === null && (style === null || asksAnother(asked))) return;
  const form = request?.form ?? intendedForm(asked);
  for (const adapter of adapters) {
    if (response === undefined || style !== null) {
      if (isOwner(adapter, form, style)) yield unanswered(adapter, request, style);
      continue;
    }
    const answered = adapter.read(response, request);
    if (answered === null) continue;
    const { answers, choices = 1 } = answered;
    if ((request && answers.length !== request.prompts.length * choices) || answers.length > mostPrompts) continue;
    const model = answered.model ?? request?.model ?? null;
    const askedFor = (i: number) => request?.prompts[Math.floor(i / choices)]?.messages ?? [];
    const conversations = answers.map((answer, i) => ({ messages: askedFor(i), answer, model }));
    yield { adapter: adapter.name, conversations, isBatch: request?.isBatch || conversations.length > 1, choices };
  }
}

/** Whose is what has no answer? Who is asked in that form; and of an error alone, who words it like that. */
function isOwner({ name, asks }: Adapter, form: RequestForm | null, style: ErrorStyle | null): boolean {
  if (form === null) return name === ({ openai: openaiChat, tgi, plain: lmi } as const)[style ?? "plain"].name;
  // TGI is asked as LMI is: only its errors tell.
  if (form === "text" && style === "tgi") return name === tgi.name;
  return asks.includes(form);
}

function unanswered({ name }: Adapter, request: Request | null, style: ErrorStyle | null): Adapted {
  const answer: Answer | null = style === null ? null : modelError;
  const asked = request?.prompts ?? [{ messages: [] }];
  const conversations = asked.map(({ messages }) => ({ messages, answer, model: request?.model ?? null }));
  return { adapter: name, conversations, isBatch: request?.isBatch ?? false, choices: 1 };
}

/** Keys that tell one family from another; only these are ever named, since any other key may be captured text. */
const tellingKeys = [
  ...["instances", "predictions", "features", "predicted_label", "score"],
  ...["messages", "inputs", "prompt", "choices", "generated_text", "generation", "outputs", "error"],
];

/** A sentence on what was found where no adapter fits, without a word of what was captured. */
export function unclaimed(exchange: Exchange): string {
  const { request, response } = exchange;
  const found = `no adapter reads these bodies: the request ${looks(request)}, the response ${looks(response)}`;
  const asked = readRequest(request);
  const { inputs, prompt } = objectIn(request);
  const listed = listIn(inputs ?? prompt).length;
  if (asked === null && listed > mostPrompts) return `${found}; ${listed} prompts are more than ${mostPrompts}`;
  const choices = listIn(objectIn(response).choices).length;
  if (choices > mostPrompts) return `${found}; ${choices} choices are more than ${mostPrompts}`;
  if (asked?.isBatch && Array.isArray(response) && response.length !== asked.prompts.length) {
    return `${found}; ${asked.prompts.length} prompts cannot be told to have ${response.length} answers`;
  }
  const objection = nearestObjection(adapters, exchange);
  return objection === null ? found : `${found}; ${objection}`;
}

/** @param depth of lists within lists that is told: bodies may be nested deeper than the stack */
function looks(body: unknown, depth = 3): string {
  if (body === undefined) return "was not captured";
  if (body instanceof PlainText) return body.isTable ? "is a table (CSV)" : "is text that is not JSON";
  if (body instanceof DocumentStream)
    return `is a stream of ${body.documents.length} documents, whose first ${looks(body.documents[0], depth)}`;
  if (Array.isArray(body))
    return `is a list of ${body.length}${body.length > 0 && depth > 1 ? `, whose first ${looks(body[0], depth - 1)}` : ""}`;
  if (!isObject(body)) return `is ${body === null ? "null" : `a ${typeof body}`}`;
  const telling = tellingKeys.filter((key) => Object.hasOwn(body, key));
  return telling.length === 0 ? "is an object of another kind" : `is an object with ${telling.join(", ")}`;
}
