import { z } from "zod";
import { questionTraits } from "../capture/questionTraits.ts";
import type { AnchorReading, ReadAnchor } from "./anchors.ts";
import { addAnswered, addUnanswered, type Counted } from "./summary.ts";
import { emptyWindow, type WindowRecord } from "./windowRecord.ts";
import { windowOf } from "./windows.ts";

/** A recorded stream while it is read: windows by the time of its answers, and the anchors that were judged again. */
export type RecordedStream = {
  windowMs: number;
  windows: Map<string, WindowRecord>;
  /** By event: a second line of the same event must say the same. */
  seen: Map<string, string>;
  anchors: AnchorLine[];
  /** Judged answers with their texts, from which anchors can be drawn. */
  candidates: (ReadAnchor & { endpoint: string })[];
};

type AnchorLine = { endpoint: string; time: string; id: string; criterion: string; stored: number; grade: number };

/** A recorded stream that cannot be used: says which line and what to do. Never quotes it. */
export class UnusableStream extends Error {
  override readonly name = "UnusableStream";
}

const share = z.number().min(0).max(1);
const time = z.iso.datetime({ offset: true });
const judgement = z
  .union([
    z.looseObject({ status: z.literal("graded"), grades: z.record(z.string(), share) }),
    z.looseObject({ status: z.enum(["failed", "refused", "unparseable", "skipped"]) }),
  ])
  .nullable();
const answerLine = z.looseObject({
  eventId: z.string().min(1),
  time,
  endpoint: z.string().min(1),
  variant: z.string().min(1),
  outcome: z.enum(["answered", "model_error", "input_only", "output_only"]).default("answered"),
  scores: z.record(z.string(), share.nullable()),
  pi: z.number().gt(0).max(1).nullable(),
  judgement,
  segment: z.string().default("all"),
  conversation: z.string().optional(),
  promptTokens: z.number().default(0),
  completionTokens: z.number().default(0),
  tokensEstimated: z.boolean().default(false),
  prompt: z.string().optional(),
  completion: z.string().optional(),
  latencyMs: z.number().min(0).optional(),
});
const anchorLine = z.looseObject({
  time,
  endpoint: z.string().min(1),
  anchor: z.looseObject({ id: z.string(), stored: share, grade: share.nullable(), criterion: z.string().default("quality") }),
});
const example =
  'A line is like {"eventId":"e1","time":"2026-03-02T09:41:07Z","endpoint":"chat","variant":"stable","scores":{},"pi":0.2,"judgement":null}.';
/** Longer than it takes to judge a hundred anchors, and far shorter than the time between two readings. */
const readingMs = 3_600_000;

/** A stream of which nothing is read yet. @param windowMs length of its windows, e.g. 900,000 */
export function newStream(windowMs: number): RecordedStream {
  return { windowMs, windows: new Map(), seen: new Map(), anchors: [], candidates: [] };
}

/**
 * Reads one line into the stream, which it changes. Empty lines and quarantined records are passed over.
 * @param where the file and line, as the user calls them
 * @throws UnusableStream
 */
