import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { AwsError } from "../../../local/world.ts";
import { after, failing, invoke, only, tinyWorld, useClock } from "./tinyWorld.ts";

beforeEach(() => {
  useClock();
});
afterEach(() => {
  jest.useRealTimers();
});

const chain = (first: object, second: object) => ({
  StartAt: "It",
  States: { It: { ...first, Next: "Then" }, Then: { ...second, End: true } },
});
const caught = (state: object, ErrorEquals: string[]) => ({
  StartAt: "It",
  States: {
    It: { ...state, Catch: [{ ErrorEquals, ResultPath: "$.failure", Next: "Caught" }], End: true },
    Caught: { Type: "Pass", End: true },
  },
});
const each = (ItemProcessor: object, more: object = {}) => ({ Type: "Map", ItemsPath: "$.items", ItemProcessor, ...more });

type Outcome = { it: string; machine: object; input?: unknown; output: unknown };
const outcomes: Outcome[] = [
  { it: "a result of nothing is a result", machine: only({ Type: "Pass", Result: 0 }), output: 0 },
  { it: "ResultPath $ replaces the input", machine: only({ Type: "Pass", Result: 1, ResultPath: "$" }), output: 1 },
  {
    it: "ResultPath puts a result deep inside",
    machine: only({ Type: "Pass", Result: 1, ResultPath: "$.a['b c']" }),
    input: { a: { x: 0 } },
    output: { a: { x: 0, "b c": 1 } },
  },
  {
    it: "ResultPath null keeps the input",
    machine: only({ Type: "Pass", Result: 1, ResultPath: null }),
    input: [2],
    output: [2],
  },
  {
    it: "paths and functions are evaluated",
    machine: only({ Type: "Pass", InputPath: "$.a", Parameters: { "t.$": "States.Format('{}-{}', $.b, $$.State.Name)" } }),
    input: { a: { b: 1 } },
    output: { t: "1-It" },
  },
  {
    it: "the context is the execution's",
    machine: only({
      Type: "Pass",
      Parameters: {
        "e.$": "$$.Execution.Name",
        "i.$": "$$.Execution.Input.n",
        "m.$": "$$.StateMachine.Name",
        "s.$": "$$.Execution.StartTime",
      },
    }),
    input: { n: 5 },
    output: { e: "x", i: 5, m: "m", s: "2026-03-02T09:00:00.000Z" },
  },
  {
    it: "a choice goes where its first rule that holds says",
    machine: {
      StartAt: "C",
      States: {
        C: { Type: "Choice", Choices: [{ Variable: "$.n", NumericGreaterThan: 3, Next: "Big" }], Default: "Small" },
        Big: { Type: "Pass", Result: "big", End: true },
        Small: { Type: "Succeed" },
      },
    },
    input: { n: 5 },
    output: "big",
  },
  {
    it: "branches run side by side, each from the same input",
    machine: only({
      Type: "Parallel",
      Branches: [only({ Type: "Pass", Result: 1 }, "A"), only({ Type: "Pass" }, "B")],
    }),
    input: 7,
    output: [1, 7],
  },
  {
    it: "a Map gives each item what its selector says, and the context knows the item",
    machine: only(
      each(
        {
          StartAt: "P",
          States: {
            P: {
              Type: "Pass",
              Parameters: { "v.$": "$.v", "k.$": "$.k", "at.$": "$$.Map.Item.Index", "all.$": "$$.Execution.Input.k" },
              End: true,
            },
          },
        },
        { ItemSelector: { "v.$": "$$.Map.Item.Value", "k.$": "$.k" } },
      ),
    ),
    input: { items: ["a", "b"], k: 9 },
    output: [
      { v: "a", k: 9, at: 0, all: 9 },
      { v: "b", k: 9, at: 1, all: 9 },
    ],
  },
  {
    it: "a function's answer is the payload",
    machine: only(invoke("double")),
    input: 4,
    output: { ExecutedVersion: "$LATEST", Payload: 8, StatusCode: 200 },
  },
  {
    it: "a function by its ARN gets the input and gives the output",
    machine: only({ Type: "Task", Resource: "arn:aws:lambda:eu-west-1:000000000000:function:double" }),
    input: 4,
    output: 8,
  },
  {
    it: "ResultSelector and OutputPath shape the result",
    machine: only(invoke("double", { ResultSelector: { "n.$": "$.Payload" }, ResultPath: "$.r", OutputPath: "$.r.n" })),
    input: { valueOf: 1 },
    output: null,
  },
  {
    it: "an SDK call takes moments as text and gives them as text",
    machine: only({
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:sagemaker:describeEndpoint",
      Parameters: { EndpointName: "e", StartTime: "2026-01-01T00:00:00Z" },
    }),
    output: { EndpointName: "e", CreationTime: "2026-01-01T00:00:00.000Z" },
  },
  {
    it: "a failure that is caught is the state's output",
    machine: caught(invoke("throttled"), ["Throttled"]),
    input: { a: 1 },
    output: { a: 1, failure: { Error: "Throttled", Cause: '{"errorType":"Throttled","errorMessage":"broken","trace":[]}' } },
  },
  {
    it: "States.TaskFailed is not a time-out, States.ALL is",
    machine: {
      StartAt: "It",
      States: {
        It: {
          ...invoke("slow", { TimeoutSeconds: 30 }),
          Catch: [
            { ErrorEquals: ["States.TaskFailed"], Next: "Wrong" },
            { ErrorEquals: ["States.ALL"], ResultPath: null, Next: "Right" },
          ],
          End: true,
        },
        Wrong: { Type: "Fail" },
        Right: { Type: "Pass", End: true },
      },
    },
    input: 3,
    output: 3,
  },
];
test.each(outcomes)("$it", async ({ machine, input = {}, output }) => {
  const { run } = tinyWorld({
    functions: {
      double: (n: number) => (typeof n === "number" ? 2 * n : null),
      throttled: failing("Throttled"),
      slow: after(60_000, 1),
    },
    answers: {
      "sagemaker:DescribeEndpoint": ({ EndpointName, StartTime }) => ({ EndpointName, CreationTime: StartTime }),
    },
  });
  expect(await run(machine, input)).toMatchObject({ status: "SUCCEEDED", output });
});

