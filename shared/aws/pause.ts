import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { iso } from "../monitoring/windows.ts";
import { keys, type Table } from "./table.ts";

/** Why nobody but people may act on any endpoint now; `null`: Assay may. */
export async function readPause(table: Table): Promise<string | null> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: keys.pause, ConsistentRead: true }));
  return Item === undefined ? null : `${String(Item.why)} (by ${String(Item.by)}, ${String(Item.at)})`;
}

/** The kill switch: no action is begun on any endpoint until it is lifted. What was begun is verified, and taken back if it has to be. */
export async function pause(table: Table, { by, why }: { by: string; why: string }, nowMs: number): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...keys.pause, by, why, at: iso(nowMs) } }));
}

export async function liftPause(table: Table): Promise<void> {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: keys.pause }));
}
