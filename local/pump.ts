import { type Clock, realSleep, realTime, turn } from "./clock.ts";

type Work = () => Promise<void>;

/**
 * Decides when time passes. On *stepped* time the clock stands still while anything is in flight; when all is quiet, the
 * next invocation starts, and when there is none, the clock goes to the next due moment, never further than a driver asks.
 * A slow machine therefore changes nothing. On *real* time the same clock follows the machine's.
 *
 * Nothing but this pump starts an invocation, one at a time: queues are asked only when all is quiet, so that batches are
 * full and the same in every run.
 */
export class Pump {
  readonly #clock: Clock;
  #inFlight = 0;
  #epoch = 0;
  #wake: (() => void) | null = null;
  readonly #runnable: Work[] = [];
  readonly #sources: (() => Promise<Work | null>)[] = [];
  #following: Promise<void> | null = null;
  #stop = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Time stands still until the returned function is called; calling it again does nothing. */
  hold(): () => void {
    this.#inFlight++;
    this.#epoch++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#epoch++;
      if (--this.#inFlight === 0) this.#wake?.();
    };
  }

  enqueue(work: Work): void {
    this.#runnable.push(work);
    this.#epoch++;
  }

  /** A source is asked for work whenever all is quiet, in the order in which sources were added. */
  addSource(source: () => Promise<Work | null>): void {
    this.#sources.push(source);
  }

  /** Moves time to `untilMs`, doing all that becomes due, and returns when all is quiet there. Real time stops. */
  async advanceTo(untilMs: number): Promise<void> {
    await this.stopFollowing();
    let reached = untilMs <= Date.now();
    // A timer of its own, so that the last step does not overshoot.
    const sentinel = reached ? null : setTimeout(() => (reached = true), untilMs - Date.now());
    for (;;) {
      await this.#quiet();
      const work = await this.#nextWork();
      if (work) this.#start(work);
      else if (reached) break;
      else this.#clock.next();
    }
    if (sentinel) clearTimeout(sentinel);
  }

  /** Lets the clock follow the machine's from where it stands. */
  follow(): void {
    if (this.#following) return;
    this.#stop = false;
    this.#following = this.#followLoop();
  }

  async stopFollowing(): Promise<void> {
    this.#stop = true;
    await this.#following;
    this.#following = null;
  }

  async #followLoop(): Promise<void> {
    let last = realTime.now();
    while (!this.#stop) {
      await realSleep(5);
      const now = realTime.now();
      if (now > last) this.#clock.tick(now - last);
      last = now;
      if (this.#runningInvocations > 0) continue;
      const work = await this.#nextWork();
      if (work) this.#start(work);
    }
  }

  #runningInvocations = 0;

  #start(work: Work): void {
    const release = this.hold();
    this.#runningInvocations++;
    void work().finally(() => {
      this.#runningInvocations--;
      release();
    });
  }

  async #nextWork(): Promise<Work | null> {
    const queued = this.#runnable.shift();
    if (queued) return queued;
    for (const source of this.#sources) {
      const work = await source();
      if (work) return work;
    }
    return null;
  }

  /** Returns when nothing is in flight and two turns of the event loop brought nothing new. */
  async #quiet(): Promise<void> {
    for (;;) {
      if (this.#inFlight > 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
      const epoch = this.#epoch;
      await turn();
      await turn();
      if (this.#inFlight === 0 && epoch === this.#epoch) return;
    }
  }
}
