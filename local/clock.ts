import FakeTimers from "@sinonjs/fake-timers";

/** The timers of the machine, kept before any are substituted. */
export const realTime = {
  now: Date.now,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
};

/** One turn of the real event loop: `setImmediate` is never substituted. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
export const realSleep = (ms: number): Promise<void> => new Promise((resolve) => realTime.setTimeout(resolve, ms));

/** Sets `Date` of this thread to a moment, from where it goes on with the machine's. Timers stay the machine's. */
export function shiftDate(nowMs: number): void {
  FakeTimers.install({ now: nowMs, toFake: ["Date"], shouldAdvanceTime: true, advanceTimeDelta: 5 });
}

export type Clock = {
  /** Fires the next due timer and moves the clock there; does nothing when none is due. */
  next(): void;
  /** Moves the clock by `ms`, firing what becomes due on the way. */
  tick(ms: number): void;
  /** Sets the clock without firing anything; timers keep their remaining time. */
  set(nowMs: number): void;
  /** Forgets every timer and goes back to the machine's time, as if just installed. */
  restart(): void;
  pending(): number;
};

/**
 * Substitutes `Date`, `setTimeout` and `setInterval` of this thread. To be called before anything else is imported: a
 * module that has taken the originals keeps them.
 */
export function installClock(nowMs: number): Clock {
  const clock = FakeTimers.install({
    now: nowMs,
    toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
    shouldClearNativeTimers: true,
    ignoreMissingTimers: true,
    loopLimit: 100_000,
  });
  return {
    next: () => void clock.next(),
    tick: (ms) => void clock.tick(ms),
    set: (ms) => clock.setSystemTime(ms),
    restart: () => {
      clock.reset();
      clock.setSystemTime(realTime.now());
    },
    pending: () => clock.countTimers(),
  };
}
