import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Finding } from "../monitoring/finding.ts";
import { iso } from "../monitoring/windows.ts";
import type { RecordKey, RemediationRecord } from "../remediation/record.ts";
import type { Added, Done } from "../remediation/situation.ts";
import { tookPlace } from "./conditionalWrite.ts";
import { expiry, type Key, keys, type Table } from "./table.ts";

/**
 * `published`: its copy in the results bucket, its metrics and its page are out. `told`: what the last of these said, so that a
 * record that goes on in the same state is neither counted nor paged again.
 */
export type StoredRecord = { record: RemediationRecord; revision: number; published: boolean; told: string | null };

/**
 * The lock of an endpoint, what was done to it, and what capacity was added and not taken back: read and written as one, so that no two
 * decisions rest on the same past.
 */
export type Lock = { owner: string | null; actions: Done[]; added: Added[]; revision: number };

/** Somebody else wrote the record meanwhile: another delivery of the same finding is being worked on. Ask again later. */
class RecordMoved extends Error {
  override readonly name = "RecordMoved";
}

/** More than a year, so that this season can be compared with the last; the results bucket keeps its copy as long as it is told to. */
const retentionDays = 400;
/** No limit of assay.yml looks further back than a day, or the cool-down, which is at most that. */
const actionsKeptMs = 2 * 24 * 3_600_000;

/** Stores an alarm's finding; one that is there already stays as it is. */
export async function openFinding(table: Table, finding: Finding, nowMs: number): Promise<void> {
  const Item = { ...keys.finding(finding.endpoint, finding.since, finding.id), ...finding, ttl: expiry(nowMs, retentionDays) };
  await tookPlace(
    table.client.send(new PutCommand({ TableName: table.name, Item, ConditionExpression: "attribute_not_exists(pk)" })),
  );
}

/** An alarm's finding as it was opened, or `null`. */
export async function readAlarmFinding(
  table: Table,
  { endpoint, openedAt, id }: { endpoint: string; openedAt: string; id: string },
): Promise<Finding | null> {
  const Key = keys.finding(endpoint, openedAt, id);
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
  if (!Item) return null;
  const { variant, cause, alarm, kind, since } = Item as Finding;
  return { id, endpoint, variant, cause, alarm, kind, since };
}

/** Notes why an alarm's finding is over. One that is closed stays as it is. */
export async function closeAlarmFinding(
  table: Table,
  { endpoint, openedAt, id }: { endpoint: string; openedAt: string; id: string },
  because: string,
  nowMs: number,
): Promise<void> {
  await tookPlace(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.finding(endpoint, openedAt, id),
        UpdateExpression: "SET closedAt = :at, because = :because",
        ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(closedAt)",
        ExpressionAttributeValues: { ":at": iso(nowMs), ":because": because },
      }),
    ),
  );
}

/** A remediation record as it was last written, or `null`. */
export async function readRecord(table: Table, key: RecordKey): Promise<StoredRecord | null> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: recordKey(key), ConsistentRead: true }));
  if (!Item) return null;
  const { record, revision, published, told } = Item;
  return { record, revision, published, told };
}

/** The newest records of an endpoint, by when their findings were made, newest first. */
export async function listRecords(table: Table, endpoint: string, last: number): Promise<RemediationRecord[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
      ExpressionAttributeValues: { ":pk": keys.remediationsOf(endpoint, null), ":sk": "remediation#" },
      ScanIndexForward: false,
      Limit: last,
    }),
  );
  return Items.map(({ record }) => record as RemediationRecord);
}

/**
 * Writes a record over the one that was read (`null`: there was none), not yet published.
 * @throws RecordMoved if somebody else wrote it since
 */
export async function saveRecord(
  table: Table,
  record: RemediationRecord,
  read: Pick<StoredRecord, "revision" | "told"> | null,
  nowMs: number,
): Promise<StoredRecord> {
  const stored = { record, revision: (read?.revision ?? 0) + 1, published: false, told: read?.told ?? null };
  const saved = await tookPlace(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...recordKey(record), ...stored, ttl: expiry(nowMs, retentionDays) },
        ConditionExpression: read === null ? "attribute_not_exists(pk)" : "revision = :read",
        ...(read === null ? {} : { ExpressionAttributeValues: { ":read": read.revision } }),
      }),
    ),
  );
  if (!saved) throw new RecordMoved(`Remediation ${record.id} was written by somebody else meanwhile. It is tried again.`);
  return stored;
}

