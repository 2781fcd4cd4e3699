import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { after, failing, invoke, only, tinyWorld, useClock } from "./tinyWorld.ts";

beforeEach(() => {
  useClock();
});
afterEach(() => {
  jest.useRealTimers();
});

const readLines = {
  Resource: "arn:aws:states:::s3:getObject",
  ReaderConfig: { InputType: "JSONL" },
  Parameters: { Bucket: "b", "Key.$": "$.key" },
};
const writer = { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "b", Prefix: "out" } };
const distributed = (more: object = {}, processor: object = only(invoke("check"), "Check")) =>
  only({
    Type: "Map",
    Label: "items",
    ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...processor },
    ...more,
  });
const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const asked = (calls: ReturnType<typeof tinyWorld>["calls"]) =>
  calls.filter(({ operation }) => operation === "lambda:Invoke").map(({ input }) => JSON.parse(String(input.Payload)) as unknown);

type Reading = { it: string; map: object; input?: object; items: unknown[] };
const readings: Reading[] = [
  { it: "lines of JSON", map: { ItemReader: readLines }, items: [{ n: 1 }, { n: 2 }, { n: 3 }] },
  {
    it: "a JSON array, up to so many",
    map: {
      ItemReader: {
        ...readLines,
        ReaderConfig: { InputType: "JSON", MaxItems: 2 },
        Parameters: { Bucket: "b", Key: "array.json" },
      },
    },
    items: ["a", "b"],
  },
  {
    it: "the objects under a prefix",
    map: { ItemReader: { Resource: "arn:aws:states:::s3:listObjectsV2", Parameters: { Bucket: "b", Prefix: "dir/" } } },
    items: [
      { Key: "dir/1", Size: 2 },
      { Key: "dir/2", Size: 3 },
    ],
  },
  { it: "an array of the input", map: { ItemsPath: "$.given" }, input: { given: [7, 8] }, items: [7, 8] },
  {
    it: "what its selector makes of them",
    map: { ItemReader: readLines, ItemSelector: { "n.$": "$$.Map.Item.Value.n", "i.$": "$$.Map.Item.Index", "key.$": "$.key" } },
    items: [1, 2, 3].map((n, i) => ({ n, i, key: "lines.jsonl" })),
  },
  {
    it: "batches of so many, with what they share",
    map: { ItemReader: readLines, ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { "key.$": "$.key" } } },
    items: [
      { Items: [{ n: 1 }, { n: 2 }], BatchInput: { key: "lines.jsonl" } },
      { Items: [{ n: 3 }], BatchInput: { key: "lines.jsonl" } },
    ],
  },
  {
    it: "batches of so many bytes",
    map: { ItemReader: readLines, ItemBatcher: { MaxInputBytesPerBatch: 32 } },
    items: [{ Items: [{ n: 1 }, { n: 2 }] }, { Items: [{ n: 3 }] }],
  },
];
test.each(readings)("children get $it", async ({ map, input = {}, items }) => {
  const objects = {
    "lines.jsonl": lines({ n: 1 }, { n: 2 }, { n: 3 }),
    "array.json": '["a","b","c"]',
    "dir/1": "aa",
    "dir/2": "bbb",
  };
  const { run, calls } = tinyWorld({ functions: { check: (item: unknown) => item }, objects });
  expect(await run(distributed(map), { key: "lines.jsonl", ...input })).toMatchObject({
    status: "SUCCEEDED",
    // Without a writer the children's outputs are the result, in the order of the items.
    output: items.map((Payload) => ({ Payload })),
  });
  expect(asked(calls)).toEqual(items);
});

