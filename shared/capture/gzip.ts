import { createGunzip, gunzipSync } from "node:zlib";

/** A stream of gzip is broken: what came before it was read. */
export class DamagedGzip extends Error {
  override readonly name = "DamagedGzip";
}

/** Ten times what SageMaker lets through. A few kilobytes of gzip can claim to be gigabytes. */
const largestBody = 64 * 1024 * 1024;

/** By the magic bytes: no header and no name tells. Source: RFC 1952, section 2.3.1 */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What was compressed, or `null` where it is damaged or unreasonably large. */
export function unzip(bytes: Uint8Array): Uint8Array | null {
  try {
    return gunzipSync(bytes, { maxOutputLength: largestBody });
  } catch {
    return null;
  }
}

/**
 * The same bytes, decompressed where they are gzip.
 * @returns `isGzip`, once the first bytes are there, and the bytes; reading them throws DamagedGzip where they are damaged
 */
export async function plainChunks(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ isGzip: boolean; chunks: AsyncIterable<Uint8Array> }> {
  const rest = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 2) {
    const next = await rest.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  const whole = headed(head, rest);
  return isGzip(head) ? { isGzip: true, chunks: decompressed(whole) } : { isGzip: false, chunks: whole };
}

async function* headed(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** Takes members that were put one behind the other, too, which is how gzip files are joined. What breaks on the way here is thrown as it is. */
async function* decompressed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // Taken as it comes: a stream that is iterated over drops what it holds when it fails.
  const plain: Uint8Array[] = [];
  gunzip.on("data", (piece: Uint8Array) => plain.push(piece));
  let state: "reads" | "ended" | "damaged" = "reads";
  let goOn = () => {};
  // Either way the write that led there is never called back. It ends by itself where what follows is no member.
  for (const [event, next] of [
    ["end", "ended"],
    ["error", "damaged"],
  ] as const) {
    gunzip.on(event, () => {
      state = next;
      goOn();
    });
  }
  const step = (take: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      goOn = resolve;
      take(resolve);
    });
  const now = () => state; // events change it
  try {
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += readAtOnce) {
        await step((done) => gunzip.write(chunk.subarray(from, from + readAtOnce), done));
        yield* plain.splice(0);
        if (now() !== "reads") throw new DamagedGzip("The object is gzip that is damaged, or has something else behind it.");
      }
    }
    await step(() => gunzip.end());
    yield* plain;
    if (now() === "damaged") throw new DamagedGzip("The object is gzip that is cut off.");
  } finally {
    gunzip.destroy();
  }
}

/** A thousand times as much may come out, and is held until the reader has it. */
const readAtOnce = 4096;

/** The bytes from `offset` on, `length` of them or what there is. Reads no further. */
export async function sliceOf(chunks: AsyncIterable<Uint8Array>, offset: number, length: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for await (const chunk of chunks) {
    pieces.push(chunk.subarray(Math.max(0, offset - at), Math.max(0, offset + length - at)));
    at += chunk.length;
    if (at >= offset + length) break;
  }
  return Buffer.concat(pieces);
}
