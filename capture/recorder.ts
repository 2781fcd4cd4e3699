import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { createBatches } from "./batches.ts";
import { type Exchange, envelopeOf } from "./envelope.ts";
import { Received } from "./received.ts";

/** Streams since the start, each in `skipped` or in exactly one other place once it has ended. */
export type Counts = {
  /** Not chosen by `percentage`. */
  skipped: number;
  /** Written, or waiting to be. */
  captured: number;
  /** Of these, written to S3. */
  written: number;
  /** Left out, because too much was waiting already, or because it was larger than SageMaker captures. */
  dropped: number;
  /** Left out, because the answer did not say which variant gave it. */
  unattributed: number;
  /** Puts of one object that failed; they are repeated. */
  failedWrites: number;
};

export type RecorderDeps = {
  /** Empty, or with a slash at its end. */
  prefix: string;
  /** Of the calls, in (0, 1]. */
  share: number;
  put(key: string, body: string): Promise<void>;
  warn(problem: string): void;
  nowMs(): number;
  /** In [0, 1). */
  chance(): number;
};

/** All that is held in memory, of streams that run and of lines that wait: about a minute of a busy process. */
const mostBytes = 64 * 2 ** 20;
/** SageMaker takes bodies of 6 MiB. */
const mostStreamBytes = 8 * 2 ** 20;
/** SageMaker ends a stream after 8 minutes. Who has not read it to its end by then does not read it any more. */
const longestMs = 15 * 60_000;

type Input = {
  [Name in "EndpointName" | "TargetVariant" | "ContentType" | "InferenceId" | "CustomAttributes"]?: string | undefined;
} & {
  Body?: unknown;
};
type Output = { Body?: AsyncIterable<unknown>; ContentType?: string; InvokedProductionVariant?: string };
type Call = Omit<Exchange, "response"> & { endpoint: string };
/** A stream that is being read. */
type Running = { call: Call; variant: string | undefined; contentType: string | undefined; received: Received };

