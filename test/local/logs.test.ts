import { afterEach, expect, jest, test } from "@jest/globals";
import { createLogs } from "../../local/logs.ts";
import type { Call } from "../../local/world.ts";
import { recordingWorld } from "./recordingWorld.ts";

const call: Call = { principal: { kind: "admin" }, requestId: "r" };
const stream = { logGroupName: "/aws/lambda/f", logStreamName: "s" };
const day = 86_400_000;
const now = Date.UTC(2026, 10, 24);
type Events = { message: string }[];

afterEach(() => void jest.useRealTimers());

async function logsWith(logEvents: { timestamp: number; message: string }[]) {
  jest.useFakeTimers({ now });
  const part = createLogs(recordingWorld().world);
  const run = async (operation: string, input: Record<string, unknown>) => part.operations[operation]!(input, call);
  await run("CreateLogGroup", { logGroupName: stream.logGroupName });
  await run("CreateLogStream", stream);
  await run("PutLogEvents", { ...stream, logEvents });
  return run;
}
const lines = [
  { timestamp: now - 3 * day, message: "old and failed" },
  { timestamp: now - 1_000, message: "new and fine" },
  { timestamp: now - 2_000, message: "new and failed" },
];
const messages = (output: Record<string, unknown>) => (output.events as Events).map(({ message }) => message);

test("lines come back in order of time, the text that was asked for, a page at a time", async () => {
  const run = await logsWith(lines);
  const asked = { logGroupName: stream.logGroupName, filterPattern: '"failed"' };
  expect(messages(await run("FilterLogEvents", asked))).toEqual(["old and failed", "new and failed"]);
  const page = await run("FilterLogEvents", { ...asked, limit: 1 });
  expect(messages(page)).toEqual(["old and failed"]);
  expect(messages(await run("FilterLogEvents", { ...asked, limit: 1, nextToken: page.nextToken }))).toEqual(["new and failed"]);
  expect(messages(await run("FilterLogEvents", { ...asked, startTime: now - day }))).toEqual(["new and failed"]);
});

test("reading a stream to its end: the forward token stays when nothing is left", async () => {
  const run = await logsWith(lines);
  const first = await run("GetLogEvents", { ...stream, startFromHead: true, limit: 2 });
  const second = await run("GetLogEvents", { ...stream, startFromHead: true, limit: 2, nextToken: first.nextForwardToken });
  const third = await run("GetLogEvents", { ...stream, startFromHead: true, limit: 2, nextToken: second.nextForwardToken });
  expect([first, second, third].map(messages)).toEqual([["old and failed", "new and failed"], ["new and fine"], []]);
  expect(third.nextForwardToken).toBe(second.nextForwardToken);
  expect(messages(await run("GetLogEvents", { ...stream, limit: 1 }))).toEqual(["new and fine"]);
});

test("what the retention no longer keeps cannot be read", async () => {
  const run = await logsWith(lines);
  await run("PutRetentionPolicy", { logGroupName: stream.logGroupName, retentionInDays: 1 });
  expect(messages(await run("FilterLogEvents", { logGroupName: stream.logGroupName }))).toEqual([
    "new and failed",
    "new and fine",
  ]);
  expect(await run("DescribeLogGroups", { logGroupNamePrefix: "/aws" })).toMatchObject({ logGroups: [{ retentionInDays: 1 }] });
});

test.each([
  {
    it: "a group that is not there",
    operation: "PutLogEvents",
    input: { ...stream, logGroupName: "x", logEvents: lines },
    code: "ResourceNotFoundException",
  },
  {
    it: "a stream that is not there",
    operation: "PutLogEvents",
    input: { ...stream, logStreamName: "x", logEvents: lines },
    code: "ResourceNotFoundException",
  },
  {
    it: "a group twice",
    operation: "CreateLogGroup",
    input: { logGroupName: stream.logGroupName },
    code: "ResourceAlreadyExistsException",
  },
  {
    it: "a retention there is not",
    operation: "PutRetentionPolicy",
    input: { logGroupName: stream.logGroupName, retentionInDays: 2 },
    code: "InvalidParameterException",
  },
  {
    it: "filter syntax",
    operation: "FilterLogEvents",
    input: { logGroupName: stream.logGroupName, filterPattern: "{ $.level = 1 }" },
    code: "InvalidParameterException",
  },
])("refuses $it", async ({ operation, input, code }) => {
  const run = await logsWith(lines);
  await expect(run(operation, input)).rejects.toMatchObject({ code });
});
