import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { judgeLeaseSeconds } from "../judging/lease.ts";
import { iso } from "../monitoring/windows.ts";
import { tookPlace } from "./conditionalWrite.ts";
import { expiry, keys, type Table } from "./table.ts";
import { Throttled } from "./throttled.ts";

/** What a judge call is for. Anchors and verification may also use the reserve, which sampling leaves them. */
export type Purpose = "sampled" | "anchor" | "verification";

/** One judge call: `id` is unique within the endpoint whose budget pays, e.g. an event id. */
type Call = { endpoint: string; id: string; judgeVersion: string };

/**
 * What the ledger says to a call. `reserved`: it is ours to make. `reopened`: it was ours to make before, and may have been made.
 * `settled`: it was made, and its judgement is written. `skipped`: there was no budget for it, and there will be none.
 */
type Reservation = { state: "reserved" | "reopened" } | { state: "settled" } | { state: "skipped" };

/** An endpoint's day, in micro-dollars: what is spent, what is spent or may yet be (`committed`), and the budget of the last call. */
type BudgetDay = {
  spentMicroUsd: number;
  committedMicroUsd: number;
  /** The part of `committed` that sampling has. */
  sampledMicroUsd: number;
  budgetMicroUsd: number;
};

export type Ledger = {
  /**
   * Reserves the most that a call can cost on the endpoint's day at `nowMs`. The first answer to a call is final: a repeat, on whatever
   * day, finds its reservation and spends nothing more.
   * @param owner names this attempt: another one's call is left alone while its lease runs, unless the owner is the same
   * @throws JudgedElsewhere; Throttled if others keep writing to the same day
   */
  reserve(
    call: Call,
    purpose: Purpose,
    boundMicroUsd: number,
    budgetMicroUsd: number,
    owner: string,
    nowMs: number,
  ): Promise<Reservation>;
  /**
   * Takes back a reservation whose call the judge did not take: it cost nothing, and whoever comes next reserves anew. Another
   * owner's, and one that is settled, stay.
   */
  release(call: Call, owner: string): Promise<void>;
  /** Replaces a reservation by what the call cost, once. A reservation that is never settled stays charged at its bound. */
  settle(call: Call, costMicroUsd: number, nowMs: number): Promise<void>;
  /** @returns `null` for a day without reservations */
  day(endpoint: string, nowMs: number): Promise<BudgetDay | null>;
};

/** Another attempt is making the call, or died less than a lease ago. Ask again later. */
export class JudgedElsewhere extends Error {
  override readonly name = "JudgedElsewhere";
}

/** The share of a day's budget that sampling leaves to anchors and verification: with none left nobody could tell judge from model. */
const reserveShare = 0.1;

/** What sampling may spend of a day's budget. */
export function sampledBudget(budgetMicroUsd: number): number {
  return Math.floor(budgetMicroUsd * (1 - reserveShare));
}

/** As long as judgements are kept: the reservation says that there is one. */
const retentionDays = 400;
/** Transactions on one day collide; eight attempts with growing pauses outlast dozens of writers. */
const attempts = 8;

