/** A failure of a state under its name in the States Language: what `Retry` and `Catch` match. */
export class StateError extends Error {
  override readonly name = "StateError";
  /** `States.Timeout`, `Lambda.TooManyRequestsException`, a function's own `errorType`; empty for a Fail state that names none. */
  readonly error: string;
  /** True for what neither `Retry` nor `Catch` sees: the execution fails. */
  readonly isTerminal: boolean;
  constructor(error: string, cause: string, isTerminal = false) {
    super(cause);
    this.error = error;
    this.isTerminal = isTerminal;
  }
}

/** Why an execution ends from outside: the reason of its abort signal. */
export class Ended extends Error {
  override readonly name = "Ended";
  readonly status: "ABORTED" | "TIMED_OUT";
  readonly error: string | undefined;
  constructor(status: "ABORTED" | "TIMED_OUT", error?: string, cause?: string) {
    super(cause ?? "");
    this.status = status;
    this.error = error;
  }
}

/** The largest input or output of a state, in bytes of JSON. Source: Step Functions developer guide, quotas. */
export const maxPayloadBytes = 262_144;

/** @returns the JSON of a state's input or output @throws StateError States.DataLimitExceeded */
export function textWithinLimit(value: unknown, what: string): string {
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) <= maxPayloadBytes) return text;
  const cause = `${what} has a size exceeding the maximum number of bytes service limit (${maxPayloadBytes}).`;
  throw new StateError("States.DataLimitExceeded", cause, true);
}
