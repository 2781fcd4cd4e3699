import { JudgeUnreachable } from "./judgeUnreachable.ts";
import { Throttled } from "./throttled.ts";

/** What came back from a judge's server: its answer, or the status with which it rejected this request and would reject it again. */
export type Answered = { state: "answered"; body: string } | { state: "rejected"; status: number };

/** @param called the judge, as a sentence begins with it */
export const overloaded = (called: string, status: number, cause?: Error): Throttled =>
  new Throttled(
    `${called} answers ${status} for now${cause ? ` (${cause.name})` : ""}. It is asked again.`,
    cause === undefined ? undefined : { cause },
  );

/** What was said is left out: it may quote the prompt, or a key. The cause's name must do. */
export function unreachable(called: string, mayHaveAnswered: boolean, cause: unknown): JudgeUnreachable {
  const why = cause instanceof Error ? cause.name : String(cause);
  return new JudgeUnreachable(
    `${called} cannot be asked (${why}). What is to be judged waits; see that it is there and may be called.`,
    mayHaveAnswered,
  );
}
