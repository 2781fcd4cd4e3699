/**
 * Where a record stands, in bytes: the judge reads its text again by a ranged GET, so captured text is stored once.
 * `bucket` is empty for a file on disk, whose path is the key. With `gzip` the bytes are those of the decompressed object, which is
 * read from its beginning.
 */
export type Source = { bucket: string; key: string; offset: number; length: number; gzip?: true };

export type Outcome = "answered" | "model_error" | "input_only" | "output_only";
export type FinishReason = "stop" | "length" | "tool" | "filter" | "error" | "unknown";
export type Turn = { role: "system" | "user" | "assistant" | "tool"; content: string };

/** One captured request and its response, decoded and normalised. `null` means that the payload did not say. */
export type Inference = {
  eventId: string;
  inferenceId?: string;
  endpoint: string;
  variant: string;
  /** ISO 8601, UTC, second precision: what SageMaker records. */
  time: string;
  adapter: string;
  outcome: Outcome;
  /** The last user turn as text; empty for `output_only`. */
  prompt: string;
  messages: Turn[];
  completion: string;
  finishReason: FinishReason;
  promptTokens: number;
  completionTokens: number;
  /** True where either count is ours because the payload did not say. */
  tokensEstimated: boolean;
  model?: string;
  segment: string;
  conversation?: string;
  /** The caller's CustomAttributes, as captured. */
  attributes: string[];
  source: Source;
};

/** What the user said last, which is what an answer is an answer to; empty where nobody did. */
export function lastQuestion(messages: readonly Turn[]): string {
  return messages.findLast(({ role }) => role === "user")?.content ?? "";
}

/** `null`: the scorer had nothing to say about this answer, which is not a zero. */
export type Scores = Record<string, number | null>;
export type ScoredInference = Inference & { scores: Scores };

export const unreadableCodes = [
  "not_json",
  "bad_envelope",
  "not_utf8",
  "bad_encoding",
  "unknown_encoding",
  "no_adapter",
  "empty_record",
  "too_long",
] as const;
export type UnreadableCode = (typeof unreadableCodes)[number];

export type Quarantined = {
  outcome: "quarantined";
  reason: { code: UnreadableCode; message: string };
  /** When the request was made, ISO, or `null` where not even the envelope could be read. */
  time: string | null;
  source: Source;
};

/** What becomes of one captured exchange: nothing is dropped. */
export type Reading = ScoredInference | Quarantined;
