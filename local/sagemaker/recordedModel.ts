import { z } from "zod";
import type { World } from "../world.ts";
import { type PayloadName, payloads, type Take, Unanswerable } from "./payloads.ts";

/** Prompt → its takes, in the order of the file. */
export type Recording = { uri: string; takes: ReadonlyMap<string, readonly Take[]> };
export type Disturbance = { /** Multiplies the recorded latency. */ latencyFactor: number /** In [0, 1]. */; errorShare: number };
export type Answer = { status: number; body: Buffer; latencyMs: number };

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
  for (const [index, row] of source.split("\n").entries()) {
    if (row.trim() === "") continue;
    const parsed = line.safeParse(parseJson(row));
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0]!;
      throw new InvalidRecording(`${uri}, line ${index + 1}: ${path.join(".") || "the line"}: ${message}`);
    }
    const { prompt, ...take } = parsed.data;
    const key = prompt.trim();
    takes.set(key, [...(takes.get(key) ?? []), take]);
  }
  if (takes.size === 0) throw new InvalidRecording(`${uri} is empty: a recording has a JSON line for each answer.`);
  return { uri, takes };
}

/** Reads a recording from S3. @throws InvalidRecording, AwsError */
export async function loadRecording(world: World, uri: string): Promise<Recording> {
  const { hostname: Bucket, pathname } = new URL(uri);
  const { Body } = await world.call("s3", "GetObject", { Bucket, Key: decodeURIComponent(pathname.slice(1)) });
  return readRecording((Body as Buffer).toString("utf8"), uri);
}

/** A refused request costs the container next to nothing. */
const refusalLatencyMs = 5;

/**
 * The container's answer to one request: what was recorded for its prompt, never anything else. Parameters of generation are not
 * looked at: the answer was given before. Nobody waits `latencyMs`: it only becomes a metric.
 * @param chance in [0, 1) for a word: the same word, the same number
 */
export function answerFrom(
  { takes, uri }: Recording,
  model: { name: string; payload: PayloadName; id: string; nowMs: number },
  request: Buffer,
  { latencyFactor, errorShare }: Disturbance,
  chance: (word: string) => number,
): Answer {
  const payload = payloads[model.payload];
  try {
    const body = parseJson(request.toString("utf8"));
    const prompt = payload.promptOf(body);
    const found = takes.get(prompt.trim());
    if (!found) throw new Unanswerable(404, `The recording ${uri} has no answer for this prompt, and none is made up.`);
    const take = found[Math.floor(chance("take") * found.length)]!;
    const latencyMs = take.latencyMs * latencyFactor;
    if (chance("error") < errorShare)
      return { status: 500, body: json(payload.error(500, "The recorded model was disturbed and failed.")), latencyMs };
    return { status: 200, body: json(payload.answer(take, body, model)), latencyMs };
  } catch (error) {
    if (!(error instanceof Unanswerable)) throw error;
    return { status: error.status, body: json(payload.error(error.status, error.message)), latencyMs: refusalLatencyMs };
  }
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
