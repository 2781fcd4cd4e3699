/** One line without its ending. `offset` and `length` count bytes of the object, `number` counts lines from 1. */
export type Line = { bytes: Uint8Array; offset: number; length: number; number: number };

const newline = 0x0a;
const carriageReturn = 0x0d;
const blank = new Set([0x20, 0x09, carriageReturn]);
const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * The lines of a stream that are not blank, in order. Memory holds one line and one chunk, however large the object.
 * A last line without an ending is a line; a byte order mark belongs to none.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let begun: Uint8Array[] = [];
  let offset = 0;
  let number = 0;

  function* finishLine(ending: number): Generator<Line> {
    const bytes = begun.length === 1 ? begun[0]! : Buffer.concat(begun);
    const line = trimmed(bytes, offset, ++number);
    offset += bytes.length + ending;
    begun = [];
    if (line) yield line;
  }

  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      begun.push(chunk.subarray(from, at));
      from = at + 1;
      yield* finishLine(1);
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
  if (begun.length > 0) yield* finishLine(0);
}

function trimmed(bytes: Uint8Array, offset: number, number: number): Line | null {
  const start = offset === 0 && byteOrderMark.every((byte, i) => bytes[i] === byte) ? byteOrderMark.length : 0;
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
  const kept = bytes.subarray(start, end);
  if (kept.every((byte) => blank.has(byte))) return null;
  return { bytes: kept, offset: offset + start, length: kept.length, number };
}
