import { gunzipSync } from "node:zlib";

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

async function* decompressed(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let failure: { error: unknown } | null = null;
  const source = (async function* () {
    try {
      yield* chunks;
    } catch (error) {
      failure = { error };
      throw error;
    }
  })();
  try {
    yield* ReadableStream.from(source).pipeThrough(new DecompressionStream("gzip"));
  } catch (error) {
    // What broke on the way here is not the object's fault.
    if (failure !== null) throw (failure as { error: unknown }).error;
    throw new DamagedGzip("The object is gzip that is damaged or cut off.", { cause: error });
  }
}

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
