import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import type { StoredJudgement } from "../judging/judgement.ts";
import { judgementKey, judgementPrefix } from "../monitoring/resultKeys.ts";
import { putJsonOnce, readJson } from "./results.ts";

/** The keys of all judgements of a window of one variant, of whatever judge version, in order. */
export async function listJudgements(
  s3: S3Client,
  bucket: string,
  { window, endpoint, variant }: { window: string; endpoint: string; variant: string },
): Promise<string[]> {
  const Prefix = judgementPrefix(window, endpoint, variant);
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix })) {
    for (const { Key } of Contents) keys.push(Key!);
  }
  return keys;
}

/** A judgement by a key of `listJudgements`. */
export function readJudgement(s3: S3Client, bucket: string, key: string): Promise<StoredJudgement> {
  return readJson<StoredJudgement>(s3, bucket, key);
}

/** Stores a judgement unless there is one: the first one counts, since the monitor may have seen it. @returns whether it was stored */
export function writeJudgement(s3: S3Client, bucket: string, stored: StoredJudgement): Promise<boolean> {
  return putJsonOnce(s3, bucket, judgementKey(stored, stored.judgeVersion), stored);
}
