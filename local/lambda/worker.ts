/**
 * One Lambda execution environment: loads the packaged bundle and runs its handler. On stepped time `Date`, timers and
 * chance are substituted before the bundle loads, so product code knows nothing of it: time moves only when the handler is
 * blocked on a timer, and the random numbers of an invocation follow from its seed.
 */
import crypto, { createHash } from "node:crypto";
import diagnostics from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import type { Transform } from "node:stream";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import zlib from "node:zlib";
import { installClock, realSleep, shiftDate, turn } from "../clock.ts";
import { type FromWorker, type FunctionError, sequenceHeader, type ToWorker, type WorkerStart } from "./messages.ts";

const host = parentPort!;
const { entry, stepped, nowMs: startedAtMs } = workerData as WorkerStart;
const post = (message: FromWorker) => host.postMessage(message);

process.stdout.write = process.stderr.write = ((chunk: string | Uint8Array) => {
  post({ type: "log", text: typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8") });
  return true;
}) as typeof process.stdout.write;

const clock = stepped ? installClock(startedAtMs) : null;
// After a stepped run the embedded AWS goes on from the simulated moment, and so do its functions.
if (!stepped && Math.abs(startedAtMs - Date.now()) > 1_000) shiftDate(startedAtMs);

// Counts of the life of this worker: the gateway compares them with what it has seen.
let sequence = 0;
const open = new Set<ClientRequest>();
const compressing = new Set<Transform>();
let sent = 0;
let closed = 0;
let activity = 0;
let onActivity: (() => void) | null = null;
const active = () => {
  activity++;
  onActivity?.();
};

if (stepped) {
  diagnostics.subscribe("http.client.request.created", (message) => {
    const { request } = message as { request: ClientRequest };
    open.add(request);
    request.setHeader(sequenceHeader, String(++sequence));
    request.once("socket", () => {
      sent++;
      active();
    });
    request.once("close", () => {
      open.delete(request);
      closed++;
      active();
    });
    active();
  });
}

/** Bytes that the connections of open requests have moved, either way. */
const moved = () => [...open].reduce((sum, { socket }) => sum + (socket ? socket.bytesRead + socket.bytesWritten : 0), 0);
/** A stream that is full waits for its reader, not for the thread pool. */
const compresses = () => [...compressing].some((stream) => stream.readableLength < stream.readableHighWaterMark);
/** Between two looks at the connections. How long does not matter, but that this thread had its turns in between. */
const lookAgainMs = 50;

/** Counts what zlib's streams do in the thread pool, which no turn of the event loop shows: a handler that waits for it is not idle. */
function countCompression(): void {
  // Gzip → Zlib → ZlibBase, whose `_transform` all streams of zlib share.
  const base = Object.getPrototypeOf(Object.getPrototypeOf(zlib.Gzip.prototype)) as Transform;
  const transform = base._transform;
  base._transform = function (this: Transform, chunk, encoding, callback) {
    compressing.add(this);
    const done = () => {
      if (compressing.delete(this)) active();
    };
    this.once("close", done);
    transform.call(this, chunk, encoding, (...results) => {
      this.off("close", done);
      done();
      callback(...results);
    });
  };
}
if (stepped) countCompression();

/** Replaces the sources of chance for one invocation. */
function seedChance(seed: string): void {
  let drawn = 0;
  let pool = Buffer.alloc(0);
  const bytes = (size: number): Buffer => {
    while (pool.length < size) pool = Buffer.concat([pool, createHash("sha256").update(`${seed}:${drawn++}`).digest()]);
    const taken = pool.subarray(0, size);
    pool = pool.subarray(size);
    return Buffer.from(taken);
  };
  Math.random = () => bytes(4).readUInt32BE() / 2 ** 32;
  const uuid = () => {
    const b = bytes(16);
    b[6] = (b[6]! & 0x0f) | 0x40;
    b[8] = (b[8]! & 0x3f) | 0x80;
    return b.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };
  crypto.randomUUID = uuid as typeof crypto.randomUUID;
  globalThis.crypto.randomUUID = uuid as typeof crypto.randomUUID;
  syncBuiltinESMExports();
}

const asFunctionError = (error: unknown): FunctionError =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

type Handler = (event: unknown, context: object) => Promise<unknown>;
let handler: Handler;

/**
 * Runs beside the handler on stepped time: tells the host when the handler is blocked on its requests, and moves the clock
 * to the next timer when it is blocked on nothing else.
 */
async function step(isDone: () => boolean, deadlineMs: number): Promise<void> {
  let told = -1;
  while (!isDone()) {
    const seen = activity;
    await turn();
    await turn();
    if (isDone()) return;
    if (seen !== activity) continue;
    if (told !== activity) {
      told = activity;
      post({ type: "blocked", sent, closed, stalled: false });
    }
    if (open.size > 0 || compressing.size > 0) {
      const movedBefore = moved();
      const somethingHappens = new Promise<void>((resolve) => {
        onActivity = resolve;
      });
      await Promise.race([somethingHappens, realSleep(lookAgainMs)]);
      onActivity = null;
      if (seen !== activity) continue;
      await turn();
      await turn();
      const stalled = seen === activity && open.size > 0 && !compresses() && moved() === movedBefore;
      if (stalled) post({ type: "blocked", sent, closed, stalled });
      continue;
    }
    // No request is open, yet the thread pool may be at work on a file, which nothing here can see: give it a moment.
    await realSleep(20);
    if (isDone() || seen !== activity || clock!.pending() === 0) continue;
    clock!.next();
    if (Date.now() >= deadlineMs) return post({ type: "timedOut" });
  }
}

async function invoke(message: Extract<ToWorker, { type: "invoke" }>): Promise<void> {
  clock?.set(message.nowMs);
  if (stepped) seedChance(message.seed);
  const deadlineMs = Date.now() + message.timeoutMs;
  const context = {
    awsRequestId: message.requestId,
    functionName: message.functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: message.functionArn,
    memoryLimitInMB: String(message.memoryMb),
    logGroupName: message.logGroup,
    logStreamName: message.logStream,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
  let done = false;
  deadline = deadlineMs;
  const running = (async () => handler(JSON.parse(message.event), context))().then(
    (result): FromWorker => ({ type: "done", payload: JSON.stringify(result) ?? "null" }),
    (error): FromWorker => ({ type: "failed", error: asFunctionError(error) }),
  );
  void running.then(() => {
    done = true;
    active();
  });
  if (stepped) void step(() => done, deadlineMs);
  post(await running);
}

let deadline = Number.POSITIVE_INFINITY;

host.on("message", (message: ToWorker) => {
  if (message.type === "invoke") void invoke(message);
  else {
    clock?.tick(message.ms);
    if (Date.now() >= deadline) post({ type: "timedOut" });
  }
});

try {
  const loaded = (await import(pathToFileURL(entry).href)) as { handler?: Handler };
  if (typeof loaded.handler !== "function") throw new Error(`${entry} exports no function named handler`);
  handler = loaded.handler;
  post({ type: "ready" });
} catch (error) {
  post({ type: "initFailed", error: asFunctionError(error) });
}
