import { paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Span, StoredEstimates } from "../monitoring/estimates.ts";
import { estimatesKey, estimatesWithin } from "../monitoring/resultKeys.ts";
import { atOnce } from "./atOnce.ts";
import type { Results } from "./foldedWindows.ts";
import { putJson, readJson } from "./results.ts";
import { keys, type Table } from "./table.ts";

/** How far an endpoint's estimates have come: its last window, and those whose grades were not all there then. */
export type Measured = { window: string; unfinished: string[] };

/** A day has 24 hours. */
const readsAtOnce = 24;

/** Writes the estimates of a span in place of earlier ones: what came late counts. */
export function putEstimates({ s3, resultsBucket }: Results, stored: StoredEstimates & { span: Span }): Promise<void> {
  return putJson(s3, resultsBucket, estimatesKey(stored.endpoint, stored.span, stored.from), stored);
}

/** The estimates of the windows of an hour, or of the hours of a day (its start as ISO, cut off), in order of time. */
export async function readEstimates(
  { s3, resultsBucket }: Results,
  endpoint: string,
  span: "window" | "hour",
  within: string,
): Promise<StoredEstimates[]> {
  const found: string[] = [];
  const Prefix = estimatesWithin(endpoint, span, within);
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: resultsBucket, Prefix }))
    found.push(...Contents.map(({ Key }) => Key!)); // listed objects have keys
  return atOnce(readsAtOnce, found, (key) => readJson<StoredEstimates>(s3, resultsBucket, key));
}

/** @returns `null`: nothing was estimated yet */
export async function readMeasured(table: Table, endpoint: string): Promise<Measured | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.measured(endpoint), ConsistentRead: true }),
  );
  return Item ? { window: Item.window as string, unfinished: Item.unfinished as string[] } : null;
}

/** Where two runs wrote, either has estimated what it says. */
export async function saveMeasured(table: Table, endpoint: string, measured: Measured): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...keys.measured(endpoint), ...measured } }));
}
