import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { CoverageState } from "../monitoring/coverage.ts";
import type { MonitorFinding } from "../monitoring/finding.ts";
import { saveWithFindings } from "./findingWrites.ts";
import { keys, type Table } from "./table.ts";

/** What is remembered of an endpoint's captures, as it was last written, or `null`. */
export async function readCoverageState(table: Table, endpoint: string): Promise<CoverageState | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.coverage(endpoint), ConsistentRead: true }),
  );
  return Item ? (JSON.parse(Buffer.from(Item.state as Uint8Array).toString("utf8")) as CoverageState) : null;
}

/** See `saveWithFindings`: numbers stay what they are, which DynamoDB's own would not. */
export function saveCoverageState(
  table: Table,
  state: CoverageState,
  findings: readonly MonitorFinding[],
  nowMs: number,
): Promise<boolean> {
  const bytes = Buffer.from(JSON.stringify(state));
  return saveWithFindings(table, { ...keys.coverage(state.endpoint), version: state.version, state: bytes }, findings, nowMs);
}