const someBad = (n: number) => (n % 10 === 0 ? failing("Bad")() : n);
const twenty = Array.from({ length: 20 }, (_, i) => i + 1);
test.each([
  { it: "tolerates a share of failures", tolerance: { ToleratedFailurePercentage: 10 }, status: "SUCCEEDED", failed: 2 },
  { it: "tolerates a number of failures", tolerance: { ToleratedFailureCount: 2 }, status: "SUCCEEDED", failed: 2 },
  { it: "fails beyond the share", tolerance: { ToleratedFailurePercentage: 9 }, status: "FAILED", failed: 2 },
  {
    it: "fails beyond either limit",
    tolerance: { ToleratedFailurePercentage: 50, ToleratedFailureCount: 1 },
    status: "FAILED",
    failed: 2,
  },
  { it: "tolerates nothing by default, and starts nothing more", tolerance: {}, status: "FAILED", failed: 1 },
])("a Map Run $it, and writes what there is", async ({ tolerance, status, failed }) => {
  const { run, objects } = tinyWorld({ functions: { check: someBad } });
  const map = { ItemsPath: "$.items", MaxConcurrency: 1, ResultWriter: writer, ...tolerance };
  const { output, error, ...rest } = await run(distributed(map), { items: twenty });
  expect(rest.status).toBe(status);
  const arn = "arn:aws:states:eu-west-1:000000000000:mapRun:m/items:map-run-1";
  const Key = "out/map-run-1/manifest.json";
  if (status === "SUCCEEDED") expect(output).toEqual({ MapRunArn: arn, ResultWriterDetails: { Bucket: "b", Key } });
  else expect(error).toBe("States.ExceedToleratedFailureThreshold");
  const manifest = JSON.parse(objects[Key]!) as { ResultFiles: Record<string, { Key: string; Size: number }[]> };
  expect(manifest).toMatchObject({ DestinationBucket: "b", MapRunArn: arn, ResultFiles: { PENDING: [] } });
  const fileOf = (kind: string) => {
    const [{ Key: key, Size }] = manifest.ResultFiles[kind] as [{ Key: string; Size: number }];
    expect(Size).toBe(objects[key]!.length);
    return JSON.parse(objects[key]!) as Record<string, unknown>[];
  };
  expect(fileOf("FAILED")).toHaveLength(failed);
  expect(fileOf("FAILED")[0]).toMatchObject({ Status: "FAILED", Error: "Bad", Input: "10", InputDetails: { Included: true } });
  expect(fileOf("SUCCEEDED")).toHaveLength(failed === 1 ? 9 : 18);
  expect(fileOf("SUCCEEDED")[0]).toMatchObject({
    ExecutionArn: "arn:aws:states:eu-west-1:000000000000:execution:m/items:map-child-1",
    StateMachineArn: "arn:aws:states:eu-west-1:000000000000:stateMachine:m/items",
    Name: "map-child-1",
    Status: "SUCCEEDED",
    Input: "1",
    Output: expect.stringContaining('"Payload":1'),
    StartDate: "2026-03-02T09:00:00.000Z",
  });
});

test("a batch that fails counts for all its items", async () => {
  const { run } = tinyWorld({ functions: { check: ({ Items }: { Items: number[] }) => someBad(Items[0]!) } });
  const map = { ItemsPath: "$.items", ItemBatcher: { MaxItemsPerBatch: 5 }, ToleratedFailureCount: 4 };
  expect(await run(distributed(map), { items: [10, 2, 3, 4, 5, 6] })).toMatchObject({
    error: "States.ExceedToleratedFailureThreshold",
  });
});

test("so many children run at once", async () => {
  const { run, calls } = tinyWorld({ functions: { check: after(10_000, 1) } });
  await run(distributed({ ItemsPath: "$.items", MaxConcurrency: 2 }), { items: [1, 2, 3] });
  expect(calls.map(({ atMs }) => atMs / 1_000)).toEqual([0, 0, 10]);
});

test.each([
  { it: "read the items", allowed: ["states:*", "lambda:*", "s3:PutObject"], error: "States.ItemReaderFailed" },
  { it: "start its children", allowed: ["lambda:*", "s3:*"], error: "States.Permissions" },
  { it: "write the results", allowed: ["states:*", "lambda:*", "s3:GetObject"], error: "States.ResultWriterFailed" },
  { it: "call the function", allowed: ["states:*", "s3:*"], error: "States.ExceedToleratedFailureThreshold" },
])("a role that may not $it stops a Map Run", async ({ allowed, error }) => {
  const { run } = tinyWorld({ functions: { check: () => 1 }, objects: { k: lines(1, 2) }, allowed });
  const map = { ItemReader: readLines, ResultWriter: writer };
  expect(await run(distributed(map), { key: "k" })).toMatchObject({ status: "FAILED", error });
});

test.each([
  { it: "is missing", key: "none", cause: "s3://b/none: The specified key does not exist." },
  { it: "is not what it should be, which is not quoted", key: "bad", cause: "s3://b/bad is not JSONL" },
])("an object that $it fails the reader, and a Catch sees it", async ({ key, cause }) => {
  const { run } = tinyWorld({ objects: { bad: "secret" } });
  const { States } = distributed({ ItemReader: readLines });
  const It = { ...States.It, Catch: [{ ErrorEquals: ["States.ItemReaderFailed"], Next: "Caught" }] };
  const machine = { StartAt: "It", States: { It, Caught: { Type: "Pass", End: true } } };
  expect(await run(machine, { key })).toMatchObject({
    status: "SUCCEEDED",
    output: { Error: "States.ItemReaderFailed", Cause: cause },
  });
});

test("stopping the parent stops its children", async () => {
  const { start, ask, describe } = tinyWorld({});
  const arn = await start(distributed({ ItemsPath: "$.items" }, only({ Type: "Wait", Seconds: 600 }, "Wait")), { items: [1, 2] });
  await jest.advanceTimersByTimeAsync(1_000);
  const child = "arn:aws:states:eu-west-1:000000000000:execution:m/items:map-child-2";
  expect(await describe(child)).toMatchObject({ status: "RUNNING" });
  await ask("StopExecution", { executionArn: arn });
  await jest.advanceTimersByTimeAsync(0);
  expect(await describe(child)).toMatchObject({ status: "ABORTED" });
  expect(jest.getTimerCount()).toBe(0);
});
