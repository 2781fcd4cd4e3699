import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { MonitorFinding } from "../monitoring/finding.ts";
import { expiry, type Key, keys, type Table } from "./table.ts";

/** As long as the remediations that findings lead to. */
const findingRetentionDays = 400;

/**
 * Writes the state of a detector whose `version` is one more than that of the state it was made of, and the findings that came to be,
 * changed or were closed with it: all of it or nothing.
 * @param parts what of the state has no room in one item
 * @returns whether it was written: not if somebody else wrote meanwhile; then read again and do it anew
 */
export async function saveWithFindings(
  table: Table,
  state: Key & { version: number; state: Uint8Array; parts?: number; format?: number },
  findings: readonly MonitorFinding[],
  nowMs: number,
  parts: readonly (Key & { version: number; state: Uint8Array })[] = [],
): Promise<boolean> {
  const TransactItems = [
    {
      Put: {
        TableName: table.name,
        Item: state,
        ConditionExpression: "attribute_not_exists(pk) OR version = :read",
        ExpressionAttributeValues: { ":read": state.version - 1 },
      },
    },
    ...parts.map((part) => ({ Put: { TableName: table.name, Item: part } })),
    ...findings.map((finding) => {
      const key = keys.finding(finding.endpoint, finding.openedAt, finding.id);
      return { Put: { TableName: table.name, Item: { ...key, ...finding, ttl: expiry(nowMs, findingRetentionDays) } } };
    }),
  ];
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems }));
    return true;
  } catch (error) {
    if (error instanceof TransactionCanceledException && isRace(error)) return false;
    throw error;
  }
}

function isRace({ CancellationReasons = [] }: TransactionCanceledException): boolean {
  return CancellationReasons.some(({ Code }) => Code === "ConditionalCheckFailed" || Code === "TransactionConflict");
}
