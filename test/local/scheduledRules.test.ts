import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { createEvents } from "../../local/events.ts";
import { AwsError } from "../../local/world.ts";
import { recordingWorld } from "./recordingWorld.ts";

const call = { principal: { kind: "admin" }, requestId: "r" } as const;
const quarter = 900_000;
const machine = {
  Id: "drift",
  Arn: "arn:aws:states:eu-west-1:000000000000:stateMachine:drift",
  RoleArn: "arn:aws:iam::000000000000:role/schedule",
};

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse("2026-03-02T09:07:00Z") });
});
afterEach(() => {
  jest.useRealTimers();
});

async function scheduled(ScheduleExpression = "rate(15 minutes)", answers: Parameters<typeof recordingWorld>[0] = {}) {
  const { world, calls } = recordingWorld(answers);
  const events = createEvents(world);
  const ask = (operation: string, input: Record<string, unknown>) => events.operations[operation]!(input, call);
  await ask("PutRule", { Name: "tick", ScheduleExpression });
  await ask("PutTargets", { Rule: "tick", Targets: [machine] });
  return { events, ask, calls };
}

test("a schedule starts its machine at whole periods, as the target's role, with the event or its constant", async () => {
  const { ask, calls } = await scheduled();
  await jest.advanceTimersByTimeAsync(8 * 60_000 - 1);
  expect(calls).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(calls).toMatchObject([
    {
      service: "states",
      operation: "StartExecution",
      as: { kind: "role", roleArn: machine.RoleArn },
      input: { stateMachineArn: machine.Arn },
    },
  ]);
  expect(JSON.parse(String(calls[0]!.input.input))).toMatchObject({
    "detail-type": "Scheduled Event",
    source: "aws.events",
    time: "2026-03-02T09:15:00Z",
    resources: ["arn:aws:events:eu-west-1:000000000000:rule/tick"],
    detail: {},
  });
  await ask("PutTargets", { Rule: "tick", Targets: [{ ...machine, Input: '{"a":1}' }] });
  await jest.advanceTimersByTimeAsync(2 * quarter);
  expect(calls.slice(1).map(({ input }) => input.input)).toEqual(['{"a":1}', '{"a":1}']);
});

test.each([
  { it: "is disabled", end: { operation: "DisableRule", input: { Name: "tick" } } },
  {
    it: "is put as disabled",
    end: { operation: "PutRule", input: { Name: "tick", ScheduleExpression: "rate(15 minutes)", State: "DISABLED" } },
  },
  {
    it: "has an event pattern instead",
    end: { operation: "PutRule", input: { Name: "tick", EventPattern: '{"source":["a"]}' } },
  },
])("a rule that $it fires no more, and leaves no timer", async ({ end }) => {
  const { ask, calls } = await scheduled();
  await ask(end.operation, end.input);
  expect(jest.getTimerCount()).toBe(0);
  await jest.advanceTimersByTimeAsync(4 * quarter);
  expect(calls).toEqual([]);
});

test("a rule that is enabled again, or removed", async () => {
  const { ask, calls } = await scheduled();
  await ask("DisableRule", { Name: "tick" });
  await ask("EnableRule", { Name: "tick" });
  await jest.advanceTimersByTimeAsync(quarter);
  expect(calls).toHaveLength(1);
  await ask("RemoveTargets", { Rule: "tick", Ids: ["drift"] });
  await ask("DeleteRule", { Name: "tick" });
  expect(jest.getTimerCount()).toBe(0);
});

test.each([
  { it: "later", to: "2026-05-01T13:02:00Z", first: "2026-05-01T13:15:00Z" },
  { it: "earlier", to: "2026-01-01T00:00:00Z", first: "2026-01-01T00:15:00Z" },
])("after the clock was put to a moment $it, the next firing is the next whole period there", async ({ to, first }) => {
  const { events, calls } = await scheduled();
  jest.setSystemTime(Date.parse(to));
  events.rearm();
  await jest.advanceTimersByTimeAsync(quarter);
  expect(calls.map(({ input }) => JSON.parse(String(input.input)) as unknown)).toMatchObject([{ time: first }]);
});

test("a period that is longer than a timer can be", async () => {
  const { calls } = await scheduled("rate(30 days)");
  await jest.advanceTimersByTimeAsync(60 * 86_400_000);
  expect(calls).toHaveLength(2);
});

test("a function is invoked as the service, by the leave of its own policy", async () => {
  const { ask, calls } = await scheduled();
  const Arn = "arn:aws:lambda:eu-west-1:000000000000:function:f";
  await ask("RemoveTargets", { Rule: "tick", Ids: ["drift"] });
  await ask("PutTargets", { Rule: "tick", Targets: [{ Id: "f", Arn, Input: "{}" }] });
  await jest.advanceTimersByTimeAsync(quarter);
  expect(calls).toMatchObject([
    {
      operation: "Invoke",
      input: { FunctionName: Arn, InvocationType: "Event", Payload: "{}" },
      as: { kind: "service", service: "events.amazonaws.com", sourceArn: "arn:aws:events:eu-west-1:000000000000:rule/tick" },
    },
  ]);
});

test("a refused start is listed and goes to the dead letters", async () => {
  const refuse = () => {
    throw new AwsError("AccessDeniedException", "not authorized");
  };
  const { events, ask, calls } = await scheduled("rate(15 minutes)", { "states:StartExecution": refuse });
  const Arn = "arn:aws:sqs:eu-west-1:000000000000:dead";
  await ask("PutTargets", { Rule: "tick", Targets: [{ ...machine, DeadLetterConfig: { Arn } }] });
  await jest.advanceTimersByTimeAsync(quarter);
  expect(events.failedDeliveries).toMatchObject([{ targetArn: machine.Arn, code: "AccessDeniedException", deadLettered: true }]);
  expect(calls.at(-1)).toMatchObject({
    operation: "SendMessage",
    input: { QueueUrl: "http://127.0.0.1:4566/000000000000/dead" },
  });
});

test.each([
  { it: "a machine without a role", target: { Id: "m", Arn: machine.Arn }, says: "RoleArn is required" },
  {
    it: "what nothing is delivered to",
    target: { Id: "t", Arn: "arn:aws:sns:eu-west-1:000000000000:t" },
    says: "queues, functions and state machines",
  },
])("$it is refused as a target", async ({ target, says }) => {
  const { ask } = await scheduled();
  await expect((async () => ask("PutTargets", { Rule: "tick", Targets: [target] }))()).rejects.toThrow(says);
});

test.each([
  { it: "neither pattern nor schedule", rule: {}, says: "EventPattern or ScheduleExpression" },
  { it: "a schedule that is none", rule: { ScheduleExpression: "daily" }, says: "neither rate" },
])("a rule with $it is refused", async ({ rule, says }) => {
  const { ask } = await scheduled();
  await expect((async () => ask("PutRule", { Name: "r", ...rule }))()).rejects.toMatchObject({
    code: "ValidationException",
    message: expect.stringContaining(says),
  });
});
