import { paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { keys, type Table } from "./table.ts";

/**
 * The first window after one, up to another, of which a capture object is claimed and not finished; `null` if there is none.
 * The index lags behind its table by moments, which is what a window's settling time is for.
 */
export async function firstOpenWindow(table: Table, endpoint: string, after: string, upTo: string): Promise<string | null> {
  if (after >= upTo) return null;
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "openClaims",
      KeyConditionExpression: "openEndpoint = :endpoint AND openWindow BETWEEN :after AND :upTo",
      // BETWEEN has both ends in it; "~" sorts behind everything that an ISO time could go on with.
      ExpressionAttributeValues: { ":endpoint": endpoint, ":after": `${after}~`, ":upTo": upTo },
      Limit: 1,
    }),
  );
  return (Items[0]?.openWindow as string | undefined) ?? null;
}

/**
 * The windows from one to another in which something may have been captured, in order of time: a window's sampling policy is frozen
 * before the first of its objects is read, so a window without one is empty.
 */
export async function windowsWithCaptures(table: Table, endpoint: string, from: string, to: string): Promise<string[]> {
  if (from > to) return [];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": keys.policy(endpoint, from).pk, ":from": from, ":to": to },
      ProjectionExpression: "sk",
      ConsistentRead: true,
    },
  );
  const windows: string[] = [];
  for await (const { Items = [] } of pages) windows.push(...Items.map(({ sk }) => sk as string));
  return windows;
}
