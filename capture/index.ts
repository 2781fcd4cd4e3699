import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { type Counts, createRecorder } from "./recorder.ts";

export type { Counts } from "./recorder.ts";

export type CaptureOptions = {
  /** The prefix that Assay reads, as in the endpoint's `DataCaptureConfig`: `s3://bucket/prefix`. */
  destination: string;
  /** The share of calls that is captured, in percent: that of the endpoint's `DataCaptureConfig`. Default: 100. */
  percentage?: number;
  /** Writes the captures. Default: a client with the region and the credentials of the one that is watched. */
  s3?: S3Client;
};

export type StreamCapture = {
  /** What happened to the streams so far. */
  readonly counts: Readonly<Counts>;
  /** Writes what is complete. Never throws: what cannot be written is kept, and tried again a minute later. */
  flush(): Promise<void>;
  /** Writes what is complete for the last time, and captures nothing more; the client goes on as before. Never throws. */
  close(): Promise<void>;
};

const everyMs = 60_000;
/** Whatever else a client does, SageMaker captures. */
const streaming = "InvokeEndpointWithResponseStreamCommand";

/**
 * Captures the streams of a client as SageMaker's data capture would: `InvokeEndpointWithResponseStream`, of whose answers it captures
 * nothing. The caller gets every part when it comes; captures are written beside, once a minute and when the process has nothing left to
 * do. Whatever goes wrong with them is counted and told to the client's `logger`, never to the caller.
 * @throws Error where the destination or the percentage cannot be, or the client is captured already
 */
export function captureStreams(client: SageMakerRuntimeClient, options: CaptureOptions): StreamCapture {
  const { destination, percentage = 100 } = options;
  const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)(?:\/(.*?))?\/*$/.exec(destination) ?? [];
  if (bucket === undefined) throw new Error(`destination is "${destination}". It has the form s3://bucket/prefix.`);
  if (!(percentage > 0 && percentage <= 100)) throw new Error(`percentage is ${percentage}. It is over 0 and at most 100.`);
  const s3 = options.s3 ?? new S3Client({ region: client.config.region, credentials: client.config.credentials });
  const recorder = createRecorder({
    prefix: prefix === "" ? "" : `${prefix}/`,
    share: percentage / 100,
    put: async (Key, Body) => void (await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))),
    warn: (problem) => client.config.logger?.warn?.(`assay/capture: ${problem}`),
    nowMs: () => Date.now(),
    chance: () => Math.random(),
  });
  client.middlewareStack.add(
    (next, { commandName }) => (commandName === streaming ? (args) => recorder.watch(args.input, () => next(args)) : next),
    { step: "initialize", name: "assayCapture" },
  );
  const timer = setInterval(() => void recorder.flush(), everyMs);
  timer.unref();
  const onLastWork = () => void recorder.flush();
  process.once("beforeExit", onLastWork);
  return {
    get counts() {
      return recorder.counts();
    },
    flush: () => recorder.flush(),
    async close() {
      clearInterval(timer);
      process.off("beforeExit", onLastWork);
      recorder.stop();
      client.middlewareStack.remove("assayCapture");
      await recorder.flush();
    },
  };
}
