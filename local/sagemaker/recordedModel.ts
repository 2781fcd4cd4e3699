import { z } from "zod";
import { type PayloadName, payloads, type Take, Unanswerable, wantsStream } from "./payloads.ts";

/** Prompt → its takes, in the order of the file. */
export type Recording = { uri: string; takes: ReadonlyMap<string, readonly Take[]> };
export type Disturbance = { /** Multiplies the recorded latency. */ latencyFactor: number /** In [0, 1]. */; errorShare: number };
export type Answer = { status: number; body: Buffer; contentType: string; latencyMs: number };

const line = z.strictObject({
  prompt: z.string().min(1),
  completion: z.string(),
  latencyMs: z.number().min(0),
  promptTokens: z.number().int().min(0),
  completionTokens: z.number().int().min(0),
  finishReason: z.enum(["stop", "length"]),
});

/** A recording that cannot be read: which line, and what of it. */
class InvalidRecording extends Error {
  override readonly name = "InvalidRecording";
}

/**
 * @param source JSON lines `{prompt, completion, latencyMs, promptTokens, completionTokens, finishReason}`; a prompt may come
 *   several times (takes)
 * @throws InvalidRecording
 */
export function readRecording(source: string, uri: string): Recording {
  const takes = new Map<string, Take[]>();
  for (const { prompt, ...take } of readLines(line, source, uri)) {
    const key = prompt.trim();
    takes.set(key, [...(takes.get(key) ?? []), take]);
  }
  return { uri, takes };
}

/** The lines of a recording, at least one. @throws InvalidRecording */
export function readLines<T>(schema: z.ZodType<T>, source: string, uri: string): T[] {
  const lines = source.split("\n").flatMap((row, index) => {
    if (row.trim() === "") return [];
    const parsed = schema.safeParse(parseJson(row));
    if (parsed.success) return [parsed.data];
    const { path, message } = parsed.error.issues[0]!;
    throw new InvalidRecording(`${uri}, line ${index + 1}: ${path.join(".") || "the line"}: ${message}`);
  });
  if (lines.length === 0) throw new InvalidRecording(`${uri} is empty: a recording has a JSON line for each answer.`);
  return lines;
}

/** The takes for a request: its prompt's. */
export function takesIn({ takes }: Recording, payload: PayloadName): TakesFor {
  return (body) => takes.get(payloads[payload].promptOf(body).trim());
}

/** A refused request costs the container next to nothing. */
const refusalLatencyMs = 5;

/** What was recorded for the body of a request; nothing where it is unknown. @throws Unanswerable */
export type TakesFor = (body: unknown) => readonly Take[] | undefined;
export type Asked = {
  /** The name of the model. */
  name: string;
  payload: PayloadName;
  /** Of the answer. */
  id: string;
  nowMs: number;
  disturbance: Disturbance;
  /** In [0, 1) for a word: the same word, the same number. */
  chance: (word: string) => number;
};

/**
 * The container's answer to one request: what was recorded for it, never anything else. Parameters of generation are not
 * looked at: the answer was given before. Nobody waits `latencyMs`: it only becomes a metric.
 * @param uri the recording, to be named where it has no answer
 */
export function answerFrom(uri: string, takesFor: TakesFor, request: Buffer, asked: Asked): Answer {
  const { disturbance, chance } = asked;
  const payload = payloads[asked.payload];
  const answered = (status: number, value: unknown, latencyMs: number): Answer => ({
    status,
    body: Buffer.from(JSON.stringify(value)),
    contentType: "application/json",
    latencyMs,
  });
  try {
    const body = parseJson(request.toString("utf8"));
    const found = takesFor(body);
    if (!found) throw new Unanswerable(404, `The recording ${uri} has no answer for this prompt, and none is made up.`);
    const take = found[Math.floor(chance("take") * found.length)]!;
    const latencyMs = take.latencyMs * disturbance.latencyFactor;
    if (chance("error") < disturbance.errorShare)
      return answered(500, payload.error(500, "The recorded model was disturbed and failed."), latencyMs);
    if (!wantsStream(body)) return answered(200, payload.answer(take, body, asked), latencyMs);
    const { contentType, body: stream } = payload.stream(take, asked);
    return { status: 200, body: Buffer.from(stream), contentType, latencyMs };
  } catch (error) {
    if (!(error instanceof Unanswerable)) throw error;
    return answered(error.status, payload.error(error.status, error.message), refusalLatencyMs);
  }
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
