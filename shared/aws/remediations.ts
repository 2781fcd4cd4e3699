import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, paginateQuery, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Finding } from "../monitoring/finding.ts";
import { iso } from "../monitoring/windows.ts";
import type { RemediationRecord } from "../remediation/record.ts";
import { expiry, type Key, keys, type Table } from "./table.ts";

/** `published`: its copy in the results bucket and its metric are out. */
export type StoredRecord = { record: RemediationRecord; revision: number; published: boolean };

/** Somebody else wrote the record meanwhile: another delivery of the same alarm is being worked on. Ask again later. */
class RecordMoved extends Error {
  override readonly name = "RecordMoved";
}

/** More than a year, so that this season can be compared with the last; the results bucket keeps its copy as long as it is told to. */
const retentionDays = 400;

/** Stores a finding; one that is there already stays as it is. */
export async function openFinding(table: Table, finding: Finding, nowMs: number): Promise<void> {
  const Item = { ...keys.finding(finding.endpoint, finding.since, finding.id), ...finding, ttl: expiry(nowMs, retentionDays) };
  await unlessConditionFails(
    table.client.send(new PutCommand({ TableName: table.name, Item, ConditionExpression: "attribute_not_exists(pk)" })),
  );
}

/**
 * The remediation records of a partition (`keys.remediationsOf`) whose alarm changed its state at `fromMs` or later, in that order.
 */
export async function readRecords(table: Table, partition: string, fromMs: number): Promise<StoredRecord[]> {
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": partition, ":from": `remediation#${iso(fromMs)}`, ":to": "remediation#~" },
      ConsistentRead: true,
    },
  );
  const records: StoredRecord[] = [];
  for await (const { Items = [] } of pages) {
    for (const { record, revision, published } of Items) records.push({ record, revision, published });
  }
  return records;
}

/**
 * Writes a record over the revision that was read (0: there was none), not yet published.
 * @throws RecordMoved if somebody else wrote it since
 */
export async function saveRecord(
  table: Table,
  record: RemediationRecord,
  readRevision: number,
  nowMs: number,
): Promise<StoredRecord> {
  const stored = { record, revision: readRevision + 1, published: false };
  const saved = await unlessConditionFails(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...recordKey(record), ...stored, ttl: expiry(nowMs, retentionDays) },
        ConditionExpression: readRevision === 0 ? "attribute_not_exists(pk)" : "revision = :read",
        ...(readRevision === 0 ? {} : { ExpressionAttributeValues: { ":read": readRevision } }),
      }),
    ),
  );
  if (!saved)
    throw new RecordMoved(
      `Remediation ${record.id} is being written by another delivery of ${record.alarm}. This one comes again.`,
    );
  return stored;
}

/** Notes that copy and metric of this revision are out. */
export async function markPublished(table: Table, { record, revision }: StoredRecord): Promise<void> {
  await unlessConditionFails(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: recordKey(record),
        UpdateExpression: "SET published = :true",
        ConditionExpression: "revision = :revision",
        ExpressionAttributeValues: { ":true": true, ":revision": revision },
      }),
    ),
  );
}

/** Who holds the lock of an endpoint at `nowMs`; `null` if it is free or expired. */
export async function lockHolder(table: Table, endpoint: string, nowMs: number): Promise<string | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.lock(endpoint), ConsistentRead: true }),
  );
  return Item && Item.expiresAtMs > nowMs ? Item.owner : null;
}

/**
 * Takes the lock of an endpoint until `expiresAtMs`: if it is free, expired, or `owner`'s own.
 * @returns whether it is ours now
 */
export async function takeLock(
  table: Table,
  endpoint: string,
  owner: string,
  expiresAtMs: number,
  nowMs: number,
): Promise<boolean> {
  return unlessConditionFails(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keys.lock(endpoint), owner, expiresAtMs, ttl: expiry(expiresAtMs, 1) },
        ConditionExpression: "attribute_not_exists(pk) OR expiresAtMs <= :now OR #owner = :owner",
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: { ":now": nowMs, ":owner": owner },
      }),
    ),
  );
}

/** Lets the lock expire at once, if it is `owner`'s. */
export async function releaseLock(table: Table, endpoint: string, owner: string, nowMs: number): Promise<void> {
  await unlessConditionFails(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.lock(endpoint),
        UpdateExpression: "SET expiresAtMs = :now",
        ConditionExpression: "#owner = :owner",
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: { ":now": nowMs, ":owner": owner },
      }),
    ),
  );
}

function recordKey({ endpoint, alarm, since, id }: RemediationRecord): Key {
  return keys.remediation(keys.remediationsOf(endpoint, alarm), since, id);
}

/** Whether a conditional write took place. */
async function unlessConditionFails(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