const big = "x".repeat(262_144);
test.each([
  {
    it: "a Fail state by what it selects",
    machine: only({ Type: "Pass" }),
    replace: { Type: "Fail", ErrorPath: "$.e", Cause: "c" },
    input: { e: "E" },
    error: "E",
    cause: "c",
  },
  {
    it: "a function's error by its name",
    machine: only(invoke("throttled")),
    error: "Throttled",
    cause: expect.stringContaining("broken"),
  },
  {
    it: "an unknown function",
    machine: only(invoke("none")),
    error: "Lambda.ResourceNotFoundException",
    cause: expect.stringContaining("Function not found"),
  },
  {
    it: "an SDK error that the service's model names",
    machine: only({ Type: "Task", Resource: "arn:aws:states:::aws-sdk:s3:getObject", Parameters: { Bucket: "b", Key: "k" } }),
    error: "S3.NoSuchKeyException",
    cause: "The specified key does not exist. (Service: S3, Status Code: 404)",
  },
  {
    it: "an SDK error that it does not name",
    machine: only({ Type: "Task", Resource: "arn:aws:states:::aws-sdk:sagemaker:updateEndpoint", Parameters: {} }),
    error: "SageMaker.SageMakerException",
    cause: expect.stringContaining("Cannot update in-progress endpoint"),
  },
  {
    it: "a path to nothing, which States.ALL does not catch",
    machine: caught({ Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Parameters: { "FunctionName.$": "$.none" } }, [
      "States.ALL",
    ]),
    error: "States.Runtime",
    cause: expect.stringContaining("$.none"),
  },
  {
    it: "a result that is too large",
    machine: caught(invoke("big"), ["States.ALL"]),
    error: "States.DataLimitExceeded",
    cause: expect.stringContaining("task 'It'"),
  },
  {
    it: "no choice that matches",
    machine: {
      StartAt: "C",
      States: { C: { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 3, Next: "D" }] }, D: { Type: "Succeed" } },
    },
    input: { n: 1 },
    error: "States.NoChoiceMatched",
    cause: expect.anything(),
  },
  {
    it: "a result that cannot be placed",
    machine: only({ Type: "Pass", Result: 1, ResultPath: "$.a" }),
    input: "text",
    error: "States.ResultPathMatchFailure",
    cause: expect.stringContaining("$.a"),
  },
  {
    it: "a Map of no array",
    machine: only(each(only({ Type: "Pass" }, "P"))),
    input: { items: 1 },
    error: "States.Runtime",
    cause: expect.stringContaining("no array"),
  },
])("fails on $it", async ({ machine, replace, input = {}, error, cause }) => {
  const { run } = tinyWorld({
    functions: { throttled: failing("Throttled"), big: () => big },
    answers: {
      "sagemaker:UpdateEndpoint": () => {
        throw new AwsError("ValidationException", "Cannot update in-progress endpoint");
      },
    },
  });
  const whole = replace ? { StartAt: "It", States: { It: replace } } : machine;
  expect(await run(whole, input)).toMatchObject({ status: "FAILED", error, cause });
});

