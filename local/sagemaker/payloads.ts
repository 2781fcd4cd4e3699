import { z } from "zod";

/** What a recording holds for one prompt: one of its takes. */
export type Take = {
  completion: string;
  latencyMs: number;
  promptTokens: number;
  completionTokens: number;
  finishReason: "stop" | "length";
};

/** Why the container cannot answer: an HTTP status and a sentence that quotes nothing of the request. */
export class Unanswerable extends Error {
  override readonly name = "Unanswerable";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type ModelCard = { name: string; id: string; nowMs: number };
type Streamed = { contentType: string; body: string };

/** One family of request and response bodies. */
type Payload = {
  /** @throws Unanswerable */
  promptOf(body: unknown): string;
  answer(take: Take, request: unknown, model: ModelCard): unknown;
  /** The same answer for who asked for a stream. */
  stream(take: Take, model: ModelCard): Streamed;
  error(status: number, message: string): unknown;
};

const text = z.union([
  z.string(),
  z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).transform((parts) =>
    parts
      .filter(({ type }) => type === "text")
      .map((part) => part.text ?? "")
      .join("\n"),
  ),
]);
const turn = z.union([
  z.looseObject({ role: z.literal("user"), content: text }),
  z.looseObject({ role: z.string().refine((role) => role !== "user") }).transform(() => null),
]);
export const wantsStream = (body: unknown): boolean => z.looseObject({ stream: z.literal(true) }).safeParse(body).success;
const several = z.looseObject({ n: z.number().min(2) });
const details = z.looseObject({ parameters: z.looseObject({ details: z.literal(true) }) });

function read<T>(schema: z.ZodType<T>, body: unknown, wanted: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Unanswerable(422, `${parsed.error.issues[0]!.path.join(".") || "The body"} is not as ${wanted} has it.`);
}

/** The only difference between the two: TGI answers with a list on SageMaker, LMI with an object. */
const generated = ({ completion, completionTokens, finishReason }: Take, request: unknown) => ({
  generated_text: completion,
  ...(details.safeParse(request).success
    ? {
        details: {
          finish_reason: finishReason === "stop" ? "eos_token" : finishReason,
          generated_tokens: completionTokens,
          inputs: null,
          tokens: [],
          prefill: [],
        },
      }
    : {}),
});

/** A stand-in for tokens: words with the white space before them. All of the text is in them. */
const piecesOf = (completion: string): string[] => completion.match(/\s*\S+|\s+$/g) ?? [];
const events = (documents: readonly unknown[]) => documents.map((document) => `data: ${JSON.stringify(document)}\n\n`).join("");
/** Of both families: the last token brings the whole text and what `details` says. */
const tokens = (take: Take, logarithm: "logprob" | "log_prob") => {
  const pieces = piecesOf(take.completion);
  return pieces.map((text, n) => ({
    token: { id: n, text, [logarithm]: 0 },
    ...(n < pieces.length - 1 ? {} : generated(take, { parameters: { details: true } })),
  }));
};
const inputsOf = (body: unknown) => read(z.looseObject({ inputs: z.string() }), body, "a text generation request").inputs;

export const payloads = {
  openai: {
    promptOf(body) {
      const { messages } = read(z.looseObject({ messages: z.array(turn).min(1) }), body, "an OpenAI chat request");
      if (several.safeParse(body).success) throw new Unanswerable(400, "A recorded model gives one answer. Send n: 1.");
      const asked = messages.findLast((message) => message !== null);
      if (!asked) throw new Unanswerable(422, "messages has no turn of a user.");
      return asked.content;
    },
    answer: ({ completion, promptTokens, completionTokens, finishReason }, _, { name, id, nowMs }) => ({
      id: `chatcmpl-${id}`,
      object: "chat.completion",
      created: Math.floor(nowMs / 1_000),
      model: name,
      system_fingerprint: "recorded",
      choices: [{ index: 0, message: { role: "assistant", content: completion }, logprobs: null, finish_reason: finishReason }],
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
      },
    }),
    stream({ completion, promptTokens, completionTokens, finishReason }, { name, id, nowMs }) {
      const chunk = { id: `chatcmpl-${id}`, object: "chat.completion.chunk", created: Math.floor(nowMs / 1_000), model: name };
      const choice = (delta: object, finish_reason: string | null) => ({
        ...chunk,
        choices: [{ index: 0, delta, finish_reason }],
      });
      const usage = {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
      };
      const documents = [
        choice({ role: "assistant", content: "" }, null),
        ...piecesOf(completion).map((content) => choice({ content }, null)),
        { ...choice({}, finishReason), usage },
      ];
      return { contentType: "text/event-stream", body: `${events(documents)}data: [DONE]\n\n` };
    },
    error: (status, message) => ({
      error: { message, type: status < 500 ? "invalid_request_error" : "server_error", param: null, code: status },
    }),
  },
  tgi: {
    promptOf: inputsOf,
    answer: (take, request) => [generated(take, request)],
    stream: (take) => ({ contentType: "text/event-stream", body: events(tokens(take, "logprob")) }),
    error: (status, message) => ({ error: message, error_type: status < 500 ? "validation" : "generation" }),
  },
  lmi: {
    promptOf: inputsOf,
    answer: generated,
    stream: (take) => ({
      contentType: "application/jsonlines",
      body: tokens(take, "log_prob")
        .map((token) => `${JSON.stringify(token)}\n`)
        .join(""),
    }),
    error: (status, message) => ({ error: message, code: status }),
  },
} satisfies Record<string, Payload>;

export type PayloadName = keyof typeof payloads;
export const payloadNames = Object.keys(payloads) as [PayloadName, ...PayloadName[]];
