/**
 * What every part of the embedded AWS shares. Parts never import each other: they call one another's operations through
 * `call`, with the shapes of the AWS API, so that a part can be read (and replaced) alone.
 */
export type World = {
  readonly region: string;
  readonly accountId: string;
  /** `http://127.0.0.1:PORT`, known before any part serves. */
  readonly endpoint: string;
  /**
   * Time stands still until the returned function is called. Needed around everything that leaves the event loop: file
   * system, zlib, sockets, workers. Work that only awaits promises and timers needs none.
   */
  hold(): () => void;
  /** Queues an invocation. Only the pump starts one, one at a time, when all else is quiet. */
  enqueue(work: () => Promise<void>): void;
  /** A version 4 UUID from the seed: the n-th of its kind is the same in every run. */
  uuid(kind: string): string;
  /** A number in [0, 1) from the seed and the words: the same words, the same number. */
  chance(...words: string[]): number;
  /**
   * Calls an operation of a part in process. Without `as` it is the service's own doing and not checked; with `as` the
   * principal's permission is checked as at the gateway.
   * @throws AwsError
   */
  call(service: string, operation: string, input: Record<string, unknown>, as?: Principal): Promise<Record<string, unknown>>;
};

/** Who makes a call. `admin`: whoever deploys or looks from outside, with any key pair. */
export type Principal =
  | { kind: "admin" }
  | { kind: "role"; roleArn: string; sessionName: string }
  | { kind: "service"; service: string; sourceArn: string };

/** `requestId` is empty where a part of the embedded AWS acts for itself: nobody made a request. */
export type Call = { principal: Principal; requestId: string };
/** `input` is what the client sent, JSON decoded: parse it at the door. */
export type Operation = (
  input: Record<string, unknown>,
  call: Call,
) => Promise<Record<string, unknown>> | Record<string, unknown>;
/** One service: its SigV4 scope and its operations under the names of the AWS API. */
export type Part = { scope: string; operations: Record<string, Operation> };

/** An error as AWS names it. `code` as in the service's model, e.g. `ValidationException`. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly status: number;
  readonly extra: Record<string, unknown>;
  constructor(code: string, message: string, status = 400, extra: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.extra = extra;
  }
}

/** The answer to an operation nobody implemented: never pretend. */
export const notImplemented = (service: string, operation: string): AwsError =>
  new AwsError(
    "NotImplemented",
    `The embedded AWS does not implement ${service}:${operation}. docs/local-aws.md lists what it does.`,
    501,
  );