/** Takes down what streams through a client, and has it written. */
export function createRecorder({ prefix, share, put, warn, nowMs, chance }: RecorderDeps) {
  const counts: Counts = { skipped: 0, captured: 0, written: 0, dropped: 0, unattributed: 0, failedWrites: 0 };
  const batches = createBatches(put);
  const running = new Set<Running>();
  let heldBytes = 0;
  let stopped = false;

  /** Calls, and watches the stream that comes back. */
  async function watch<Result extends { output: object }>(input: Input, invoke: () => Promise<Result>): Promise<Result> {
    if (stopped) return invoke();
    if (chance() >= share) {
      counts.skipped++;
      return invoke();
    }
    const call = callOf(input, nowMs());
    const result = await invoke().catch((error: unknown) => {
      quietly(() => noteFailure(call, input, error));
      throw error;
    });
    const { Body, ContentType, InvokedProductionVariant = input.TargetVariant } = result.output as Output;
    if (Body === undefined) return result;
    const stream = { call, variant: InvokedProductionVariant, contentType: ContentType, received: new Received() };
    return { ...result, output: { ...result.output, Body: teed(Body, stream) } };
  }

  /** The body again: the first time that it is read, its parts are noted. */
  function teed(body: AsyncIterable<unknown>, stream: Running): AsyncIterable<unknown> {
    let isRead = false;
    return {
      [Symbol.asyncIterator]() {
        const events = body[Symbol.asyncIterator]();
        if (isRead) return events;
        isRead = true;
        return noting(events, stream);
      },
    };
  }

  /** The caller gets the promises of the stream itself: it waits for nothing else, and asks for each part when it wants it. */
  function noting(events: AsyncIterator<unknown>, stream: Running): AsyncIterableIterator<unknown> {
    let begun = false;
    // The end of the stream does not wait for us, either.
    const ended = () => void setImmediate(() => quietly(() => end(stream)));
    const noted = ({ done, value }: IteratorResult<unknown>) => (done ? ended() : quietly(() => note(stream, value)));
    const broken = (error: unknown) => {
      quietly(() => noteBreak(stream, error));
      ended();
    };
    return {
      next() {
        if (!begun) quietly(() => begin(stream));
        begun = true;
        const event = events.next();
        event.then(noted, broken);
        return event;
      },
      return(value?: unknown) {
        ended();
        return events.return?.(value) ?? Promise.resolve({ done: true, value });
      },
      throw(error?: unknown) {
        ended();
        return events.throw?.(error) ?? Promise.reject(error);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  function begin(stream: Running): void {
    if (!hold(stream.call.request.body.length)) return void counts.dropped++;
    running.add(stream);
  }

  function note(stream: Running, event: unknown): void {
    const bytes = (event as { PayloadPart?: { Bytes?: Uint8Array } }).PayloadPart?.Bytes;
    if (bytes === undefined || !running.has(stream)) return;
    if (stream.received.length + bytes.length > mostStreamBytes || !hold(bytes.length)) drop(stream);
    else stream.received.append(bytes);
  }

  /** The model failed in the middle: it did not answer. What else ends a stream, such as the caller, cuts the answer short. */
  function noteBreak(stream: Running, error: unknown): void {
    const { name, message, ErrorCode } = error as Error & { ErrorCode?: string };
    if (!running.has(stream) || (name !== "ModelStreamError" && name !== "InternalStreamFailure")) return;
    const before = stream.received.length;
    stream.received.endWith({ message, code: ErrorCode ?? name });
    heldBytes += stream.received.length - before;
  }

  function end(stream: Running): void {
    if (!running.delete(stream)) return;
    heldBytes -= bytesOf(stream);
    const { call, variant, contentType, received } = stream;
    add(call, variant, { body: received.bytes, contentType });
  }

  /** A model that failed before its stream began answered with an error, which SageMaker would have captured. Others never asked it. */
  function noteFailure(call: Call, input: Input, error: unknown): void {
    const { name, OriginalStatusCode, OriginalMessage, LogStreamArn } = error as Error & Record<string, unknown>;
    if (name !== "ModelError") return;
    const variant = input.TargetVariant ?? /:log-stream:([^/]+)/.exec(String(LogStreamArn))?.[1];
    const body = Buffer.from(JSON.stringify({ error: { message: OriginalMessage, code: OriginalStatusCode } }));
    add(call, variant, { body, contentType: "application/json" });
  }

  function add(call: Call, variant: string | undefined, response: Exchange["response"]): void {
    if (variant === undefined) return void counts.unattributed++;
    const line = `${envelopeOf({ ...call, response })}\n`;
    const bytes = Buffer.byteLength(line);
    if (!hold(bytes)) return void counts.dropped++;
    counts.captured++;
    const folder = `${prefix}${call.endpoint}/${variant}`;
    if (batches.add(folder, () => `${folder}/${fileOf(call.timeMs)}-${randomUUID()}.jsonl`, line, bytes)) void flush();
  }

  /** Never rejects. */
  async function flush(): Promise<void> {
    await turn(); // streams that have just ended
    for (const stream of running) if (nowMs() - stream.call.timeMs > longestMs) drop(stream);
    await batches.flush(
      (records, bytes) => {
        counts.written += records;
        heldBytes -= bytes;
      },
      (error) => {
        counts.failedWrites++;
        quietly(() => warn(`captures wait, since they could not be written: ${(error as Error).name}`));
      },
    );
  }

  function drop(stream: Running): void {
    running.delete(stream);
    heldBytes -= bytesOf(stream);
    counts.dropped++;
  }

  function hold(bytes: number): boolean {
    if (heldBytes + bytes > mostBytes) return false;
    heldBytes += bytes;
    return true;
  }

  return {
    watch,
    flush,
    counts: (): Counts => ({ ...counts }),
    stop(): void {
      stopped = true;
    },
  };
}

const bytesOf = ({ call, received }: Running) => call.request.body.length + received.length;

function callOf({ EndpointName, Body, ContentType, InferenceId, CustomAttributes }: Input, timeMs: number): Call {
  return {
    eventId: randomUUID(),
    timeMs,
    endpoint: EndpointName ?? "",
    request: { body: bytesIn(Body), contentType: ContentType },
    inferenceId: InferenceId,
    customAttributes: CustomAttributes,
  };
}

/** A copy: the caller may use the buffer again. */
function bytesIn(body: unknown): Buffer {
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof ArrayBuffer) return Buffer.from(body.slice(0));
  return ArrayBuffer.isView(body) ? Buffer.from(new Uint8Array(body.buffer, body.byteOffset, body.byteLength)) : Buffer.alloc(0);
}

/** `yyyy/mm/dd/hh/MM-SS-mmm`, UTC, as SageMaker names objects by their first record. */
const fileOf = (timeMs: number) =>
  new Date(timeMs).toISOString().replace(/^(....)-(..)-(..)T(..):(..):(..)\.(...)Z$/, "$1/$2/$3/$4/$5-$6-$7");

/** Nothing of this may reach the caller. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Memory ran out, or an answer has a form that no SDK has: the stream is more than its capture.
  }
}
