import { gunzipSync, gzipSync } from "node:zlib";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { MonitorFinding } from "../monitoring/finding.ts";
import type { MonitorState } from "../monitoring/monitorState.ts";
import { saveWithFindings } from "./findingWrites.ts";
import { keys, type Table } from "./table.ts";

/** The state would be refused by DynamoDB, in every attempt. */
class MonitorStateTooLarge extends Error {
  override readonly name = "MonitorStateTooLarge";
}

/** DynamoDB's limit of an item, 400 KB, less some for its keys. */
const mostBytes = 390_000;

/** An endpoint's monitor as it was last written, or `null`. */
export async function readMonitorState(table: Table, endpoint: string): Promise<MonitorState | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.monitor(endpoint), ConsistentRead: true }),
  );
  return Item ? (JSON.parse(gunzipSync(Item.state as Uint8Array).toString("utf8")) as MonitorState) : null;
}

/**
 * Writes a state whose `version` is one more than that of the state it was made of, and the findings that came to be, changed or were
 * closed with it: all of it or nothing.
 * @returns whether it was written: not if somebody else wrote meanwhile; then read again and do it anew
 * @throws MonitorStateTooLarge
 */
export async function saveMonitorState(
  table: Table,
  state: MonitorState,
  findings: readonly MonitorFinding[],
  nowMs: number,
): Promise<boolean> {
  // Read and written whole. Packed, it takes a fifth of the room, which is what low traffic needs: then a day's windows are remembered.
  const packed = gzipSync(JSON.stringify(state));
  if (packed.length > mostBytes) {
    throw new MonitorStateTooLarge(
      `The monitor of ${state.endpoint} would need ${Math.ceil(packed.length / 1000)} KB; DynamoDB takes 400. ` +
        "Give its rubric fewer criteria, or make its baseline of fewer segments.",
    );
  }
  return saveWithFindings(table, { ...keys.monitor(state.endpoint), version: state.version, state: packed }, findings, nowMs);
}