const retried = (retrier: object) => only(invoke("throttled", { Retry: [retrier] }));
test.each([
  {
    it: "backs off from its interval by its rate, up to its cap",
    retrier: { ErrorEquals: ["Throttled"], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 20 },
    atSeconds: [0, 2, 8, 26, 46],
  },
  { it: "has defaults of one second, doubled, three times", retrier: { ErrorEquals: ["States.ALL"] }, atSeconds: [0, 1, 3, 7] },
  { it: "does not try again what it does not match", retrier: { ErrorEquals: ["States.Timeout"] }, atSeconds: [0] },
  { it: "never tries again with 0 attempts", retrier: { ErrorEquals: ["States.ALL"], MaxAttempts: 0 }, atSeconds: [0] },
])("a retrier $it", async ({ retrier, atSeconds }) => {
  const { run, calls } = tinyWorld({ functions: { throttled: failing("Throttled") } });
  expect(await run(retried(retrier))).toMatchObject({ status: "FAILED", error: "Throttled" });
  expect(calls.map(({ atMs }) => atMs / 1_000)).toEqual(atSeconds);
});

test("jitter lies below the delay, comes from the seed, and from nothing else", async () => {
  const machine = retried({
    ErrorEquals: ["States.ALL"],
    IntervalSeconds: 60,
    BackoffRate: 1,
    MaxAttempts: 5,
    JitterStrategy: "FULL",
  });
  const timesWith = async (seed: string) => {
    useClock();
    const { run, calls } = tinyWorld({ functions: { throttled: failing("Throttled") }, seed });
    await run(machine);
    return calls.map(({ atMs }) => atMs);
  };
  const times = await timesWith("a");
  expect(await timesWith("a")).toEqual(times);
  expect(await timesWith("b")).not.toEqual(times);
  const delays = times.slice(1).map((at, i) => at - times[i]!);
  expect(delays).toHaveLength(5);
  for (const delay of delays) expect(delay).toBeLessThan(60_000);
  expect(new Set(delays).size).toBeGreaterThan(1);
});

test.each([
  { it: "seconds", wait: { Seconds: 90 }, afterSeconds: 90 },
  { it: "seconds that a path selects", wait: { SecondsPath: "$.s" }, afterSeconds: 45 },
  { it: "until a moment", wait: { Timestamp: "2026-03-02T09:05:00Z" }, afterSeconds: 300 },
  { it: "not at all until a moment that is over", wait: { Timestamp: "2026-03-02T08:00:00Z" }, afterSeconds: 0 },
  { it: "longer than a timer can", wait: { Seconds: 30 * 86_400 }, afterSeconds: 30 * 86_400 },
])("waits $it", async ({ wait, afterSeconds }) => {
  const { start, describe, calls } = tinyWorld({ functions: { next: () => 1 } });
  const arn = await start(chain({ Type: "Wait", ...wait }, invoke("next")), { s: 45 });
  await jest.advanceTimersByTimeAsync(31 * 86_400_000);
  expect(calls.map(({ atMs }) => atMs / 1_000)).toEqual([afterSeconds]);
  expect(await describe(arn)).toMatchObject({ status: "SUCCEEDED" });
  expect(jest.getTimerCount()).toBe(0);
});

test("a machine ends when its time is up, and leaves no timer", async () => {
  const { start, describe } = tinyWorld({});
  const arn = await start({ ...only({ Type: "Wait", Seconds: 600 }), TimeoutSeconds: 60 });
  await jest.advanceTimersByTimeAsync(59_999);
  expect(await describe(arn)).toMatchObject({ status: "RUNNING" });
  await jest.advanceTimersByTimeAsync(1);
  expect(await describe(arn)).toMatchObject({ status: "TIMED_OUT", error: "States.Timeout" });
  expect(jest.getTimerCount()).toBe(0);
});

test.each([
  { it: "runs so many items at once", concurrency: 2, atSeconds: [0, 0, 10, 10, 20] },
  { it: "runs all at once by default", concurrency: 0, atSeconds: [0, 0, 0, 0, 0] },
])("a Map $it", async ({ concurrency, atSeconds }) => {
  const { run, calls } = tinyWorld({ functions: { slow: after(10_000, 1) } });
  const machine = only(each(only(invoke("slow"), "Ask"), { MaxConcurrency: concurrency }));
  expect(await run(machine, { items: [1, 2, 3, 4, 5] })).toMatchObject({ status: "SUCCEEDED" });
  expect(calls.map(({ atMs }) => atMs / 1_000)).toEqual(atSeconds);
});

test("the first item that fails ends a Map: nothing more begins", async () => {
  const { run, calls } = tinyWorld({ functions: { odd: (n: number) => (n % 2 === 0 ? failing("Even")() : n) } });
  expect(await run(only(each(only(invoke("odd"), "Ask"), { MaxConcurrency: 1 })), { items: [1, 2, 3, 4] })).toMatchObject({
    status: "FAILED",
    error: "Even",
  });
  expect(calls).toHaveLength(2);
});
