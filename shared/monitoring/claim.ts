import { createHash } from "node:crypto";

/** One version of one object of the capture bucket. `etag` without quotes; `createdAtMs` is the time of its S3 event. */
export type CaptureObject = { bucket: string; key: string; etag: string; createdAtMs: number };

/**
 * How long a claim keeps others away: the timeout of `sample`, after which its holder cannot be alive. Infrastructure takes
 * the timeout from here, so that the two cannot drift apart. An object takes a second per ten megabytes or so with the memory that
 * the function has (docs/captures.md, "How large"), and those of a busy instance may have gigabytes.
 */
export const claimLifetimeSeconds = 300;

/** A claim must outlive the dead-letter queue (14 days) and some days of indecision, or a redrive would count its object twice. */
export const claimRetentionDays = 30;

/** Names everything that is written about a capture object: the same version of the same object gives the same keys. */
export function objectIdOf({ bucket, key, etag }: Pick<CaptureObject, "bucket" | "key" | "etag">): string {
  return createHash("sha256")
    .update(JSON.stringify([bucket, key, etag]))
    .digest("hex");
}
