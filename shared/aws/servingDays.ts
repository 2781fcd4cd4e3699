import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { ServingDay } from "../monitoring/serving.ts";
import { tookPlace } from "./conditionalWrite.ts";
import { expiry, keys, type Table } from "./table.ts";

/** As long as the ledger of the judge. */
const retentionDays = 400;

/** The running day of an endpoint's serving cost, as it was last counted; `null`: never. */
export async function readServing(table: Table, endpoint: string): Promise<ServingDay | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.serving(endpoint), ConsistentRead: true }),
  );
  return (Item?.day as ServingDay | undefined) ?? null;
}

/** The serving cost of a day (UTC), whether it runs or has ended; `null`: it was not counted. */
export async function readServingOf(table: Table, endpoint: string, date: string): Promise<ServingDay | null> {
  const running = await readServing(table, endpoint);
  if (running === null || running.date === date) return running;
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: keys.servingDay(endpoint, date) }));
  return (Item?.day as ServingDay | undefined) ?? null;
}

/**
 * Writes the running day unless somebody else counted since it was read, and the days that ended. An ended day is written first: a
 * crash in between leaves a day that the next one ends again, the same.
 * @param readAsOfMs of the day that this one follows; `null`: there was none
 * @returns whether it was written
 */
export async function saveServing(
  table: Table,
  day: ServingDay,
  ended: readonly ServingDay[],
  readAsOfMs: number | null,
  nowMs: number,
): Promise<boolean> {
  for (const of of ended) {
    const item = { ...keys.servingDay(of.endpoint, of.date), day: of, ttl: expiry(nowMs, retentionDays) };
    await tookPlace(
      table.client.send(new PutCommand({ TableName: table.name, Item: item, ConditionExpression: "attribute_not_exists(pk)" })),
    );
  }
  return tookPlace(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keys.serving(day.endpoint), asOfMs: day.asOfMs, day },
        ...(readAsOfMs === null
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : { ConditionExpression: "asOfMs = :read", ExpressionAttributeValues: { ":read": readAsOfMs } }),
      }),
    ),
  );
}
