import { Readable } from "node:stream";
import { GetObjectCommand, paginateListObjectsV2, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { plainChunks, sliceOf } from "../capture/gzip.ts";
import type { ScoredInference, Source } from "../capture/inference.ts";
import { readLine } from "../capture/readLine.ts";
import type { EndpointSettings } from "../config/assay.ts";

/** The object was overwritten since the event that named it: its new version has an event of its own. */
export class CaptureReplaced extends Error {
  override readonly name = "CaptureReplaced";
}

/**
 * The bytes of a capture object, as they arrive.
 * @param etag without quotes: read this version or none
 * @throws CaptureReplaced if the object is another version by now; what S3 says otherwise (gone, denied)
 */
export async function openCapture(
  s3: S3Client,
  { bucket, key, etag }: { bucket: string; key: string; etag?: string },
): Promise<AsyncIterable<Uint8Array>> {
  try {
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }) }),
    );
    // What Node's SDK returns is a Readable; its type allows for browsers.
    if (!(Body instanceof Readable)) throw new TypeError(`s3://${bucket}/${key} came without a body.`);
    return Body;
  } catch (error) {
    if (!(error instanceof S3ServiceException) || error.name !== "PreconditionFailed") throw error;
    throw new CaptureReplaced(
      `s3://${bucket}/${key} was overwritten after its event; the new version is read by its own event.`,
      {
        cause: error,
      },
    );
  }
}

/** The bytes of one record, and no others; of an object that is gzip, all before it are read as well. @throws what S3 says (gone, denied, shorter than that) */
async function readSource(s3: S3Client, { bucket, key, offset, length, gzip }: Source): Promise<Uint8Array> {
  if (gzip) return sliceOf((await plainChunks(await openCapture(s3, { bucket, key }))).chunks, offset, length);
  const range = `bytes=${offset}-${offset + length - 1}`;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range: range }));
  return Body!.transformToByteArray(); // GetObject has a body
}

/**
 * An answer as it was captured, with its text; `null` where something else stands by now.
 * @throws what S3 says (gone, denied)
 */
export async function readAnswer(
  s3: S3Client,
  { eventId, endpoint, variant, source }: { eventId: string; endpoint: string; variant: string; source: Source },
  settings: EndpointSettings,
): Promise<ScoredInference | null> {
  const { bucket, key, offset, length } = source;
  const line = { bytes: await readSource(s3, source), offset, length, number: 1, isGzip: source.gzip ?? false, flaw: null };
  for (const reading of readLine(line, { bucket, key, endpoint, variant }, settings)) {
    if (reading.outcome === "answered" && reading.eventId === eventId) return reading;
  }
  return null;
}

/** Every object under a prefix, in order of key. `etag` without quotes. */
export async function* listCaptures(
  s3: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<{ key: string; size: number; etag: string }> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key, Size, ETag } of Contents) yield { key: Key!, size: Size!, etag: ETag!.replaceAll('"', "") };
  }
}
