import { jest } from "@jest/globals";
import { createAuthorizer } from "../../../local/iam/authorize.ts";
import { createIam } from "../../../local/iam/iam.ts";
import { createResourcePolicies } from "../../../local/iam/resourcePolicies.ts";
import { createStepFunctions } from "../../../local/stepfunctions/part.ts";
import { AwsError, type Part, type World } from "../../../local/world.ts";

type Answer = (input: Record<string, unknown>) => unknown;
export type HistoryEvent = { id: number; previousEventId: number; timestamp: number; type: string; [details: string]: unknown };

export const startMs = Date.parse("2026-03-02T09:00:00Z");
const admin = { principal: { kind: "admin" }, requestId: "r" } as const;
const sleepMs = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Timers of the test, as the stepped clock has them. */
export const useClock = () => jest.useFakeTimers({ now: startMs, doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });

/**
 * Step Functions among parts that are functions of the test: `functions` by name, S3 as a map of objects, anything else as
 * `SERVICE:Operation` in `answers`. The role of every machine may do what `allowed` lists.
 */
export function tinyWorld({
  functions = {},
  objects = {},
  answers = {},
  allowed = ["*"],
  seed = "a",
}: {
  functions?: Record<string, (payload: never) => unknown>;
  objects?: Record<string, string>;
  answers?: Record<string, Answer>;
  allowed?: string[];
  seed?: string;
}) {
  const counts = new Map<string, number>();
  const calls: { operation: string; input: Record<string, unknown>; atMs: number }[] = [];
  const parts = new Map<string, Part>();
  const world: World = {
    region: "eu-west-1",
    accountId: "000000000000",
    endpoint: "http://127.0.0.1:4566",
    hold: () => () => {},
    enqueue: (work) => void work(),
    uuid: (kind) => {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return `${kind}-${counts.get(kind)}`;
    },
    chance: (...words) =>
      [...words.join(), ...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_009, 7) / 1_009,
    async call(service, operation, input, as) {
      if (as) authorizer.authorize({ principal: as, service, operation, input });
      const part = parts.get(service);
      if (part) return part.operations[operation]!(input, admin);
      calls.push({ operation: `${service}:${operation}`, input, atMs: Date.now() - startMs });
      if (operation === "Invoke") return invoke(input);
      const answer = answers[`${service}:${operation}`] ?? s3[operation];
      if (!answer) throw new Error(`${service}:${operation} has no answer in this test`);
      return (await answer(input)) as Record<string, unknown>;
    },
  };
  const s3: Record<string, Answer> = {
    GetObject: ({ Key }) => {
      const text = objects[String(Key)];
      if (text === undefined) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
      return { Body: Buffer.from(text) };
    },
    PutObject: ({ Key, Body }) => {
      objects[String(Key)] = String(Body);
      return {};
    },
    ListObjectsV2: ({ Prefix }) => ({
      Contents: Object.keys(objects)
        .filter((key) => key.startsWith(String(Prefix)))
        .map((Key) => ({ Key, Size: objects[Key]!.length })),
    }),
  };
  async function invoke({ FunctionName, Payload }: Record<string, unknown>) {
    const run = functions[String(FunctionName).split(":").at(-1)!];
    if (!run) throw new AwsError("ResourceNotFoundException", `Function not found: ${FunctionName}`, 404);
    try {
      const result = await run(JSON.parse(String(Payload)) as never);
      return { StatusCode: 200, Payload: JSON.stringify(result ?? null) };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      return { StatusCode: 200, FunctionError: "Unhandled", Payload: JSON.stringify({ errorType, errorMessage, trace: [] }) };
    }
  }

  const iam = createIam(world);
  const authorizer = createAuthorizer(world, { iam, resourcePolicies: createResourcePolicies() });
  const Trust = { Statement: { Effect: "Allow", Principal: { Service: "states.amazonaws.com" }, Action: "sts:AssumeRole" } };
  iam.operations.CreateRole!({ RoleName: "machine", AssumeRolePolicyDocument: JSON.stringify(Trust) }, admin);
  const PolicyDocument = JSON.stringify({ Statement: { Effect: "Allow", Action: allowed, Resource: "*" } });
  iam.operations.PutRolePolicy!({ RoleName: "machine", PolicyName: "p", PolicyDocument }, admin);
  const states = createStepFunctions(world);
  parts.set("states", states);

  const ask = async <T>(operation: string, input: Record<string, unknown>) =>
    (await states.operations[operation]!(input, admin)) as T;
  const create = (definition: object, name = "m") =>
    ask<{ stateMachineArn: string }>("CreateStateMachine", {
      name,
      roleArn: "arn:aws:iam::000000000000:role/machine",
      definition: JSON.stringify(definition),
    });
  const start = async (definition: object, input: unknown = {}) => {
    const { stateMachineArn } = await create(definition);
    return (await ask<{ executionArn: string }>("StartExecution", { stateMachineArn, name: "x", input: JSON.stringify(input) }))
      .executionArn;
  };
  const describe = async (executionArn: string) => {
    const { output, ...rest } = await ask<{ status: string; output?: string; error?: string; cause?: string }>(
      "DescribeExecution",
      {
        executionArn,
      },
    );
    return { ...rest, ...(output === undefined ? {} : { output: JSON.parse(output) as unknown }) };
  };
  const historyOf = async (executionArn: string) =>
    (await ask<{ events: HistoryEvent[] }>("GetExecutionHistory", { executionArn, maxResults: 1_000 })).events;
  return {
    world,
    calls,
    objects,
    ask,
    create,
    start,
    describe,
    historyOf,
    /** Starts a machine, lets an hour pass, and describes the execution. */
    async run(definition: object, input: unknown = {}) {
      const arn = await start(definition, input);
      await jest.advanceTimersByTimeAsync(3_600_000);
      return describe(arn);
    },
  };
}

/** A function that takes its time. */
export const after = (ms: number, result: unknown) => () => sleepMs(ms).then(() => result);
export const failing = (errorType: string) => () => {
  throw Object.assign(new Error("broken"), { name: errorType });
};
/** One state that is a whole machine. */
export const only = (state: object, name = "It") => ({ StartAt: name, States: { [name]: { ...state, End: true } } });
export const invoke = (name: string, more: object = {}) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: name, "Payload.$": "$" },
  ...more,
});
