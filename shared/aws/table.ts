import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/**
 * The one table. `ttl` (epoch seconds) is its time-to-live attribute; expired items may stay readable for days, so whoever
 * depends on an expiry compares the time itself.
 *
 * | item | pk | sk | ttl |
 * |---|---|---|---|
 * | claim of a capture object | `claim#{objectId}` | `claim` | 30 days |
 * | sampling policy of a window | `policy#{endpoint}` | `{window}` | 60 days |
 * | finding | `endpoint#{endpoint}` | `finding#{since}#{id}` | 400 days |
 * | remediation lock of an endpoint | `endpoint#{endpoint}` | `lock` | a day after it expires |
 * | remediation record | `endpoint#{endpoint}`, or `alarm#{name}` where the alarm watches no variant | `remediation#{since}#{id}` | 400 days |
 */
export type Table = { client: DynamoDBDocumentClient; name: string };

export type Key = { pk: string; sk: string };

export const keys = {
  claim: (objectId: string): Key => ({ pk: `claim#${objectId}`, sk: "claim" }),
  policy: (endpoint: string, window: string): Key => ({ pk: `policy#${endpoint}`, sk: window }),
  finding: (endpoint: string, since: string, id: string): Key => ({ pk: `endpoint#${endpoint}`, sk: `finding#${since}#${id}` }),
  lock: (endpoint: string): Key => ({ pk: `endpoint#${endpoint}`, sk: "lock" }),
  remediation: (partition: string, since: string, id: string): Key => ({ pk: partition, sk: `remediation#${since}#${id}` }),
  /** Where the remediation records of an endpoint are, or of an alarm that watches none. */
  remediationsOf: (endpoint: string | null, alarm: string): string =>
    endpoint === null ? `alarm#${alarm}` : `endpoint#${endpoint}`,
};

export function openTable(client: DynamoDBClient, name: string): Table {
  return { client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }), name };
}

/** The value of `ttl` for an item that may go `days` after `nowMs`. */
export function expiry(nowMs: number, days: number): number {
  return Math.ceil(nowMs / 1000) + days * 86_400;
}
