import { z } from "zod";
import { parseInput } from "./parseInput.ts";
import { AwsError, type Operation, type Part, type World } from "./world.ts";

type Line = { timestamp: number; message: string; ingestionTime: number };
type Stream = { createdAtMs: number; lines: Line[] };
type Group = { createdAtMs: number; retentionInDays: number | null; streams: Map<string, Stream> };

const name = z.string().regex(/^[\w.\-/#]{1,512}$/);
const group = z.strictObject({ logGroupName: name });
const stream = group.extend({ logStreamName: z.string().regex(/^[^:*]{1,512}$/) });
// Nothing reads tags or classes, and nothing is encrypted with a customer's key.
const createGroup = group.extend({ tags: z.unknown().optional(), logGroupClass: z.literal("STANDARD").optional() });
const line = z.strictObject({ timestamp: z.number(), message: z.string().min(1) });
const putEvents = stream.extend({ logEvents: z.array(line).min(1), sequenceToken: z.string().optional() });
// Source: API reference of CloudWatch Logs, PutRetentionPolicy.
const retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
const putRetention = group.extend({
  retentionInDays: z.number().refine((days) => retentions.includes(days), "is no retention that CloudWatch Logs has"),
});
const page = { limit: z.number().default(10_000), nextToken: z.string().optional() };
const listGroups = z.strictObject({
  logGroupNamePrefix: z.string().default(""),
  limit: z.number().default(50),
  nextToken: z.string().optional(),
});
const listStreams = group.extend({
  logStreamNamePrefix: z.string().default(""),
  orderBy: z.enum(["LogStreamName", "LastEventTime"]).default("LogStreamName"),
  descending: z.boolean().default(false),
  limit: z.number().default(50),
  nextToken: z.string().optional(),
});
const span = { startTime: z.number().default(0), endTime: z.number().default(Number.MAX_SAFE_INTEGER) };
const getEvents = stream.extend({ ...span, ...page, startFromHead: z.boolean().default(false) });
const filter = group.extend({
  ...span,
  ...page,
  filterPattern: z.string().default(""),
  logStreamNames: z.array(z.string()).optional(),
  logStreamNamePrefix: z.string().default(""),
  interleaved: z.unknown().optional(),
});
const subscriptions = group.extend({
  filterNamePrefix: z.string().optional(),
  limit: z.number().optional(),
  nextToken: z.string().optional(),
});

/** CloudWatch Logs, in memory. A filter pattern is plain text here: pattern syntax is refused. */
export function createLogs(world: World): Part {
  const groups = new Map<string, Group>();
  const arnOf = (logGroupName: string) => `arn:aws:logs:${world.region}:${world.accountId}:log-group:${logGroupName}`;
  const groupOf = (logGroupName: string): Group => {
    const found = groups.get(logGroupName);
    if (!found) throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    return found;
  };
  const streamOf = (logGroupName: string, logStreamName: string): Stream => {
    const found = groupOf(logGroupName).streams.get(logStreamName);
    if (!found) throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
    return found;
  };
  /** Lines of a span that the retention still keeps, oldest first. */
  const linesOf = ({ retentionInDays }: Group, { lines }: Stream, startTime: number, endTime: number): Line[] => {
    const keptFromMs = retentionInDays === null ? 0 : Date.now() - retentionInDays * 86_400_000;
    return lines.filter(({ timestamp }) => timestamp >= Math.max(startTime, keptFromMs) && timestamp < endTime);
  };

  const operations: Record<string, Operation> = {
    CreateLogGroup(input) {
      const { logGroupName } = parse(createGroup, input);
      if (groups.has(logGroupName))
        throw new AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
      groups.set(logGroupName, { createdAtMs: Date.now(), retentionInDays: null, streams: new Map() });
      return {};
    },
    DeleteLogGroup(input) {
      const { logGroupName } = parse(group, input);
      groupOf(logGroupName);
      groups.delete(logGroupName);
      return {};
    },
    PutRetentionPolicy(input) {
      const { logGroupName, retentionInDays } = parse(putRetention, input);
      groupOf(logGroupName).retentionInDays = retentionInDays;
      return {};
    },
    DeleteRetentionPolicy(input) {
      groupOf(parse(group, input).logGroupName).retentionInDays = null;
      return {};
    },
    DescribeLogGroups(input) {
      const { logGroupNamePrefix, limit, nextToken } = parse(listGroups, input);
      const found = [...groups]
        .filter(([logGroupName]) => logGroupName.startsWith(logGroupNamePrefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([logGroupName, { createdAtMs, retentionInDays }]) => ({
          logGroupName,
          arn: `${arnOf(logGroupName)}:*`,
          logGroupArn: arnOf(logGroupName),
          creationTime: createdAtMs,
          ...(retentionInDays === null ? {} : { retentionInDays }),
        }));
      return paged("logGroups", found, limit, nextToken);
    },
    CreateLogStream(input) {
      const { logGroupName, logStreamName } = parse(stream, input);
      const { streams } = groupOf(logGroupName);
      if (streams.has(logStreamName))
        throw new AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
      streams.set(logStreamName, { createdAtMs: Date.now(), lines: [] });
      return {};
    },
    PutLogEvents(input) {
      const { logGroupName, logStreamName, logEvents } = parse(putEvents, input);
      const { lines } = streamOf(logGroupName, logStreamName);
      lines.push(...logEvents.map((event) => ({ ...event, ingestionTime: Date.now() })));
      lines.sort((a, b) => a.timestamp - b.timestamp);
      return { nextSequenceToken: String(lines.length) };
    },
    DescribeLogStreams(input) {
      const { logGroupName, logStreamNamePrefix, orderBy, descending, limit, nextToken } = parse(listStreams, input);
      const found = [...groupOf(logGroupName).streams]
        .filter(([logStreamName]) => logStreamName.startsWith(logStreamNamePrefix))
        .map(([logStreamName, { createdAtMs, lines }]) => ({
          logStreamName,
          creationTime: createdAtMs,
          arn: `${arnOf(logGroupName)}:log-stream:${logStreamName}`,
          ...(lines.length === 0
            ? {}
            : { firstEventTimestamp: lines[0]!.timestamp, lastEventTimestamp: lines.at(-1)!.timestamp }),
        }))
        .sort((a, b) => (a.logStreamName < b.logStreamName ? -1 : 1));
      if (orderBy === "LastEventTime") found.sort((a, b) => (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0));
      return paged("logStreams", descending ? found.reverse() : found, limit, nextToken);
    },
    GetLogEvents(input) {
      const { logGroupName, logStreamName, startTime, endTime, limit, startFromHead, nextToken } = parse(getEvents, input);
      const lines = linesOf(groupOf(logGroupName), streamOf(logGroupName, logStreamName), startTime, endTime);
      const from = nextToken ? Number(nextToken.slice(2)) : startFromHead ? 0 : Math.max(0, lines.length - limit);
      const events = lines.slice(from, from + limit);
      return { events, nextForwardToken: `f/${from + events.length}`, nextBackwardToken: `b/${Math.max(0, from - limit)}` };
    },
    FilterLogEvents(input) {
      const { logGroupName, startTime, endTime, filterPattern, logStreamNames, logStreamNamePrefix, limit, nextToken } = parse(
        filter,
        input,
      );
      const wanted = plainText(filterPattern);
      const found = groupOf(logGroupName);
      const events = [...found.streams]
        .filter(([logStreamName]) => logStreamNames?.includes(logStreamName) ?? logStreamName.startsWith(logStreamNamePrefix))
        .flatMap(([logStreamName, lines]) =>
          linesOf(found, lines, startTime, endTime).map((event, i) => ({
            logStreamName,
            ...event,
            eventId: `${logStreamName}/${i}`,
          })),
        )
        .filter(({ message }) => message.includes(wanted))
        .sort((a, b) => a.timestamp - b.timestamp);
      return { ...paged("events", events, limit, nextToken), searchedLogStreams: [] };
    },
    DescribeSubscriptionFilters(input) {
      groupOf(parse(subscriptions, input).logGroupName);
      return { subscriptionFilters: [] };
    },
  };
  return { scope: "logs", operations };
}

function plainText(pattern: string): string {
  const text = pattern.replace(/^"(.*)"$/s, "$1");
  if (/^[{[%]/.test(text) || /(^|\s)[-?]\S/.test(pattern))
    throw new AwsError(
      "InvalidParameterException",
      "filterPattern: the embedded AWS looks for plain text; it does not evaluate filter syntax.",
    );
  return text;
}

function paged<T>(member: string, all: readonly T[], limit: number, token: string | undefined): Record<string, unknown> {
  const from = Number(token ?? 0);
  const more = from + limit < all.length;
  return { [member]: all.slice(from, from + limit), ...(more ? { nextToken: String(from + limit) } : {}) };
}

const parse = <T>(schema: z.ZodType<T>, input: Record<string, unknown>): T =>
  parseInput(schema, input, "InvalidParameterException");
