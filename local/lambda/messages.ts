/** What a function's worker is started with. */
export type WorkerStart = {
  entry: string /** Substitute clock, timers and chance: stepped time. */;
  stepped: boolean;
  nowMs: number;
};

/** Host to worker. */
export type ToWorker =
  | {
      type: "invoke";
      requestId: string;
      event: string;
      nowMs: number;
      timeoutMs: number;
      seed: string;
      functionName: string;
      functionArn: string;
      memoryMb: number;
      logGroup: string;
      logStream: string;
    }
  /** A slow call: the worker's clock moves on before it gets the answer. */
  | { type: "pass"; ms: number };

/** Worker to host. */
export type FromWorker =
  | { type: "ready" }
  | { type: "initFailed"; error: FunctionError }
  | { type: "log"; text: string }
  | ({ type: "blocked" } & Blocked)
  | { type: "timedOut" }
  | { type: "done"; payload: string }
  | { type: "failed"; error: FunctionError };

export type FunctionError = { errorType: string; errorMessage: string; trace: string[] };

/** Numbers a function's requests in program order, so that the gateway can serve parallel ones in that order. */
export const sequenceHeader = "x-local-seq";

/**
 * The worker is blocked: this many requests went out and this many answers were read to the end since it started. `stalled`: nor does
 * any of its connections move, so that it reads none of the answers to the end before another request is served.
 */
export type Blocked = { sent: number; closed: number; stalled: boolean };
