import { z } from "zod";
import { parseInput } from "../parseInput.ts";
import { AwsError, type Operation, type Part, type Principal, type World } from "../world.ts";
import { type Json, type Machine, parseDefinition } from "./definition.ts";
import { describeEvent, Trail } from "./history.ts";
import { runMachine, type Execution as Surroundings } from "./interpreter.ts";
import type { Child, MapRun } from "./mapRun.ts";
import { Ended, maxPayloadBytes, StateError } from "./stateError.ts";
import { sleep } from "./waiting.ts";

type StateMachine = {
  arn: string;
  name: string;
  definitionText: string;
  machine: Machine;
  roleArn: string;
  createdMs: number;
};
type Execution = {
  arn: string;
  name: string;
  machine: StateMachine;
  roleArn: string;
  status: "RUNNING" | Child["status"];
  inputText: string;
  outputText?: string;
  error?: string;
  cause?: string;
  startMs: number;
  stopMs?: number;
  trail: Trail;
  controller: AbortController;
  ended: Promise<void>;
};

const name = z.string().regex(/^[\w-]{1,80}$/, "1 to 80 letters, digits, - or _");
const machineArn = z.string().regex(/^arn:aws:states:[^:]*:\d*:stateMachine:\S+$/, "no ARN of a state machine");
const executionArn = z.string().regex(/^arn:aws:states:[^:]*:\d*:execution:\S+$/, "no ARN of an execution");
const logging = z.strictObject({
  level: z.literal("OFF", "only OFF is honoured: GetExecutionHistory has the history").default("OFF"),
  includeExecutionData: z.boolean().optional(),
});
const page = (most: number) => ({
  maxResults: z.int().min(0).max(most).default(0),
  nextToken: z.string().regex(/^\d+$/).optional(),
});
const status = z.enum(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]);
const inputs = {
  create: z.strictObject({
    name,
    definition: z.string(),
    roleArn: z.string().startsWith("arn:aws:iam::"),
    type: z.literal("STANDARD", "only STANDARD is honoured").default("STANDARD"),
    loggingConfiguration: logging.optional(),
    // There is no X-Ray, and nothing reads tags.
    tracingConfiguration: z.unknown().optional(),
    tags: z.unknown().optional(),
  }),
  update: z.strictObject({
    stateMachineArn: machineArn,
    definition: z.string().optional(),
    roleArn: z.string().startsWith("arn:aws:iam::").optional(),
    loggingConfiguration: logging.optional(),
    tracingConfiguration: z.unknown().optional(),
  }),
  ofMachine: z.strictObject({ stateMachineArn: machineArn }),
  list: z.strictObject(page(1_000)),
  start: z.strictObject({
    stateMachineArn: machineArn,
    name: name.optional(),
    input: z.string().default("{}"),
    traceHeader: z.string().optional(),
  }),
  ofExecution: z.strictObject({ executionArn, includedData: z.literal("ALL_DATA").optional() }),
  stop: z.strictObject({ executionArn, error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() }),
  listExecutions: z.strictObject({ stateMachineArn: machineArn, statusFilter: status.optional(), ...page(1_000) }),
  history: z.strictObject({
    executionArn,
    reverseOrder: z.boolean().default(false),
    includeExecutionData: z.boolean().default(true),
    ...page(1_000),
  }),
};

