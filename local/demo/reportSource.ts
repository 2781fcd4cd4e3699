import { readLine } from "../../shared/capture/readLine.ts";
import type { EndpointSettings } from "../../shared/config/assay.ts";
import type { Alarmed, ReportSource, Wanted } from "../../shared/reporting/span/source.ts";
import type { Stack } from "../deploy.ts";
import type { World } from "../world.ts";
import { readMetrics } from "./readMetrics.ts";

/** The deployed stack on the embedded AWS as a report reads it: in process, since over the wire time would have to go on. */
export function worldSource(
  world: World,
  { ResultsBucketName: Bucket, TableName }: Stack,
  settings: EndpointSettings,
  alarms: readonly Alarmed[],
): ReportSource {
  const get = async (bucket: string, Key: string): Promise<Buffer> => {
    const { Body } = (await world.call("s3", "GetObject", { Bucket: bucket, Key })) as { Body: Buffer };
    return Body;
  };
  return {
    async keys(Prefix) {
      const listed = (await world.call("s3", "ListObjectsV2", { Bucket, Prefix })) as { Contents: { Key: string }[] };
      return listed.Contents.map(({ Key }) => Key);
    },
    read: async (key) => (await get(Bucket, key)).toString("utf8"),
    json: async <T>(key: string) => JSON.parse((await get(Bucket, key)).toString("utf8")) as T,
    async items(pk, skPrefix) {
      const { Items } = (await world.call("dynamodb", "Query", {
        TableName,
        KeyConditionExpression: skPrefix === "" ? "pk = :pk" : "pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues: { ":pk": { S: pk }, ...(skPrefix === "" ? {} : { ":sk": { S: skPrefix } }) },
      })) as { Items: Record<string, Attribute>[] };
      return Items.map((item) => Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)])));
    },
    metrics: (asked, fromMs, untilMs, periodMs) =>
      asked.length === 0 ? Promise.resolve([]) : readMetrics(world, asked, fromMs, untilMs, periodMs),
    alarms: async () => [...alarms],
    async text({ eventId, endpoint, variant, source }: Wanted) {
      const { bucket, key, offset, length } = source;
      const bytes = (await get(bucket, key)).subarray(offset, offset + length);
      const line = { bytes, offset, length, number: 1, isGzip: false, flaw: null };
      const readings = source.gzip ? [] : readLine(line, { bucket, key, endpoint, variant }, settings);
      const answer = readings.find((reading) => reading.outcome === "answered" && reading.eventId === eventId);
      return answer && "completion" in answer ? { question: answer.prompt, answer: answer.completion } : null;
    },
  };
}

/** As DynamoDB sends a value. */
type Attribute =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { L: Attribute[] }
  | { M: Record<string, Attribute> };

function plain(value: Attribute): unknown {
  if ("S" in value) return value.S;
  if ("N" in value) return Number(value.N);
  if ("B" in value) return Buffer.from(value.B, "base64");
  if ("BOOL" in value) return value.BOOL;
  if ("L" in value) return value.L.map(plain);
  if ("M" in value) return Object.fromEntries(Object.entries(value.M).map(([name, of]) => [name, plain(of)]));
  return null;
}
