import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { HeadObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { approve, type Baseline, retire } from "../monitoring/baseline.ts";
import { baselineKey, baselinesOf } from "../monitoring/resultKeys.ts";
import { iso } from "../monitoring/windows.ts";
import { exists, putJson, putJsonOnce, readJson } from "./results.ts";
import { keys, type Table } from "./table.ts";

export type BaselineStore = { table: Table; s3: S3Client; resultsBucket: string };

/** Another baseline was approved or retired meanwhile, or there is none of that version. Look again, then decide. */
export class BaselineNotChanged extends Error {
  override readonly name = "BaselineNotChanged";
}

/** Stores a baseline. It is compared with once it is approved. */
export async function putBaseline({ s3, resultsBucket }: BaselineStore, baseline: Baseline): Promise<void> {
  await putJson(s3, resultsBucket, baselineKey(baseline.endpoint, baseline.version), baseline);
}

/**
 * Keeps a new baseline as a draft. One of the same version is the same: it stays as it is, approved or retired.
 * @returns it as it is kept
 */
export async function keepBaseline({ s3, resultsBucket }: BaselineStore, baseline: Baseline): Promise<Baseline> {
  const key = baselineKey(baseline.endpoint, baseline.version);
  return (await putJsonOnce(s3, resultsBucket, key, baseline)) ? baseline : readJson<Baseline>(s3, resultsBucket, key);
}

/** @returns `null` where there is none of that version */
export async function readBaseline(
  { s3, resultsBucket }: Omit<BaselineStore, "table">,
  endpoint: string,
  version: string,
): Promise<Baseline | null> {
  const key = baselineKey(endpoint, version);
  return (await exists(s3, resultsBucket, key)) ? readJson<Baseline>(s3, resultsBucket, key) : null;
}

/** Every baseline of an endpoint, or with `null` of all: drafts, retired ones and the approved ones. */
export async function listBaselines({ s3, resultsBucket }: BaselineStore, endpoint: string | null): Promise<Baseline[]> {
  const baselines: Baseline[] = [];
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: resultsBucket, Prefix: baselinesOf(endpoint) });
  for await (const { Contents = [] } of pages)
    for (const { Key } of Contents) baselines.push(await readJson<Baseline>(s3, resultsBucket, Key!)); // listed objects have keys
  return baselines;
}

/** Which baseline of an endpoint is approved, and since when; `null`: none. */
export async function approvedVersion(table: Table, endpoint: string): Promise<{ version: string; approvedAt: string } | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.baseline(endpoint), ConsistentRead: true }),
  );
  return Item ? { version: Item.version as string, approvedAt: Item.approvedAt as string } : null;
}

/**
 * What time it is where a stored baseline is kept, whatever the clock of this machine says: monitoring begins by it.
 * @throws BaselineNotChanged where there is none of that version
 */
export async function storeClockMs(store: BaselineStore, endpoint: string, version: string): Promise<number> {
  const baseline = await readBaseline(store, endpoint, version);
  if (baseline === null) throw unknownVersion(endpoint, version);
  await putBaseline(store, baseline); // as it is: S3 says when
  const Key = baselineKey(endpoint, version);
  const { LastModified } = await store.s3.send(new HeadObjectCommand({ Bucket: store.resultsBucket, Key }));
  return LastModified!.getTime(); // objects have it
}

const unknownVersion = (endpoint: string, version: string) =>
  new BaselineNotChanged(`${endpoint} has no baseline ${version}. List them with \`assay baseline list\`.`);

/**
 * Approves a stored baseline: the monitor compares with it from its next run on, and the one before is retired. Repeating it completes
 * it. Monitoring begins with the window of `nowMs`.
 * @throws BaselineNotChanged
 */
export async function approveBaseline(
  store: BaselineStore,
  endpoint: string,
  version: string,
  by: string,
  why: string,
  nowMs: number,
): Promise<Baseline> {
  const baseline = await readBaseline(store, endpoint, version);
  if (baseline === null) throw unknownVersion(endpoint, version);
  const before = await approvedVersion(store.table, endpoint);
  if (before?.version === version && baseline.status === "approved") return baseline;
  const approved = approve(baseline, by, why, iso(nowMs));
  await putBaseline(store, approved);
  await movePointer(
    endpoint,
    store.table.client.send(
      new PutCommand({
        TableName: store.table.name,
        Item: { ...keys.baseline(endpoint), version, approvedAt: iso(nowMs), approvedBy: by, why },
        ConditionExpression: before === null ? "attribute_not_exists(pk)" : "version = :before",
        ...(before === null ? {} : { ExpressionAttributeValues: { ":before": before.version } }),
      }),
    ),
  );
  if (before !== null && before.version !== version) {
    const old = await readBaseline(store, endpoint, before.version);
    if (old !== null) await putBaseline(store, retire(old, by, `${version} took its place: ${why}`, iso(nowMs)));
  }
  return approved;
}

/**
 * Takes a baseline out of use; without an approved one nothing of the endpoint is compared any more. Repeating it completes it.
 * @returns it as it is kept; `null` where only the approval was left of it
 * @throws BaselineNotChanged
 */
export async function retireBaseline(
  store: BaselineStore,
  endpoint: string,
  version: string,
  by: string,
  why: string,
  nowMs: number,
): Promise<Baseline | null> {
  const baseline = await readBaseline(store, endpoint, version);
  const approved = await approvedVersion(store.table, endpoint);
  if (baseline === null && approved?.version !== version) throw unknownVersion(endpoint, version);
  if (approved?.version === version) {
    await movePointer(
      endpoint,
      store.table.client.send(
        new DeleteCommand({
          TableName: store.table.name,
          Key: keys.baseline(endpoint),
          ConditionExpression: "version = :version",
          ExpressionAttributeValues: { ":version": version },
        }),
      ),
    );
  }
  if (baseline === null) return null;
  const retired = retire(baseline, by, why, iso(nowMs));
  await putBaseline(store, retired);
  return retired;
}

async function movePointer(endpoint: string, write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    throw new BaselineNotChanged(`Another baseline of ${endpoint} was approved meanwhile. Look at it, then decide again.`, {
      cause: error,
    });
  }
}
