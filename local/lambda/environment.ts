import { Worker } from "node:worker_threads";
import { turn } from "../clock.ts";
import type { Blocked, FromWorker, FunctionError, ToWorker, WorkerStart } from "./messages.ts";

export type InvocationResult = { ok: true; payload: string } | { ok: false; error: FunctionError };
export type InvocationMessage = Extract<ToWorker, { type: "invoke" }>;

/** A request as `Lockstep` sees it. `waitsForCaller`: its body is still to come, or its answer still to be read. */
type Arrival = { seq: number; serve: () => Promise<void>; waitsForCaller: () => boolean };

/**
 * Serves the parallel requests of one invocation one by one, in program order: a request is served when the worker is blocked
 * and everything it has sent has arrived, so the order on the wire does not depend on the machine.
 */
export class Lockstep {
  #arrived = 0;
  #finished = 0;
  #blocked: Blocked | null = null;
  readonly #serving = new Set<Arrival>();
  readonly #waiting: Arrival[] = [];
  #over = true;

  begin(): void {
    this.#over = false;
  }

  /** The invocation has ended, perhaps by a crash: what it left open waits for nothing any more. */
  end(): void {
    this.#over = true;
    this.#next();
  }

  /** A request has arrived; `serve` answers it and resolves when the whole answer was written. */
  arrive(arrival: Arrival): void {
    this.#arrived++;
    this.#waiting.push(arrival);
    this.#next();
  }

  blocked(blocked: Blocked): void {
    this.#blocked = blocked;
    if (blocked.stalled) void this.#countAnew(blocked);
    else this.#next();
  }

  /**
   * What was sent before the worker's last turns is here after some turns of ours. What is not was served between two invocations, and
   * nobody counted it.
   */
  async #countAnew(blocked: Blocked): Promise<void> {
    for (let turns = 0; turns < 4; turns++) await turn();
    if (this.#blocked !== blocked) return;
    this.#arrived = blocked.sent;
    if (this.#serving.size === 0) this.#finished = blocked.closed;
    this.#next();
  }

  #next(): void {
    if (this.#over) {
      while (this.#waiting.length > 0) this.#serveLowest();
      return;
    }
    if (this.#waiting.length === 0 || this.#blocked === null || this.#blocked.sent !== this.#arrived) return;
    const { closed, stalled } = this.#blocked;
    // A large answer that the handler reads slowly, or an upload that goes on while it reads, waits for what comes after it.
    const isServed = this.#serving.size === 0 && closed === this.#finished;
    if (isServed || (stalled && [...this.#serving].every(({ waitsForCaller }) => waitsForCaller()))) this.#serveLowest();
  }

  #serveLowest(): void {
    this.#blocked = null;
    this.#waiting.sort((a, b) => a.seq - b.seq);
    const lowest = this.#waiting.shift()!;
    this.#serving.add(lowest);
    void lowest.serve().finally(() => {
      this.#serving.delete(lowest);
      this.#finished++;
      // That nothing moved was before this answer.
      if (this.#blocked?.stalled) this.#blocked = null;
      this.#next();
    });
  }
}

/** A warm execution environment of one function: a worker thread with its own variables, clock and memory limit. */
export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #ready: Promise<FunctionError | null>;
  readonly lockstep: Lockstep | null;
  #settle: ((result: InvocationResult) => void) | null = null;
  #requestId = "";
  #timeoutMs = 0;
  #onLog: (text: string) => void = () => {};
  dead = false;

  constructor(start: WorkerStart, env: Record<string, string>, memoryMb: number) {
    this.lockstep = start.stepped ? new Lockstep() : null;
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: start,
      env,
      stdout: true,
      stderr: true,
      // One collection may move a whole young generation into the old one. Where that is more than the few megabytes by which
      // Node lets a worker pass its limit before it ends, the engine ends the whole process instead: hence a small one.
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16 },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#ready = new Promise((resolve) => {
      this.#worker.on("message", (message: FromWorker) => {
        if (message.type === "ready") resolve(null);
        else if (message.type === "initFailed") resolve(message.error);
        else this.#hear(message);
      });
      this.#worker.once("error", (error) => {
        const failure = {
          errorType: "Runtime.ExitError",
          errorMessage: `RequestId: ${this.#requestId} Error: ${error.message}`,
          trace: [],
        };
        this.dead = true;
        resolve(failure);
        this.#finish({ ok: false, error: failure });
      });
      this.#worker.once("exit", () => {
        this.dead = true;
        this.#finish({ ok: false, error: this.#exitError("Runtime exited") });
      });
    });
  }

  /** Runs one invocation. Never rejects: a crash, a time-out or a failed start are results, as on Lambda. */
  async invoke(message: InvocationMessage, onLog: (text: string) => void): Promise<InvocationResult> {
    this.#requestId = message.requestId;
    this.#timeoutMs = message.timeoutMs;
    this.#onLog = onLog;
    const failure = await this.#ready;
    if (failure) {
      await this.stop();
      return { ok: false, error: failure };
    }
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    this.#settle = resolve;
    this.lockstep?.begin();
    this.#worker.postMessage(message);
    return promise;
  }

  /** Lets the worker's clock move on by a slow call. */
  pass(ms: number): void {
    this.#worker.postMessage({ type: "pass", ms } satisfies ToWorker);
  }

  /** Kills the worker in the middle of whatever it does. */
  async crash(): Promise<void> {
    this.dead = true;
    this.#finish({ ok: false, error: this.#exitError("Runtime exited with error: signal: killed") });
    await this.#worker.terminate();
  }

  /** The invocation's time is up. */
  async timeOut(timeoutMs: number): Promise<void> {
    this.dead = true;
    const errorMessage = `RequestId: ${this.#requestId} Error: Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`;
    this.#finish({ ok: false, error: { errorType: "Sandbox.Timedout", errorMessage, trace: [] } });
    await this.#worker.terminate();
  }

  async stop(): Promise<void> {
    this.dead = true;
    await this.#worker.terminate();
  }

  #exitError(what: string): FunctionError {
    return { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${this.#requestId} Error: ${what}`, trace: [] };
  }

  #finish(result: InvocationResult): void {
    this.lockstep?.end();
    this.#settle?.(result);
    this.#settle = null;
  }

  #hear(message: Exclude<FromWorker, { type: "ready" | "initFailed" }>): void {
    switch (message.type) {
      case "log":
        this.#onLog(message.text);
        break;
      case "blocked":
        this.lockstep?.blocked(message);
        break;
      case "timedOut":
        void this.timeOut(this.#timeoutMs);
        break;
      case "done":
        this.#finish({ ok: true, payload: message.payload });
        break;
      case "failed":
        this.#finish({ ok: false, error: message.error });
        break;
    }
  }
}
