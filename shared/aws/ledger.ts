import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import {
  type BudgetDay,
  type Call,
  type Ledger,
  type LedgerStore,
  ledgerOver,
  type Reserved,
  type Room,
} from "../judging/ledger.ts";
import { tookPlace } from "./conditionalWrite.ts";
import { expiry, keys, type Table } from "./table.ts";
import { Throttled } from "./throttled.ts";

/** As long as judgements are kept: the reservation says that there is one. */
const retentionDays = 400;
/** Transactions on one day collide; eight attempts with growing pauses outlast dozens of writers. */
const attempts = 8;

export function openLedger(table: Table): Ledger {
  return ledgerOver(storeIn(table));
}

/** Reservations and days as items: each change of both is one transaction. */
function storeIn(table: Table): LedgerStore {
  // Our own transactions on the same day would collide with one another, so they form a queue.
  let last: Promise<unknown> = Promise.resolve();
  const transact = (items: NonNullable<TransactWriteCommandInput["TransactItems"]>): Promise<boolean[] | null> => {
    const mine = last.then(() => write(table, items));
    last = mine.catch(() => {});
    return mine;
  };
  const reservation = (call: Call, update: string, condition: string, values: Record<string, unknown>) => ({
    TableName: table.name,
    Key: keyOf(call),
    UpdateExpression: update,
    ConditionExpression: condition,
    ...named(`${update} ${condition}`),
    ExpressionAttributeValues: values,
  });
  const day = (call: Call, date: string, update: string, values: Record<string, unknown>) => ({
    TableName: table.name,
    Key: keys.budgetDay(call.endpoint, date),
    UpdateExpression: update,
    ExpressionAttributeValues: values,
  });
  const ifRoom = ({ committedMicroUsd, sampledMicroUsd }: Room) => ({
    condition: "committedMicroUsd <= :room AND sampledMicroUsd <= :sampledRoom",
    values: { ":room": committedMicroUsd, ":sampledRoom": sampledMicroUsd ?? Number.MAX_SAFE_INTEGER },
  });

  return {
    async read(call) {
      const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: keyOf(call), ConsistentRead: true }));
      return (Item as Reserved | undefined) ?? null;
    },

    async open(call, reserved, lease, room, nowMs) {
      const ttl = expiry(nowMs, retentionDays);
      const { condition, values } = ifRoom(room);
      const failed = await transact([
        {
          Put: {
            TableName: table.name,
            Item: { ...keyOf(call), ...reserved, ...lease, ttl },
            ConditionExpression: "attribute_not_exists(pk)",
          },
        },
        {
          Update: {
            ...day(
              call,
              reserved.date,
              "SET committedMicroUsd = if_not_exists(committedMicroUsd, :zero) + :bound, " +
                "sampledMicroUsd = if_not_exists(sampledMicroUsd, :zero) + :sampled, " +
                "spentMicroUsd = if_not_exists(spentMicroUsd, :zero), budgetMicroUsd = :budget, #ttl = if_not_exists(#ttl, :ttl)",
              { ":zero": 0, ...added(reserved), ":budget": room.budgetMicroUsd, ":ttl": ttl, ...values },
            ),
            ConditionExpression: `attribute_not_exists(pk) OR (${condition})`,
            ExpressionAttributeNames: { "#ttl": "ttl" },
          },
        },
      ]);
      return failed === null ? "opened" : failed[0] ? "known" : "full";
    },

    skip(call, reserved, nowMs) {
      return tookPlace(
        table.client.send(
          new PutCommand({
            TableName: table.name,
            Item: { ...keyOf(call), ...reserved, ttl: expiry(nowMs, retentionDays) },
            ConditionExpression: "attribute_not_exists(pk)",
          }),
        ),
      );
    },

    takeOver(call, { owner, leaseUntilMs }, nowMs) {
      const update = reservation(
        call,
        "SET #owner = :owner, leaseUntilMs = :until",
        "#state = :open AND (leaseUntilMs <= :now OR #owner = :owner)",
        { ":owner": owner, ":until": leaseUntilMs, ":open": "open", ":now": nowMs },
      );
      return tookPlace(table.client.send(new UpdateCommand(update)));
    },

    async openAgain(call, was, boundMicroUsd, owner, room) {
      const { condition, values } = ifRoom(room);
      const failed = await transact([
        {
          Update: reservation(
            call,
            "SET boundMicroUsd = :bound, lostMicroUsd = if_not_exists(lostMicroUsd, :zero) + :was",
            "#state = :open AND #owner = :owner AND boundMicroUsd = :was",
            { ":bound": boundMicroUsd, ":zero": 0, ":was": was.boundMicroUsd, ":open": "open", ":owner": owner },
          ),
        },
        {
          Update: {
            ...day(
              call,
              was.date,
              "SET committedMicroUsd = committedMicroUsd + :bound, sampledMicroUsd = sampledMicroUsd + :sampled",
              { ...added({ ...was, boundMicroUsd }), ...values },
            ),
            ConditionExpression: condition,
          },
        },
      ]);
      return failed === null ? "opened" : failed[0] ? "moved" : "full";
    },

    async giveUp(call, owner) {
      const update = reservation(call, "SET #state = :skipped", "#state = :open AND #owner = :owner", {
        ...{ ":skipped": "skipped", ":open": "open", ":owner": owner },
      });
      await tookPlace(table.client.send(new UpdateCommand(update)));
    },

    async remove(call, was, owner) {
      await transact([
        {
          Delete: {
            TableName: table.name,
            Key: keyOf(call),
            ConditionExpression: "#state = :open AND #owner = :owner AND boundMicroUsd = :bound",
            ...named("#state #owner"),
            ExpressionAttributeValues: { ":open": "open", ":owner": owner, ":bound": was.boundMicroUsd },
          },
        },
        {
          Update: day(
            call,
            was.date,
            "SET committedMicroUsd = committedMicroUsd - :bound, sampledMicroUsd = sampledMicroUsd - :sampled",
            added(was),
          ),
        },
      ]);
    },

    async settle(call, was, costMicroUsd, nowMs) {
      const { boundMicroUsd } = was;
      await transact([
        {
          Update: reservation(
            call,
            "SET #state = :settled, costMicroUsd = :cost, settledAtMs = :now",
            "#state = :open AND boundMicroUsd = :bound",
            { ":settled": "settled", ":open": "open", ":cost": costMicroUsd, ":now": nowMs, ":bound": boundMicroUsd },
          ),
        },
        {
          Update: day(
            call,
            was.date,
            "SET committedMicroUsd = committedMicroUsd + :bound, sampledMicroUsd = sampledMicroUsd + :sampled, " +
              "spentMicroUsd = spentMicroUsd + :cost",
            { ...added({ ...was, boundMicroUsd: costMicroUsd - boundMicroUsd }), ":cost": costMicroUsd },
          ),
        },
      ]);
    },

    async readDay(endpoint, date) {
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key: keys.budgetDay(endpoint, date), ConsistentRead: true }),
      );
      if (!Item) return null;
      const { spentMicroUsd, committedMicroUsd, sampledMicroUsd, budgetMicroUsd } = Item as BudgetDay;
      return { spentMicroUsd, committedMicroUsd, sampledMicroUsd, budgetMicroUsd };
    },
  };
}

const keyOf = ({ endpoint, id, judgeVersion }: Call) => keys.reservation(endpoint, id, judgeVersion);

/** What a day gets more: of it, sampling's part. */
function added({ boundMicroUsd, purpose }: Pick<Reserved, "boundMicroUsd" | "purpose">) {
  return { ":bound": boundMicroUsd, ":sampled": purpose === "sampled" ? boundMicroUsd : 0 };
}

/** DynamoDB's reserved words among our attributes, as far as an expression has them. */
function named(expression: string) {
  const words = ["state", "owner"].filter((word) => expression.includes(`#${word}`));
  return { ExpressionAttributeNames: Object.fromEntries(words.map((word) => [`#${word}`, word])) };
}

/** @returns `null` when it is done, else for each action whether its condition failed. @throws Throttled */
async function write(table: Table, TransactItems: TransactWriteCommandInput["TransactItems"]): Promise<boolean[] | null> {
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
