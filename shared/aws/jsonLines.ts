import { once } from "node:events";
import { createGzip } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
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
  // The upload's own error says why; that of the stream which it takes down says only that it ended. `close` throws it in any case.
  gzip.on("error", () => {});
  upload.catch(() => gzip.destroy());
  return {
    async write(line) {
      if (gzip.destroyed) await upload;
      const room = gzip.write(`${JSON.stringify(line)}\n`);
      if (!room) await Promise.race([once(gzip, "drain").catch(() => upload), upload]);
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
