import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { after, failing, invoke, only, startMs, tinyWorld, useClock } from "./tinyWorld.ts";

beforeEach(() => {
  useClock();
});
afterEach(() => {
  jest.useRealTimers();
});

const waiting = only({ Type: "Wait", Seconds: 600 });
const arnOf = (name: string) => `arn:aws:states:eu-west-1:000000000000:execution:m:${name}`;

test.each([
  { it: "JSONata", machine: { QueryLanguage: "JSONata", ...only({ Type: "Pass" }) }, says: "only JSONPath" },
  { it: "variables", machine: only({ Type: "Pass", Assign: { a: 1 } }), says: "Assign is not honoured" },
  { it: "a task token", machine: only(invoke("f", { Parameters: { "T.$": "$$.Task.Token" } })), says: "task tokens" },
  {
    it: "waiting for a callback",
    machine: only({ Type: "Task", Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" }),
    says: "is not provided",
  },
  {
    it: "a service that is not there",
    machine: only({ Type: "Task", Resource: "arn:aws:states:::aws-sdk:glue:startJobRun" }),
    says: "is not provided",
  },
  {
    it: "a next state that is not there",
    machine: { StartAt: "It", States: { It: { Type: "Pass", Next: "Nowhere" } } },
    says: "MISSING_TRANSITION_TARGET",
  },
  {
    it: "a reader of an inline Map",
    machine: only({
      Type: "Map",
      ItemProcessor: only({ Type: "Pass" }, "P"),
      ItemReader: { Resource: "arn:aws:states:::s3:getObject" },
    }),
    says: "DISTRIBUTED",
  },
  {
    it: "a CSV",
    machine: only({
      Type: "Map",
      ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" }, ...only({ Type: "Pass" }, "P") },
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
        Parameters: {},
      },
    }),
    says: "JSON or JSONL",
  },
  {
    it: "a function that spoils its result",
    machine: only({ Type: "Pass", Parameters: { "t.$": "States.JsonToString($)" } }),
    says: "States.JsonToString",
  },
])("a definition with $it is refused", async ({ machine, says }) => {
  const { create } = tinyWorld({});
  await expect(create(machine)).rejects.toMatchObject({ code: "InvalidDefinition", message: expect.stringContaining(says) });
});

test("a state may have any name, and data any members", async () => {
  const { run } = tinyWorld({});
  const machine = {
    StartAt: "Assign",
    States: { Assign: { Type: "Pass", Parameters: { Output: 1, Items: 2 }, Next: "Output" }, Output: { Type: "Succeed" } },
  };
  expect(await run(machine)).toMatchObject({ output: { Output: 1, Items: 2 } });
});

test.each([
  {
    it: "is the same execution while it runs",
    input: "{}",
    afterMs: 1_000,
    is: { executionArn: arnOf("n"), startDate: startMs / 1_000 },
  },
  { it: "with other input is refused", input: '{"a":1}', afterMs: 1_000, is: "ExecutionAlreadyExists" },
  { it: "is refused when it has ended", input: "{}", afterMs: 601_000, is: "ExecutionAlreadyExists" },
])("a name that was used $it", async ({ input, afterMs, is }) => {
  const { create, ask } = tinyWorld({});
  const { stateMachineArn } = await create(waiting);
  await ask("StartExecution", { stateMachineArn, name: "n", input: "{}" });
  await jest.advanceTimersByTimeAsync(afterMs);
  const again = ask("StartExecution", { stateMachineArn, name: "n", input });
  if (typeof is === "string") await expect(again).rejects.toMatchObject({ code: is });
  else expect(await again).toEqual(is);
});

test.each([
  {
    it: "no such machine",
    operation: "StartExecution",
    input: { stateMachineArn: "arn:aws:states:eu-west-1:000000000000:stateMachine:none" },
    code: "StateMachineDoesNotExist",
  },
  {
    it: "input that is not JSON",
    operation: "StartExecution",
    input: { stateMachineArn: "arn:aws:states:eu-west-1:000000000000:stateMachine:m", input: "{" },
    code: "InvalidExecutionInput",
  },
  {
    it: "input that is too large",
    operation: "StartExecution",
    input: {
      stateMachineArn: "arn:aws:states:eu-west-1:000000000000:stateMachine:m",
      input: JSON.stringify("x".repeat(262_144)),
    },
    code: "ValidationException",
  },
  {
    it: "a name that cannot be one",
    operation: "StartExecution",
    input: { stateMachineArn: "arn:aws:states:eu-west-1:000000000000:stateMachine:m", name: "a b" },
    code: "InvalidName",
  },
  {
    it: "no such execution",
    operation: "DescribeExecution",
    input: { executionArn: arnOf("none") },
    code: "ExecutionDoesNotExist",
  },
  { it: "an ARN that is none", operation: "GetExecutionHistory", input: { executionArn: "x" }, code: "InvalidArn" },
  {
    it: "a log that nobody would keep",
    operation: "CreateStateMachine",
    input: { name: "l", roleArn: "arn:aws:iam::0:role/r", definition: "{}", loggingConfiguration: { level: "ALL" } },
    code: "InvalidLoggingConfiguration",
  },
  {
    it: "an express machine",
    operation: "CreateStateMachine",
    input: { name: "l", roleArn: "arn:aws:iam::0:role/r", definition: "{}", type: "EXPRESS" },
    code: "StateMachineTypeNotSupported",
  },
])("$it: $code", async ({ operation, input, code }) => {
  const { create, ask } = tinyWorld({});
  await create(waiting);
  await expect(ask(operation, input)).rejects.toMatchObject({ code });
});

test("a machine is made once, changed, listed and removed with what it runs", async () => {
  const { create, ask, describe } = tinyWorld({});
  const { stateMachineArn } = await create(waiting);
  expect(await create(waiting)).toMatchObject({ stateMachineArn });
  await expect(create(only({ Type: "Pass" }))).rejects.toMatchObject({ code: "StateMachineAlreadyExists" });
  await ask("StartExecution", { stateMachineArn, name: "old" });
  await ask("UpdateStateMachine", { stateMachineArn, definition: JSON.stringify(only({ Type: "Pass", Result: 2 })) });
  await ask("StartExecution", { stateMachineArn, name: "new" });
  await jest.advanceTimersByTimeAsync(1_000);
  expect(await describe(arnOf("old"))).toMatchObject({ status: "RUNNING" });
  expect(await describe(arnOf("new"))).toMatchObject({ status: "SUCCEEDED", output: 2 });
  expect(await ask("ListStateMachines", {})).toMatchObject({ stateMachines: [{ name: "m", type: "STANDARD" }] });
  expect(await ask("ListExecutions", { stateMachineArn, maxResults: 1 })).toMatchObject({
    executions: [{ name: "new" }],
    nextToken: "1",
  });
  expect(await ask("ListExecutions", { stateMachineArn, nextToken: "1" })).toMatchObject({ executions: [{ name: "old" }] });
  expect(await ask("ListExecutions", { stateMachineArn, statusFilter: "RUNNING" })).toMatchObject({
    executions: [{ name: "old" }],
  });
  await ask("DeleteStateMachine", { stateMachineArn });
  await expect(describe(arnOf("old"))).rejects.toMatchObject({ code: "ExecutionDoesNotExist" });
  expect(jest.getTimerCount()).toBe(0);
});

test("what is stopped says why, calls nothing more and stays stopped", async () => {
  const { start, ask, describe, historyOf, calls } = tinyWorld({ functions: { slow: after(60_000, 1) } });
  const arn = await start({
    StartAt: "A",
    States: {
      A: { ...invoke("slow", { Catch: [{ ErrorEquals: ["States.ALL"], Next: "B" }] }), Next: "B" },
      B: { ...invoke("slow"), End: true },
    },
  });
  await jest.advanceTimersByTimeAsync(1_000);
  expect(await ask("StopExecution", { executionArn: arn, error: "Enough", cause: "by hand" })).toEqual({
    stopDate: startMs / 1_000 + 1,
  });
  await jest.advanceTimersByTimeAsync(120_000);
  expect(await describe(arn)).toMatchObject({
    status: "ABORTED",
    error: "Enough",
    cause: "by hand",
    stopDate: startMs / 1_000 + 1,
  });
  expect(calls).toHaveLength(1);
  expect((await historyOf(arn)).slice(-2)).toMatchObject([
    { type: "TaskStateAborted" },
    { type: "ExecutionAborted", executionAbortedEventDetails: { error: "Enough", cause: "by hand" } },
  ]);
});

test("the history tells every step as AWS does", async () => {
  const { start, historyOf, ask } = tinyWorld({ functions: { broken: failing("Broken") } });
  const arn = await start(
    {
      StartAt: "Ask",
      States: {
        Ask: invoke("broken", {
          Retry: [{ ErrorEquals: ["Broken"], MaxAttempts: 1, IntervalSeconds: 5 }],
          Catch: [{ ErrorEquals: ["States.ALL"], Next: "Each" }],
          End: true,
        }),
        Each: {
          Type: "Map",
          ItemsPath: "$",
          ItemSelector: {},
          ItemProcessor: only({ Type: "Pass" }, "P"),
          Next: "End",
          InputPath: "$$.Execution.Input",
        },
        End: { Type: "Fail", Error: "E", Cause: "c" },
      },
    },
    [1],
  );
  await jest.advanceTimersByTimeAsync(60_000);
  const events = await historyOf(arn);
  expect(events.map(({ type }) => type)).toEqual([
    "ExecutionStarted",
    "TaskStateEntered",
    "TaskScheduled",
    "TaskStarted",
    "TaskFailed",
    "TaskScheduled",
    "TaskStarted",
    "TaskFailed",
    "TaskStateExited",
    "MapStateEntered",
    "MapStateStarted",
    "MapIterationStarted",
    "PassStateEntered",
    "PassStateExited",
    "MapIterationSucceeded",
    "MapStateSucceeded",
    "MapStateExited",
    "FailStateEntered",
    "ExecutionFailed",
  ]);
  expect(events.map(({ id }) => id)).toEqual(events.map((_, i) => i + 1));
  expect(events.map(({ previousEventId }) => previousEventId)).toEqual(events.map((_, i) => i));
  expect(events[2]).toEqual({
    id: 3,
    previousEventId: 2,
    timestamp: startMs / 1_000,
    type: "TaskScheduled",
    taskScheduledEventDetails: {
      resourceType: "lambda",
      resource: "invoke",
      region: "eu-west-1",
      parameters: '{"FunctionName":"broken","Payload":[1]}',
    },
  });
  expect(events[4]).toMatchObject({ taskFailedEventDetails: { error: "Broken", resource: "invoke" } });
  expect(events[5]).toMatchObject({ timestamp: startMs / 1_000 + 5 });
  expect(events[8]).toMatchObject({
    stateExitedEventDetails: { name: "Ask", output: expect.stringContaining('"Error":"Broken"') },
  });
  expect(events[10]).toMatchObject({ mapStateStartedEventDetails: { length: 1 } });
  expect(events.at(-1)).toMatchObject({ executionFailedEventDetails: { error: "E", cause: "c" } });
  expect(
    await ask("GetExecutionHistory", { executionArn: arn, reverseOrder: true, maxResults: 1, includeExecutionData: false }),
  ).toMatchObject({
    events: [{ type: "ExecutionFailed" }],
    nextToken: "1",
  });
  const {
    events: [started],
  } = await ask<{ events: object[] }>("GetExecutionHistory", { executionArn: arn, includeExecutionData: false });
  expect(started).toMatchObject({ executionStartedEventDetails: { roleArn: "arn:aws:iam::000000000000:role/machine" } });
  expect(JSON.stringify(started)).not.toContain("input");
});

test("a call that the machine's role does not allow fails its task, named for who tried what", async () => {
  const { run, calls } = tinyWorld({ functions: { f: () => 1 }, allowed: ["s3:GetObject"] });
  expect(await run(only(invoke("f")))).toMatchObject({
    status: "FAILED",
    error: "Lambda.AWSLambdaException",
    cause: expect.stringMatching(/assumed-role\/machine\/x is not authorized to perform: lambda:InvokeFunction/),
  });
  expect(calls).toHaveLength(0);
});

test("one machine starts another", async () => {
  const { create, run, ask } = tinyWorld({});
  const { stateMachineArn } = await create(only({ Type: "Pass" }), "other");
  const Resource = "arn:aws:states:::states:startExecution";
  expect(
    await run(only({ Type: "Task", Resource, Parameters: { StateMachineArn: stateMachineArn, Name: "n", Input: { a: 1 } } })),
  ).toMatchObject({
    output: { ExecutionArn: expect.stringContaining("other:n"), StartDate: "2026-03-02T09:00:00.000Z" },
  });
  expect(await ask("ListExecutions", { stateMachineArn })).toMatchObject({ executions: [{ name: "n", status: "SUCCEEDED" }] });
});