/** Notes that copy, metrics and page of this revision are out, and what they said. */
export async function markPublished(table: Table, { record, revision }: StoredRecord, told: string): Promise<void> {
  await tookPlace(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: recordKey(record),
        UpdateExpression: "SET published = :true, told = :told",
        ConditionExpression: "revision = :revision",
        ExpressionAttributeValues: { ":true": true, ":revision": revision, ":told": told },
      }),
    ),
  );
}

/** The lock of an endpoint as it is at `nowMs`: an expired one has no owner. */
export async function readLock(table: Table, endpoint: string, nowMs: number): Promise<Lock> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.lock(endpoint), ConsistentRead: true }),
  );
  if (!Item) return { owner: null, actions: [], added: [], revision: 0 };
  const { owner, actions, added = [], revision, expiresAtMs } = Item;
  return { owner: expiresAtMs > nowMs ? owner : null, actions, added, revision };
}

/** Whether a remediation holds an endpoint's lock, as it does until it is verified. */
export async function isRemediated(table: Table, endpoint: string, nowMs: number): Promise<boolean> {
  return (await readLock(table, endpoint, nowMs)).owner !== null;
}

/**
 * Takes the lock for `owner` until `expiresAtMs`, and notes what it is about to do; the same action again stays as it was noted.
 * @param read the lock that was decided upon
 * @returns whether it is ours now: not if anybody wrote it since
 */
export async function takeLock(
  table: Table,
  endpoint: string,
  read: Lock,
  { owner, action, expiresAtMs }: { owner: string; action: Done; expiresAtMs: number },
  nowMs: number,
): Promise<boolean> {
  if (read.owner !== null && read.owner !== owner) return false;
  const known = read.actions.filter(({ atMs }) => atMs > nowMs - actionsKeptMs);
  const actions = known.some(({ id }) => id === action.id) ? known : [...known, action];
  return writeLock(table, endpoint, { owner, actions, added: read.added, expiresAtMs }, read.revision, nowMs);
}

/**
 * Lets the lock go, if it is `owner`'s.
 * @param undone an action that did not take place after all, and is forgotten
 */
export async function releaseLock(
  table: Table,
  endpoint: string,
  owner: string,
  undone: string | null,
  nowMs: number,
): Promise<void> {
  const lock = await readLock(table, endpoint, nowMs);
  if (lock.owner !== owner) return;
  const actions = lock.actions.filter(({ id }) => id !== undone);
  // Whoever wrote it meanwhile found it expired, and holds it now.
  await writeLock(table, endpoint, { owner, actions, added: lock.added, expiresAtMs: nowMs }, lock.revision, nowMs);
}

/**
 * Notes that `owner`, who holds the lock, added capacity, or took back what was. Noting it again changes nothing.
 * @param taken id of what is there no more; `null`: nothing
 * @throws LockMoved if somebody else wrote the lock since it was read: it is tried again
 */
export async function noteAdded(
  table: Table,
  endpoint: string,
  owner: string,
  added: Added | null,
  taken: string | null,
  nowMs: number,
): Promise<void> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.lock(endpoint), ConsistentRead: true }),
  );
  if (!Item || Item.owner !== owner) return; // whoever holds it now decided on what is
  const before = (Item.added ?? []) as Added[];
  const known = before.find(({ id }) => id === added?.id);
  const others = before.filter(({ id }) => id !== taken && id !== added?.id);
  // Of several steps the first knows what was before all of them.
  const now = added === null ? others : [...others, known === undefined ? added : { ...known, change: added.change }];
  const lock = { owner, actions: Item.actions as Done[], added: now, expiresAtMs: Item.expiresAtMs as number };
  if (!(await writeLock(table, endpoint, lock, Item.revision as number, nowMs)))
    throw new LockMoved(`The lock of ${endpoint} was written by somebody else meanwhile. It is tried again.`);
}

/** Somebody else wrote the lock meanwhile. */
class LockMoved extends Error {
  override readonly name = "LockMoved";
}

type LockItem = { owner: string; actions: Done[]; added: Added[]; expiresAtMs: number };

function writeLock(table: Table, endpoint: string, lock: LockItem, readRevision: number, nowMs: number): Promise<boolean> {
  return tookPlace(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keys.lock(endpoint), ...lock, revision: readRevision + 1, ttl: expiry(Math.max(lock.expiresAtMs, nowMs), 8) },
        ConditionExpression: readRevision === 0 ? "attribute_not_exists(pk)" : "revision = :read",
        ...(readRevision === 0 ? {} : { ExpressionAttributeValues: { ":read": readRevision } }),
      }),
    ),
  );
}

function recordKey({ endpoint, alarm, openedAt, id }: RecordKey): Key {
  return keys.remediation(keys.remediationsOf(endpoint, alarm), openedAt, id);
}
