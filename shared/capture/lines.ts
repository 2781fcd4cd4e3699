import { DamagedGzip, plainChunks } from "./gzip.ts";

/**
 * One line without its ending. `offset` and `length` count bytes of the object (decompressed, where `isGzip`), `number` counts lines
 * from 1. What has a flaw is no whole line: `too_long` has no bytes, `damaged_gzip` is where the object could not be read further.
 */
export type Line = {
  bytes: Uint8Array;
  offset: number;
  length: number;
  number: number;
  isGzip: boolean;
  flaw: "too_long" | "damaged_gzip" | null;
};

/** Bodies of 6 MiB each way make 25 MB at most, with every byte escaped: what is longer is no capture, and is not held in memory. */
export const longestLine = 64 * 1024 * 1024;

const newline = 0x0a;
const carriageReturn = 0x0d;
const blank = new Set([0x20, 0x09, carriageReturn]);
const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * The lines of an object, plain or gzip, that are not blank, in order. Memory holds one line and one chunk, however large the object.
 * A last line without an ending is a line; a byte order mark belongs to none.
 */
export async function* splitLines(object: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const { isGzip, chunks } = await plainChunks(object);
  let begun: Uint8Array[] = [];
  let length = 0;
  let offset = 0;
  let number = 0;

  const add = (piece: Uint8Array) => {
    length += piece.length;
    if (length <= longestLine) begun.push(piece);
    else begun = [];
  };
  const finish = (ending: number, damaged: boolean): Line[] => {
    const bytes = begun.length === 1 ? begun[0]! : Buffer.concat(begun);
    const flaw = damaged ? "damaged_gzip" : length > longestLine ? "too_long" : null;
    const place = { offset, length, number: ++number, isGzip, flaw } as const;
    offset += length + ending;
    begun = [];
    length = 0;
    if (flaw !== null) return [{ bytes, ...place }];
    const line = trimmed(bytes, place.offset);
    return line ? [{ ...place, ...line }] : [];
  };

  try {
    for await (const chunk of chunks) {
      let from = 0;
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
        add(chunk.subarray(from, at));
        from = at + 1;
        yield* finish(1, false);
      }
      if (from < chunk.length) add(chunk.subarray(from));
    }
  } catch (error) {
    if (!(error instanceof DamagedGzip)) throw error;
    yield* finish(0, true);
    return;
  }
  if (length > 0) yield* finish(0, false);
}

/** `null`: there is nothing on the line. */
function trimmed(bytes: Uint8Array, offset: number): { bytes: Uint8Array; offset: number; length: number } | null {
  const start = offset === 0 && byteOrderMark.every((byte, i) => bytes[i] === byte) ? byteOrderMark.length : 0;
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
  const kept = bytes.subarray(start, end);
  if (kept.every((byte) => blank.has(byte))) return null;
  return { bytes: kept, offset: offset + start, length: kept.length };
}