/** Step Functions: standard state machines in JSONPath. Executions wait on the global timers and never hold time. */
export function createStepFunctions(world: World): Part {
  const machines = new Map<string, StateMachine>();
  const executions = new Map<string, Execution>();
  const arnOf = (kind: string, rest: string) => `arn:aws:states:${world.region}:${world.accountId}:${kind}:${rest}`;

  function machineOf(arn: string): StateMachine {
    const found = machines.get(arn);
    if (!found) throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    return found;
  }
  function executionOf(arn: string): Execution {
    const found = executions.get(arn);
    if (!found) throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return found;
  }

  function surroundingsOf(execution: Execution): Surroundings {
    const as: Principal = { kind: "role", roleArn: execution.roleArn, sessionName: execution.name };
    let draws = 0;
    return {
      region: world.region,
      random: () => world.chance("execution", execution.arn, String(++draws)),
      callAsRole: (service, operation, input) => world.call(service, operation, input, as),
      openMapRun: (label, processor) => openMapRun(execution, label, processor, as),
    };
  }

  /** Children are executions of `MACHINE/LABEL`, which is there for as long as the run. The role needs StartExecution on MACHINE. */
  function openMapRun({ machine, roleArn }: Execution, label: string, processor: Machine, as: Principal): MapRun {
    const id = world.uuid("map-run");
    const arn = `${machine.arn}/${label}:${id}`;
    machines.set(arn, {
      ...machine,
      arn: `${machine.arn}/${label}`,
      name: `${machine.name}/${label}`,
      machine: processor,
      roleArn,
    });
    return {
      arn: arnOf("mapRun", `${machine.name}/${label}:${id}`),
      id,
      close: () => void machines.delete(arn),
      async runChild(input, signal) {
        const started = { stateMachineArn: arn, name: world.uuid("map-child"), input: JSON.stringify(input) };
        const { executionArn } = await world.call("states", "StartExecution", started, as);
        const child = executionOf(String(executionArn));
        const end = () => child.controller.abort(new Ended("ABORTED"));
        signal.addEventListener("abort", end, { once: true });
        if (signal.aborted) end();
        await child.ended;
        signal.removeEventListener("abort", end);
        return { ...child, machineArn: child.machine.arn } as Child; // it has ended
      },
    };
  }

  async function run(execution: Execution, input: Json): Promise<void> {
    const { arn, name, machine, roleArn, trail, controller, inputText, startMs } = execution;
    const { signal } = controller;
    const StartTime = new Date(startMs).toISOString();
    const { TimeoutSeconds } = machine.machine;
    if (TimeoutSeconds !== undefined)
      sleep(TimeoutSeconds * 1_000, signal).then(
        () => controller.abort(new Ended("TIMED_OUT", "States.Timeout")),
        () => {},
      );
    trail.add("ExecutionStarted", { input: inputText, roleArn });
    const context = {
      Run: { Id: arn, Name: name, Input: input, RoleArn: roleArn, StartTime },
      StateMachine: { Id: machine.arn, Name: machine.name },
    };
    try {
      const output = await runMachine(machine.machine, input, { execution: surroundingsOf(execution), context, trail, signal });
      execution.outputText = JSON.stringify(output);
      finish(execution, "SUCCEEDED", "ExecutionSucceeded", { output: execution.outputText });
    } catch (error) {
      if (error instanceof StateError) fail(execution, error.error, error.message);
      else if (error instanceof Ended) {
        if (error.error !== undefined) execution.error = error.error;
        if (error.message !== "") execution.cause = error.message;
        const type = error.status === "ABORTED" ? "ExecutionAborted" : "ExecutionTimedOut";
        finish(execution, error.status, type, { error: execution.error, cause: execution.cause });
      } else {
        // A defect of the embedded AWS: an execution that never ends would hide it.
        process.stderr.write(`embedded AWS: ${arn}: ${error instanceof Error ? error.stack : String(error)}\n`);
        fail(execution, "States.Runtime", "The embedded AWS failed; its standard error says why.");
      }
    }
  }
  function fail(execution: Execution, error: string, cause: string): void {
    if (error !== "") execution.error = error;
    if (cause !== "") execution.cause = cause;
    finish(execution, "FAILED", "ExecutionFailed", { error: execution.error, cause: execution.cause });
  }
  function finish(execution: Execution, ending: Child["status"], type: string, details: Record<string, unknown>): void {
    execution.trail.join();
    execution.trail.add(type, details);
    execution.status = ending;
    execution.stopMs = Date.now();
    // Ends the timer of the whole execution.
    execution.controller.abort();
  }

  const shown = ({ arn, name, machine, status: now, startMs, stopMs }: Execution) => ({
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status: now,
    startDate: startMs / 1_000,
    ...(stopMs === undefined ? {} : { stopDate: stopMs / 1_000 }),
  });

  const operations: Record<string, Operation> = {
    CreateStateMachine(raw) {
      const input = parse(inputs.create, raw);
      const arn = arnOf("stateMachine", input.name);
      const machine = parseDefinition(input.definition);
      const before = machines.get(arn);
      if (before && (before.definitionText !== input.definition || before.roleArn !== input.roleArn))
        throw new AwsError("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
      const { definition: definitionText, roleArn } = input;
      const made = before ?? { arn, name: input.name, definitionText, machine, roleArn, createdMs: Date.now() };
      machines.set(arn, made);
      return { stateMachineArn: arn, creationDate: made.createdMs / 1_000 };
    },
    /** What runs goes on with what it started with. */
    UpdateStateMachine(raw) {
      const { stateMachineArn, definition, roleArn } = parse(inputs.update, raw);
      const before = machineOf(stateMachineArn);
      machines.set(stateMachineArn, {
        ...before,
        ...(definition === undefined ? {} : { definitionText: definition, machine: parseDefinition(definition) }),
        ...(roleArn === undefined ? {} : { roleArn }),
      });
      return { updateDate: Date.now() / 1_000 };
    },
    /** Its executions end with it. */
    async DeleteStateMachine(raw) {
      const { stateMachineArn } = parse(inputs.ofMachine, raw);
      machines.delete(stateMachineArn);
      for (const [arn, { machine, controller, ended }] of executions) {
        if (machine.arn !== stateMachineArn && !machine.arn.startsWith(`${stateMachineArn}/`)) continue;
        controller.abort(new Ended("ABORTED"));
        await ended;
        executions.delete(arn);
      }
      return {};
    },
    DescribeStateMachine(raw) {
      const found = machineOf(parse(inputs.ofMachine, raw).stateMachineArn);
      return {
        stateMachineArn: found.arn,
        name: found.name,
        status: "ACTIVE",
        definition: found.definitionText,
        roleArn: found.roleArn,
        type: "STANDARD",
        creationDate: found.createdMs / 1_000,
        loggingConfiguration: { level: "OFF", includeExecutionData: false },
        tracingConfiguration: { enabled: false },
      };
    },
    ListStateMachines(raw) {
      const all = [...machines].filter(([arn, machine]) => arn === machine.arn).map(([, machine]) => machine);
      const { items, nextToken } = paged(all, parse(inputs.list, raw));
      const stateMachines = items.map(({ arn, name, createdMs }) => ({
        stateMachineArn: arn,
        name,
        type: "STANDARD",
        creationDate: createdMs / 1_000,
      }));
      return { stateMachines, ...nextToken };
    },

    StartExecution(raw) {
      const input = parse(inputs.start, raw);
      const machine = machineOf(input.stateMachineArn);
      if (Buffer.byteLength(input.input) > maxPayloadBytes)
        throw new AwsError(
          "ValidationException",
          `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${maxPayloadBytes}`,
        );
      const value = parseJson(input.input);
      const executionName = input.name ?? world.uuid("execution");
      const arn = arnOf("execution", `${machine.name}:${executionName}`);
      const before = executions.get(arn);
      if (before && (before.status !== "RUNNING" || before.inputText !== input.input))
        throw new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
      if (before) return { executionArn: arn, startDate: before.startMs / 1_000 };
      const execution: Execution = {
        arn,
        name: executionName,
        machine,
        roleArn: machine.roleArn,
        status: "RUNNING",
        inputText: input.input,
        startMs: Date.now(),
        trail: new Trail(),
        controller: new AbortController(),
        ended: Promise.resolve(),
      };
      executions.set(arn, execution);
      execution.ended = run(execution, value);
      return { executionArn: arn, startDate: execution.startMs / 1_000 };
    },
    DescribeExecution(raw) {
      const found = executionOf(parse(inputs.ofExecution, raw).executionArn);
      const { inputText, outputText, error, cause } = found;
      return {
        ...shown(found),
        input: inputText,
        inputDetails: { included: true },
        ...(outputText === undefined ? {} : { output: outputText, outputDetails: { included: true } }),
        ...(error === undefined ? {} : { error }),
        ...(cause === undefined ? {} : { cause }),
      };
    },
    /** The newest first. */
    ListExecutions(raw) {
      const { stateMachineArn, statusFilter, ...wanted } = parse(inputs.listExecutions, raw);
      machineOf(stateMachineArn);
      const all = [...executions.values()].filter(
        ({ machine, status: now }) => machine.arn === stateMachineArn && now === (statusFilter ?? now),
      );
      const { items, nextToken } = paged(all.reverse(), wanted);
      return { executions: items.map(shown), ...nextToken };
    },
    GetExecutionHistory(raw) {
      const { executionArn: arn, reverseOrder, includeExecutionData, ...wanted } = parse(inputs.history, raw);
      const { events } = executionOf(arn).trail;
      const { items, nextToken } = paged(reverseOrder ? events.toReversed() : events, wanted);
      return { events: items.map((event) => describeEvent(event, includeExecutionData)), ...nextToken };
    },
    async StopExecution(raw) {
      const { executionArn: arn, error, cause } = parse(inputs.stop, raw);
      const found = executionOf(arn);
      found.controller.abort(new Ended("ABORTED", error, cause));
      await found.ended;
      return { stopDate: found.stopMs! / 1_000 };
    },
  };

  return { scope: "states", operations };
}

/** `maxResults` of 0 is the API's default, 100. */
function paged<T>(all: readonly T[], { maxResults, nextToken }: { maxResults: number; nextToken?: string | undefined }) {
  const from = Number(nextToken ?? 0);
  const to = from + (maxResults || 100);
  return { items: all.slice(from, to), nextToken: to < all.length ? { nextToken: String(to) } : {} };
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new AwsError("InvalidExecutionInput", "Invalid State Machine Execution Input: it is not JSON");
  }
}

/** Step Functions has an error of its own for a name and for an ARN that cannot be one. */
function parse<T>(schema: z.ZodType<T>, input: Record<string, unknown>): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const member = String(parsed.error.issues[0]!.path[0] ?? "");
  const codes: Record<string, string> = {
    name: "InvalidName",
    stateMachineArn: "InvalidArn",
    executionArn: "InvalidArn",
    roleArn: "InvalidArn",
    nextToken: "InvalidToken",
    type: "StateMachineTypeNotSupported",
    loggingConfiguration: "InvalidLoggingConfiguration",
  };
  return parseInput(schema, input, codes[member] ?? "ValidationException");
}
