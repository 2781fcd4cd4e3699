import { performance } from "node:perf_hooks";

export type Progress = {
  /** Says how far it is, unless that was said a moment ago. */
  tell(text: () => string): void;
  /** Takes away what was said, so that what comes after stands alone. */
  end(): void;
};

/** Oftener nobody reads it, and writing takes time from the work. */
const everyMs = 100;

/** Progress on one line of a terminal. Where `stream` is none (a file, a pipe, CI), nothing is written. */
export function progressOn(
  stream: { isTTY?: boolean; columns?: number; write(text: string): unknown },
  nowMs: () => number = () => performance.now(),
): Progress {
  let saidMs = Number.NEGATIVE_INFINITY;
  return {
    tell(text) {
      if (stream.isTTY !== true || nowMs() - saidMs < everyMs) return;
      saidMs = nowMs();
      // A line that is broken by the terminal could not be taken away.
      stream.write(`\r\x1b[K${text().slice(0, (stream.columns ?? 80) - 1)}`);
    },
    end() {
      if (saidMs > Number.NEGATIVE_INFINITY) stream.write("\r\x1b[K");
    },
  };
}