export function openLedger(table: Table): Ledger {
  // Our own transactions on the same day would collide with one another, so they form a queue.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };

  return {
    async reserve(call, purpose, boundMicroUsd, budgetMicroUsd, owner, nowMs) {
      const date = dateOf(nowMs);
      const lease = { owner, leaseUntilMs: nowMs + judgeLeaseSeconds * 1000 };
      const item = { ...keyOf(call), purpose, date, boundMicroUsd, ttl: expiry(nowMs, retentionDays) };
      const room = budgetMicroUsd - boundMicroUsd;
      const sampledRoom = purpose === "sampled" ? sampledBudget(budgetMicroUsd) - boundMicroUsd : room;
      if (Math.min(room, sampledRoom) >= 0) {
        const failed = await inTurn(() =>
          transact(table, [
            {
              Put: {
                TableName: table.name,
                Item: { ...item, ...lease, state: "open" },
                ConditionExpression: "attribute_not_exists(pk)",
              },
            },
            {
              Update: {
                TableName: table.name,
                Key: keys.budgetDay(call.endpoint, date),
                UpdateExpression:
                  "SET committedMicroUsd = if_not_exists(committedMicroUsd, :zero) + :bound, " +
                  "sampledMicroUsd = if_not_exists(sampledMicroUsd, :zero) + :sampled, " +
                  "spentMicroUsd = if_not_exists(spentMicroUsd, :zero), budgetMicroUsd = :budget, #ttl = if_not_exists(#ttl, :ttl)",
                ConditionExpression:
                  "attribute_not_exists(pk) OR (committedMicroUsd <= :room AND sampledMicroUsd <= :sampledRoom)",
                ExpressionAttributeNames: { "#ttl": "ttl" },
                ExpressionAttributeValues: {
                  ":zero": 0,
                  ":bound": boundMicroUsd,
                  ":sampled": purpose === "sampled" ? boundMicroUsd : 0,
                  ":budget": budgetMicroUsd,
                  ":room": room,
                  // What sampling took is no limit for the others.
                  ":sampledRoom": purpose === "sampled" ? sampledRoom : Number.MAX_SAFE_INTEGER,
                  ":ttl": expiry(nowMs, retentionDays),
                },
              },
            },
          ]),
        );
        if (failed === null) return { state: "reserved" };
        if (failed[0]) return reenter(table, call, lease, nowMs);
      }
      const skipped = new PutCommand({
        TableName: table.name,
        Item: { ...item, state: "skipped" },
        ConditionExpression: "attribute_not_exists(pk)",
      });
      return (await tookPlace(table.client.send(skipped))) ? { state: "skipped" } : reenter(table, call, lease, nowMs);
    },

    async release(call, owner) {
      const item = await read(table, call);
      if (item?.state !== "open") return;
      const { date, boundMicroUsd, purpose } = item;
      // Where the condition fails, somebody else has taken it over since, or settled it.
      await inTurn(() =>
        transact(table, [
          {
            Delete: {
              TableName: table.name,
              Key: keyOf(call),
              ConditionExpression: "#state = :open AND #owner = :owner",
              ExpressionAttributeNames: { "#state": "state", "#owner": "owner" },
              ExpressionAttributeValues: { ":open": "open", ":owner": owner },
            },
          },
          {
            Update: {
              TableName: table.name,
              Key: keys.budgetDay(call.endpoint, date),
              UpdateExpression:
                "SET committedMicroUsd = committedMicroUsd - :bound, sampledMicroUsd = sampledMicroUsd - :sampled",
              ExpressionAttributeValues: { ":bound": boundMicroUsd, ":sampled": purpose === "sampled" ? boundMicroUsd : 0 },
            },
          },
        ]),
      );
    },

    async settle(call, costMicroUsd, nowMs) {
      const item = await read(table, call);
      if (item?.state !== "open") return;
      const { date, boundMicroUsd, purpose } = item;
      const change = costMicroUsd - boundMicroUsd;
      // Where the condition fails, somebody else settled it since.
      await inTurn(() =>
        transact(table, [
          {
            Update: {
              TableName: table.name,
              Key: keyOf(call),
              UpdateExpression: "SET #state = :settled, costMicroUsd = :cost, settledAtMs = :now",
              ConditionExpression: "#state = :open",
              ExpressionAttributeNames: { "#state": "state" },
              ExpressionAttributeValues: { ":settled": "settled", ":open": "open", ":cost": costMicroUsd, ":now": nowMs },
            },
          },
          {
            Update: {
              TableName: table.name,
              Key: keys.budgetDay(call.endpoint, date),
              UpdateExpression:
                "SET committedMicroUsd = committedMicroUsd + :change, sampledMicroUsd = sampledMicroUsd + :sampled, " +
                "spentMicroUsd = spentMicroUsd + :cost",
              ExpressionAttributeValues: {
                ":change": change,
                ":sampled": purpose === "sampled" ? change : 0,
                ":cost": costMicroUsd,
              },
            },
          },
        ]),
      );
    },

    async day(endpoint, nowMs) {
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key: keys.budgetDay(endpoint, dateOf(nowMs)), ConsistentRead: true }),
      );
      if (!Item) return null;
      const { spentMicroUsd, committedMicroUsd, sampledMicroUsd, budgetMicroUsd } = Item as BudgetDay;
      return { spentMicroUsd, committedMicroUsd, sampledMicroUsd, budgetMicroUsd };
    },
  };
}

/** Finds a call that was reserved or skipped before, and takes it over where it is still to be made. @throws JudgedElsewhere */
async function reenter(
  table: Table,
  call: Call,
  { owner, leaseUntilMs }: { owner: string; leaseUntilMs: number },
  nowMs: number,
): Promise<Reservation> {
  const takeOver = new UpdateCommand({
    TableName: table.name,
    Key: keyOf(call),
    UpdateExpression: "SET #owner = :owner, leaseUntilMs = :until",
    ConditionExpression: "#state = :open AND (leaseUntilMs <= :now OR #owner = :owner)",
    ExpressionAttributeNames: { "#owner": "owner", "#state": "state" },
    ExpressionAttributeValues: { ":owner": owner, ":until": leaseUntilMs, ":open": "open", ":now": nowMs },
  });
  if (await tookPlace(table.client.send(takeOver))) return { state: "reopened" };
  const item = await read(table, call);
  if (item && item.state !== "open") return { state: item.state };
  throw new JudgedElsewhere(`${call.id} of ${call.endpoint} is being judged elsewhere. Its message comes again.`);
}

type Stored = { state: "open" | "settled" | "skipped"; date: string; boundMicroUsd: number; purpose: Purpose };

async function read(table: Table, call: Call): Promise<Stored | null> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: keyOf(call), ConsistentRead: true }));
  return (Item as Stored | undefined) ?? null;
}

const keyOf = ({ endpoint, id, judgeVersion }: Call) => keys.reservation(endpoint, id, judgeVersion);
const dateOf = (nowMs: number) => iso(nowMs).slice(0, 10);

/** @returns `null` when it is done, else for each action whether its condition failed. @throws Throttled */
async function transact(table: Table, TransactItems: TransactWriteCommandInput["TransactItems"]): Promise<boolean[] | null> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      await table.client.send(new TransactWriteCommand({ TransactItems }));
      return null;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = error.CancellationReasons?.map(({ Code }) => Code) ?? [];
      if (codes.includes("ConditionalCheckFailed")) return codes.map((code) => code === "ConditionalCheckFailed");
      if (!codes.some((code) => code === "TransactionConflict" || code === "ThrottlingError")) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
    }
  }
  throw new Throttled(`The judge budget in ${table.name} is written by too many at once. The call is tried again.`);
}
