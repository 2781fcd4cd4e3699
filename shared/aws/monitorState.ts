import { gunzipSync, gzipSync } from "node:zlib";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { MonitorFinding } from "../monitoring/finding.ts";
import { type MonitorState, monitorFormat } from "../monitoring/monitorState.ts";
import { saveWithFindings } from "./findingWrites.ts";
import { type Key, keys, type Table } from "./table.ts";

/** The state would be refused by DynamoDB, in every attempt. */
class MonitorStateTooLarge extends Error {
  override readonly name = "MonitorStateTooLarge";
}

/** A state that another version of Assay wrote, in another shape. */
export class OutdatedMonitorState extends Error {
  override readonly name = "OutdatedMonitorState";
  /** How often it was written. */
  readonly version: number;
  constructor(endpoint: string, version: number) {
    super(
      `The monitor of ${endpoint} was written by another version of Assay. Rebuild it from the windows that were folded: ` +
        `\`assay monitor --rebuild --stack STAGE --endpoint ${endpoint}\`.`,
    );
    this.version = version;
  }
}

/** DynamoDB takes items of 400 KB, and transactions of 4 MB; both less some for keys and findings. */
const partBytes = 390_000;
const mostParts = 9;

/** Attempts to read all parts of one version, while somebody writes. */
const attempts = 5;

/**
 * An endpoint's monitor as it was last written, or `null`.
 * @throws OutdatedMonitorState
 */
export async function readMonitorState(table: Table, endpoint: string): Promise<MonitorState | null> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const head = await readItem(table, keys.monitor(endpoint));
    if (head === undefined) return null;
    if (head.format !== monitorFormat) throw new OutdatedMonitorState(endpoint, head.version as number);
    const numbers = Array.from({ length: (head.parts as number) - 1 }, (_, i) => i + 1);
    const others = await Promise.all(numbers.map((part) => readItem(table, partKey(endpoint, part))));
    if (others.some((part) => part?.version !== head.version)) continue; // it was written meanwhile
    const packed = Buffer.concat([head, ...others].map((part) => part!.state as Uint8Array)); // all have been looked at
    return JSON.parse(gunzipSync(packed).toString("utf8")) as MonitorState;
  }
  throw new Error(`The monitor of ${endpoint} was written by somebody else at each of ${attempts} attempts to read it.`);
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
  const { endpoint, version } = state;
  // Read and written whole. Packed, it takes a fifth of the room; with ten variants or more it takes several items all the same.
  const packed = gzipSync(JSON.stringify(state));
  const parts = Math.ceil(packed.length / partBytes);
  if (parts > mostParts) {
    throw new MonitorStateTooLarge(
      `The monitor of ${endpoint} would need ${Math.ceil(packed.length / 1000)} KB; a transaction of DynamoDB takes 4,000. ` +
        "Give its rubric fewer criteria, switch cheap scorers off, or make its baseline of fewer segments.",
    );
  }
  const [first, ...others] = Array.from({ length: parts }, (_, i) => packed.subarray(i * partBytes, (i + 1) * partBytes));
  return saveWithFindings(
    table,
    { ...keys.monitor(endpoint), version, format: monitorFormat, parts, state: first! }, // packed, nothing is empty
    findings,
    nowMs,
    others.map((part, i) => ({ ...partKey(endpoint, i + 1), version, state: part })),
  );
}

/** Of a part after the first. */
function partKey(endpoint: string, part: number): Key {
  const { pk, sk } = keys.monitor(endpoint);
  return { pk, sk: `${sk}#${part}` };
}

async function readItem(table: Table, Key: Key): Promise<Record<string, unknown> | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
  return Item;
}
