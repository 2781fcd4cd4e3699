import type { Source, UnreadableCode } from "./inference.ts";

/** A capture record that cannot become an inference. Its file goes on without it. Never quotes what was captured. */
export class UnreadableRecord extends Error {
  override readonly name = "UnreadableRecord";
  readonly code: UnreadableCode;
  readonly source: Source;
  constructor(code: UnreadableCode, what: string, source: Source, remedy: string) {
    super(`${what} (${placeOf(source)}). ${remedy}`);
    this.code = code;
    this.source = source;
  }
}

function placeOf({ bucket, key, offset }: Source): string {
  return `${bucket === "" ? key : `s3://${bucket}/${key}`}, byte ${offset}`;
}
