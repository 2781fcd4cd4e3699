import { GetObjectCommand, NoSuchBucket, NoSuchKey, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import type { ItemPointer } from "../evaluation/goldenSet.ts";
import type { Plan } from "../evaluation/plan.ts";
import { InvalidEvaluation } from "../evaluation/request.ts";

/** A golden set as it stands. `etag` without quotes. @throws InvalidEvaluation where it is missing or not ours to read */
export async function openGoldenSet(
  s3: S3Client,
  { bucket, key }: { bucket: string; key: string },
): Promise<{ etag: string; bytes: AsyncIterable<Uint8Array> }> {
  try {
    const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { etag: ETag!.replaceAll('"', ""), bytes: Body as AsyncIterable<Uint8Array> }; // GetObject has both; in Node a stream
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new InvalidEvaluation(
      `The golden set s3://${bucket}/${key} cannot be read (${error.name}). It must lie under evaluations/ of the results bucket, ` +
        "where `assay evaluate` puts it.",
      { cause: error },
    );
  }
}

/** The bytes of one item's line. @throws InvalidEvaluation where the set was overwritten since it was planned */
export async function readGoldenBytes(
  s3: S3Client,
  { bucket, key, etag }: Plan["goldenSet"],
  { offset, length }: ItemPointer,
): Promise<Uint8Array> {
  const Range = `bytes=${offset}-${offset + length - 1}`;
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range, IfMatch: `"${etag}"` }));
    return await Body!.transformToByteArray(); // GetObject has a body
  } catch (error) {
    if (!(error instanceof S3ServiceException && error.name === "PreconditionFailed")) throw error;
    throw new InvalidEvaluation(
      `The golden set s3://${bucket}/${key} was overwritten while it ran. Start an evaluation of the new one.`,
      { cause: error },
    );
  }
}

/** Who may not list a bucket is told "denied" of a missing object. */
function isMissing(error: unknown): error is S3ServiceException {
  return (
    error instanceof NoSuchKey ||
    error instanceof NoSuchBucket ||
    (error instanceof S3ServiceException && error.name === "AccessDenied")
  );
}
