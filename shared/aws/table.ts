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
 * | baseline whose predictor a window uses | `predictor#{endpoint}` | `{window}` | 60 days |
 * | traffic of an endpoint's day (UTC), from which sampling is paced | `traffic#{endpoint}` | `{date}` | 9 days |
 * | names of an endpoint's segments | `endpoint#{endpoint}` | `segments` | never |
 * | judge budget of an endpoint's day (UTC) | `budget#{endpoint}` | `{date}` | 400 days |
 * | serving cost of an endpoint's running day, and of a day that ended | `endpoint#{endpoint}`, `serving#{endpoint}` | `serving`, `{date}` | never, 400 days |
 * | how far an endpoint's estimates have come | `endpoint#{endpoint}` | `measured` | never |
 * | reservation of one judge call, for good | `reservation#{endpoint}#{id}` | `{judge version}` | 400 days |
 * | state of an endpoint's monitor, with its open findings | `endpoint#{endpoint}` | `monitor` | never |
 * | what is remembered of an endpoint's captures, with its open findings | `endpoint#{endpoint}` | `coverage` | never |
 * | what is remembered of an endpoint's capacity, with its open findings | `endpoint#{endpoint}` | `capacity` | never |
 * | approved baseline of an endpoint | `endpoint#{endpoint}` | `baseline` | never |
 * | finding, of an alarm or of the monitor | `endpoint#{endpoint}` | `finding#{when it was made}#{id}` | 400 days |
 * | remediation lock of an endpoint, and what was done to it lately | `endpoint#{endpoint}` | `lock` | 8 days after it expires |
 * | what an endpoint has served, and what of it served well | `endpoint#{endpoint}` | `configurations` | never |
 * | that remediation is paused, by whom and why | `remediation` | `pause` | never |
 * | remediation record | `endpoint#{endpoint}`, or `alarm#{name}` where the alarm watches no variant | `remediation#{since}#{id}` | 400 days |
 * | that a stack had an existing bucket send its events | `bucket#{name}` | `events` | never |
 *
 * Index `openClaims`: the claims that are open, by `openEndpoint` and `openWindow`.
 */
export type Table = { client: DynamoDBDocumentClient; name: string };

export type Key = { pk: string; sk: string };

export const keys = {
  claim: (objectId: string): Key => ({ pk: `claim#${objectId}`, sk: "claim" }),
  policy: (endpoint: string, window: string): Key => ({ pk: `policy#${endpoint}`, sk: window }),
  predictor: (endpoint: string, window: string): Key => ({ pk: `predictor#${endpoint}`, sk: window }),
  traffic: (endpoint: string, date: string): Key => ({ pk: `traffic#${endpoint}`, sk: date }),
  segments: (endpoint: string): Key => ({ pk: `endpoint#${endpoint}`, sk: "segments" }),
  budgetDay: (endpoint: string, date: string): Key => ({ pk: `budget#${endpoint}`, sk: date }),
  reservation: (endpoint: string, id: string, judgeVersion: string): Key => ({
    pk: `reservation#${endpoint}#${id}`,
    sk: judgeVersion,
  }),
  finding: (endpoint: string, since: string, id: string): Key => ({ pk: `endpoint#${endpoint}`, sk: `finding#${since}#${id}` }),
  serving: (endpoint: string): Key => ({ pk: `endpoint#${endpoint}`, sk: "serving" }),
  servingDay: (endpoint: string, date: string): Key => ({ pk: `serving#${endpoint}`, sk: date }),
  measured: (endpoint: string): Key => ({ pk: `endpoint#${endpoint}`, sk: "measured" }),
  monitor: (endpoint: string): Key => ({ pk: `endpoint#${endpoint}`, sk: "monitor" }),
  coverage: (endpoint: string): Key => ({ pk: `endpoint#${endpoint}`, sk: "coverage" }),
  capacity: (endpoint: string): Key => ({ pk: `endpoint#${endpoint}`, sk: "capacity" }),
  baseline: (endpoint: string): Key => ({ pk: `endpoint#${endpoint}`, sk: "baseline" }),
  lock: (endpoint: string): Key => ({ pk: `endpoint#${endpoint}`, sk: "lock" }),
  configurations: (endpoint: string): Key => ({ pk: `endpoint#${endpoint}`, sk: "configurations" }),
  pause: { pk: "remediation", sk: "pause" } satisfies Key,
  remediation: (partition: string, since: string, id: string): Key => ({ pk: partition, sk: `remediation#${since}#${id}` }),
  bucketEvents: (bucket: string): Key => ({ pk: `bucket#${bucket}`, sk: "events" }),
  /** Where the remediation records of an endpoint are, or of an alarm that watches none. */
  remediationsOf: (endpoint: string | null, alarm: string | null): string =>
    endpoint === null ? `alarm#${alarm}` : `endpoint#${endpoint}`,
};

export function openTable(client: DynamoDBClient, name: string): Table {
  return { client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }), name };
}

/** The value of `ttl` for an item that may go `days` after `nowMs`. */
export function expiry(nowMs: number, days: number): number {
  return Math.ceil(nowMs / 1000) + days * 86_400;
}
