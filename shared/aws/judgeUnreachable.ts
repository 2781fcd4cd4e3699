/** A judge that cannot be asked for now: gone, forbidden, or silent. What is asked of it waits. */
export class JudgeUnreachable extends Error {
  override readonly name = "JudgeUnreachable";
  /** Whether it may have answered, and be paid, all the same: the connection broke after the request was on its way. */
  readonly mayHaveAnswered: boolean;
  constructor(message: string, mayHaveAnswered: boolean, options?: ErrorOptions) {
    super(message, options);
    this.mayHaveAnswered = mayHaveAnswered;
  }
}