export function addLine(stream: RecordedStream, text: string, where: string): void {
  if (text.trim() === "") return;
  const value = jsonOf(text, where);
  if (isObjectWith(value, "anchor")) {
    const { endpoint, time, anchor } = parsed(anchorLine, value, where);
    const { id, criterion, stored, grade } = anchor;
    if (grade !== null) stream.anchors.push({ endpoint, time, id, criterion, stored, grade });
    return;
  }
  if (isObjectWith(value, "outcome") && value.outcome === "quarantined") return;
  const { conversation, pi, ...line } = parsed(answerLine, value, where);
  const { endpoint, variant, eventId, judgement } = line;
  const key = JSON.stringify([endpoint, variant, eventId]);
  const says = JSON.stringify([line.time, pi, judgement]);
  const before = stream.seen.get(key);
  if (before === says) return; // the same answer delivered twice
  if (before !== undefined)
    throw new UnusableStream(`${where}: event ${eventId} came before with another time, pi or judgement. Keep one of the lines.`);
  stream.seen.set(key, says);

  const record = recordFor(stream, endpoint, variant, line.time);
  const question = line.prompt === undefined ? undefined : questionTraits(line.prompt);
  const counted: Counted = { ...line, question, ...(conversation === undefined ? {} : { conversation }) };
  if (line.outcome !== "answered") {
    addUnanswered(record.summary, counted);
    return;
  }
  if (pi === null)
    throw new UnusableStream(
      `${where}: pi is missing. Without the probability that it was chosen with, an answer estimates nothing.`,
    );
  addAnswered(record.summary, counted, { hardFailure: false, pi, piRef: pi, chosen: judgement !== null, f: {} });
  record.piRef = record.summary.piMin;
  if (judgement === null) return;
  if (judgement.status !== "graded") {
    record.failed.push({ eventId, pi, segment: line.segment, f: {}, status: judgement.status });
    return;
  }
  const { segment, scores, prompt, completion } = line;
  const y = judgement.grades;
  const { traits } = record.summary.chosen.at(-1)!; // it was added just now
  record.rows.push({
    eventId,
    time: line.time,
    segment,
    ...(conversation === undefined ? {} : { conversation }),
    y,
    pi,
    f: {},
    scores,
    ...(traits === undefined ? {} : { traits }),
  });
  if (prompt !== undefined && completion !== undefined)
    stream.candidates.push({ endpoint, id: eventId, prompt, completion, readings: [y] });
}

/** The windows of an endpoint in order of time. */
export function windowsOf({ windows }: RecordedStream, endpoint: string): WindowRecord[] {
  return [...windows.values()]
    .filter((record) => record.endpoint === endpoint)
    .sort((a, b) => order(a.window, b.window) || order(a.variant, b.variant));
}

/** The readings of an endpoint's anchors: a new one begins with an anchor that was read already, or after an hour. */
export function readingsOf({ anchors }: RecordedStream, endpoint: string): AnchorReading[] {
  const lines = anchors
    .filter((line) => line.endpoint === endpoint)
    .sort((a, b) => Date.parse(a.time) - Date.parse(b.time) || order(a.id, b.id));
  const readings: { startMs: number; seen: Set<string>; reading: AnchorReading }[] = [];
  for (const { time, id, criterion, stored, grade } of lines) {
    const key = JSON.stringify([id, criterion]);
    let last = readings.at(-1);
    if (last === undefined || last.seen.has(key) || Date.parse(time) - last.startMs > readingMs) {
      last = { startMs: Date.parse(time), seen: new Set(), reading: { time, anchors: [] } };
      readings.push(last);
    }
    last.seen.add(key);
    last.reading.time = time;
    last.reading.anchors.push({ id, stored: { [criterion]: stored }, grades: { [criterion]: grade } });
  }
  return readings.map(({ reading }) => reading);
}

/** The endpoints that a stream has answers or readings of anchors of, in order of name. */
export function endpointsOf({ windows, anchors }: RecordedStream): string[] {
  return [...new Set([...windows.values(), ...anchors].map(({ endpoint }) => endpoint))].sort();
}

function recordFor({ windows, windowMs }: RecordedStream, endpoint: string, variant: string, time: string): WindowRecord {
  const window = windowOf(Date.parse(time), windowMs);
  const key = JSON.stringify([window, endpoint, variant]);
  const known = windows.get(key);
  if (known !== undefined) return known;
  const record = emptyWindow(window, endpoint, variant);
  windows.set(key, record);
  return record;
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would quote the line.
    throw new UnusableStream(`${where} is not JSON. Is the file cut off?`);
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UnusableStream(`${where}: ${[path.join("."), message].filter(Boolean).join(": ")}. ${example}`);
}

function isObjectWith<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key);
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
