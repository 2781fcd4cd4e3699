/** The longest that a timer takes; it fires at once when asked for more. */
const longestTimerMs = 2 ** 31 - 1;

/** Waits on the clock of this thread. @throws the signal's reason when it ends before */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= longestTimerMs) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(leftMs, longestTimerMs));
    try {
      await untilAborted(promise, signal);
    } finally {
      clearTimeout(timer);
    }
  }
  signal.throwIfAborted();
}

/** The promise's outcome, or the signal's reason if it comes first: what still runs then runs for nobody. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    promise.catch(() => {});
  }
}
