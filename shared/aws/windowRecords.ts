import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { summaryPrefix } from "../monitoring/resultKeys.ts";
import type { StoredSummary } from "../monitoring/summary.ts";
import { type WindowRecord, windowRecordOf } from "../monitoring/windowRecord.ts";
import { listJudgements, readJudgement } from "./judgements.ts";
import { readJson } from "./results.ts";

/** Reads at once: enough to hide the way to S3, few enough for one connection pool. */
const atOnce = 25;

/** A window of one variant as its books and judgements are now, whether it was folded or not. */
export async function readWindow(
  s3: S3Client,
  bucket: string,
  identity: { window: string; endpoint: string; variant: string },
): Promise<WindowRecord> {
  const { window, endpoint, variant } = identity;
  const books: string[] = [];
  const Prefix = summaryPrefix(window, endpoint, variant);
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix }))
    books.push(...Contents.map(({ Key }) => Key!)); // listed objects have keys
  const stored = await readAll(books, (key) => readJson<StoredSummary>(s3, bucket, key));
  const judgements = await readAll(await listJudgements(s3, bucket, identity), (key) => readJudgement(s3, bucket, key));
  return windowRecordOf(
    identity,
    stored.map(({ summary }) => summary),
    judgements,
  );
}

async function readAll<T>(keys: readonly string[], read: (key: string) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let at = 0; at < keys.length; at += atOnce) all.push(...(await Promise.all(keys.slice(at, at + atOnce).map(read))));
  return all;
}
