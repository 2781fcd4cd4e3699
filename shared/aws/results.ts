import { once } from "node:events";
import { createGzip } from "node:zlib";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

export type JsonLines = {
  write(line: object): Promise<void>;
  /** The object exists once this has returned. @throws what S3 says */
  close(): Promise<void>;
  /** Gives up: nothing more is uploaded, and the object does not come to be. */
  abandon(): void;
};

/**
 * Writes an object of gzipped JSON lines while its lines are still being made: memory holds one part of 5 MiB, not the object.
 * Node's gzip header has no time in it, so equal lines make equal bytes.
 * An upload that fails leaves its parts to the bucket's lifecycle, which spares the function the permission to abort uploads.
 */
export function openJsonLines(s3: S3Client, bucket: string, key: string): JsonLines {
  const gzip = createGzip();
  const upload = new Upload({
    client: s3,
    params: { Bucket: bucket, Key: key, Body: gzip, ContentType: "application/gzip" },
    queueSize: 1,
    leavePartsOnError: true,
  }).done();
  // Whoever waits for room in the stream learns of a failed upload through the stream; `close` throws it in any case.
  gzip.on("error", () => {});
  upload.catch((error: Error) => gzip.destroy(error));
  return {
    async write(line) {
      if (gzip.errored) throw gzip.errored;
      if (!gzip.write(`${JSON.stringify(line)}\n`)) await once(gzip, "drain");
    },
    async close() {
      gzip.end();
      await upload;
    },
    abandon() {
      gzip.destroy();
    },
  };
}

export async function putJson(s3: S3Client, bucket: string, key: string, value: object): Promise<void> {
  const body = `${JSON.stringify(value)}\n`;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json" }));
}
