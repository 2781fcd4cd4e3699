import type { Catcher, Json, Machine, MapState, Retrier, State, TaskState, WaitState } from "./definition.ts";
import { isDistributed } from "./definition.ts";
import { type Context, choose, numberOf, put, render, type Scope, select } from "./evaluate.ts";
import { maxEvents, type Trail } from "./history.ts";
import { type MapRun, runDistributed } from "./mapRun.ts";
import { pooled } from "./pooled.ts";
import { Ended, StateError, textWithinLimit } from "./stateError.ts";
import type { CallAsRole } from "./tasks.ts";
import { resourceOf } from "./tasks.ts";
import { sleep, untilAborted } from "./waiting.ts";

/** What one execution has of its surroundings. Nothing in it holds time: an execution is promises and timers only. */
export type Execution = {
  region: string;
  /** In [0, 1), from the seed: jitter, `States.UUID`, `States.MathRandom`. */
  random(): number;
  callAsRole: CallAsRole;
  /** Begins a Map Run, whose children are executions of their own. */
  openMapRun(label: string, processor: Machine): MapRun;
};
/** One line through an execution: the whole of it, a branch or an iteration. */
type Line = { execution: Execution; context: Omit<Context, "State">; trail: Trail; signal: AbortSignal };
type Step = { output: Json; next: string | null };

/** Most iterations at once of an inline Map that sets none. Source: Step Functions developer guide, Map state, inline mode. */
const inlineConcurrency = 40;

/**
 * Runs a machine from its start to its end, with a history as AWS writes it.
 * @throws StateError what no state caught; the reason of the signal (`Ended`) when it ends from outside
 */
export async function runMachine(machine: Machine, input: Json, line: Line): Promise<Json> {
  let value = input;
  for (let name: string | null = machine.StartAt; name !== null; ) {
    const state: State = machine.States[name]!;
    const { trail, signal } = line;
    if (trail.events.length >= maxEvents)
      throw new StateError("States.Runtime", `The execution reached the maximum number of history events (${maxEvents}).`, true);
    trail.add(`${state.Type}StateEntered`, { name, input: textWithinLimit(value, `The input of state '${name}'`) });
    const { output, next } = await withRetries(name, state, value, line);
    signal.throwIfAborted();
    trail.add(`${state.Type}StateExited`, { name, output: textWithinLimit(output, `The output of state '${name}'`) });
    value = output;
    name = next;
  }
  return value;
}

async function withRetries(name: string, state: State, input: Json, line: Line): Promise<Step> {
  const { Retry = [], Catch = [] } = state as { Retry?: Retrier[]; Catch?: Catcher[] };
  const used = new Map<Retrier, number>();
  const EnteredTime = new Date().toISOString();
  for (let RetryCount = 0; ; RetryCount++) {
    const scope: Scope = {
      context: { ...line.context, State: { Name: name, EnteredTime, RetryCount } },
      random: line.execution.random,
    };
    try {
      return await runState(name, state, input, scope, line);
    } catch (error) {
      // What ends the execution, or a defect: nothing that a definition may handle.
      if (line.signal.aborted) {
        line.trail.add(`${state.Type}StateAborted`);
        throw line.signal.reason;
      }
      if (!(error instanceof StateError)) throw error;
      const matches = ({ ErrorEquals }: { ErrorEquals: string[] }) => ErrorEquals.some((pattern) => isMatch(pattern, error));
      const retrier = Retry.find(matches);
      const attempt = (retrier && used.get(retrier)) ?? 0;
      if (retrier && attempt < (retrier.MaxAttempts ?? 3)) {
        used.set(retrier, attempt + 1);
        await sleep(delayMs(retrier, attempt, line.execution.random), line.signal);
        continue;
      }
      const catcher = Catch.find(matches);
      if (!catcher) throw error;
      return { output: put(catcher.ResultPath, input, { Error: error.error, Cause: error.message }), next: catcher.Next };
    }
  }
}

function isMatch(pattern: string, { error, isTerminal }: StateError): boolean {
  if (isTerminal) return false;
  return pattern === error || pattern === "States.ALL" || (pattern === "States.TaskFailed" && error !== "States.Timeout");
}

function delayMs(
  { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds, JitterStrategy }: Retrier,
  attempt: number,
  random: () => number,
): number {
  const seconds = Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return Math.round(seconds * 1_000 * (JitterStrategy === "FULL" ? random() : 1));
}

async function runState(name: string, state: State, input: Json, scope: Scope, line: Line): Promise<Step> {
  if (state.Type === "Fail") {
    const textOf = async (text: string | undefined, expression: string | undefined): Promise<string> =>
      expression === undefined ? (text ?? "") : String(((await render({ "it.$": expression }, input, scope)) as { it: Json }).it);
    throw new StateError(await textOf(state.Error, state.ErrorPath), await textOf(state.Cause, state.CausePath));
  }
  const effective = await select(state.InputPath, input, scope);
  if (state.Type === "Choice") {
    const next = await choose(state, effective, scope);
    return { output: await select(state.OutputPath, effective, scope), next };
  }
  if (state.Type === "Succeed") return { output: await select(state.OutputPath, effective, scope), next: null };
  const next = state.Next ?? null;
  if (state.Type === "Wait") {
    await sleep(await waitMs(state, effective, scope), line.signal);
    return { output: await select(state.OutputPath, effective, scope), next };
  }
  // In a Map, `Parameters` is the older name of its ItemSelector.
  const given =
    state.Parameters === undefined || state.Type === "Map" ? effective : await render(state.Parameters, effective, scope);
  const result = await resultOf(name, state, given, scope, line);
  const selected = state.ResultSelector === undefined ? result : await render(state.ResultSelector, result, scope);
  return { output: await select(state.OutputPath, put(state.ResultPath, input, selected), scope), next };
}

async function resultOf(
  name: string,
  state: Exclude<State, { Type: "Fail" | "Choice" | "Succeed" | "Wait" }>,
  input: Json,
  scope: Scope,
  line: Line,
): Promise<Json> {
  switch (state.Type) {
    case "Pass":
      return state.Result === undefined ? input : state.Result;
    case "Task":
      return runTask(name, state, input, scope, line);
    case "Parallel":
      return bracketed("ParallelState", line, {}, () =>
        allOf(state.Branches.length, Number.POSITIVE_INFINITY, line, (i, branch) =>
          runMachine(state.Branches[i]!, input, branch),
        ),
      );
    case "Map":
      if (isDistributed(state)) {
        return bracketed("MapState", line, {}, () => runDistributed(name, state, input, scope, line));
      }
      return runInlineMap(name, state, input, scope, line);
  }
}

async function runTask(name: string, state: TaskState, parameters: Json, scope: Scope, line: Line): Promise<Json> {
  const { type, name: resource, run } = resourceOf(state.Resource)!; // the definition was refused otherwise
  const { trail, signal, execution } = line;
  const seconds = await numberOf(state.TimeoutSeconds, state.TimeoutSecondsPath, parameters, scope);
  const isFunction = type === "lambda" && resource !== "invoke";
  const kind = isFunction ? "LambdaFunction" : "Task";
  const place = isFunction ? {} : { resourceType: type, resource };
  const text = textWithinLimit(parameters, `The input of task '${name}'`);
  const scheduled = isFunction ? { resource, input: text } : { ...place, region: execution.region, parameters: text };
  trail.add(`${kind}Scheduled`, { ...scheduled, timeoutInSeconds: seconds });
  trail.add(`${kind}Started`, place);
  try {
    const result = await within(seconds, signal, (ending) => untilAborted(run(parameters, execution.callAsRole), ending));
    trail.add(`${kind}Succeeded`, { ...place, output: textWithinLimit(result, `The result of task '${name}'`) });
    return result;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const { error: code, message } = error;
    trail.add(`${kind}${code === "States.Timeout" ? "TimedOut" : "Failed"}`, { ...place, error: code, cause: message });
    throw error;
  }
}

/** @throws StateError States.Timeout when the work takes longer */
async function within<T>(
  seconds: number | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (seconds === undefined) return work(signal);
  const over = new AbortController();
  const ending = AbortSignal.any([signal, over.signal]);
  const timer = sleep(seconds * 1_000, ending).then(
    () => over.abort(new StateError("States.Timeout", `The task did not end within ${seconds} seconds.`)),
    () => {},
  );
  try {
    return await work(ending);
  } finally {
    over.abort();
    await timer;
  }
}

async function waitMs(state: WaitState, input: Json, scope: Scope): Promise<number> {
  const seconds = await numberOf(state.Seconds, state.SecondsPath, input, scope);
  if (seconds !== undefined) return seconds * 1_000;
  const timestamp = state.TimestampPath === undefined ? state.Timestamp : await select(state.TimestampPath, input, scope);
  const untilMs = Date.parse(String(timestamp));
  if (Number.isNaN(untilMs)) throw new StateError("States.Runtime", `${state.TimestampPath} does not select a timestamp`, true);
  return Math.max(0, untilMs - Date.now());
}

async function runInlineMap(name: string, state: MapState, input: Json, scope: Scope, line: Line): Promise<Json> {
  const items = await select(state.ItemsPath, input, scope);
  if (!Array.isArray(items)) throw new StateError("States.Runtime", `The items of Map '${name}' are no array`, true);
  const concurrency = await numberOf(state.MaxConcurrency, state.MaxConcurrencyPath, input, scope);
  const processor = (state.ItemProcessor ?? state.Iterator)!;
  const template = state.ItemSelector ?? state.Parameters;
  return bracketed("MapState", line, { length: items.length }, () =>
    allOf(items.length, concurrency || inlineConcurrency, line, async (index, iteration) => {
      const { trail, signal } = iteration;
      const context = { ...iteration.context, Map: { Item: { Index: index, Value: items[index]! } } };
      trail.add("MapIterationStarted", { name, index });
      try {
        const itemScope = { ...scope, context: { ...scope.context, ...context } };
        const item = template === undefined ? items[index]! : await render(template, input, itemScope);
        const result = await runMachine(processor, item, { ...iteration, context });
        trail.add("MapIterationSucceeded", { name, index });
        return result;
      } catch (error) {
        trail.add(signal.aborted ? "MapIterationAborted" : "MapIterationFailed", { name, index });
        throw error;
      }
    }),
  );
}

/** Writes down that a Map or Parallel state began and how it ended. */
async function bracketed(
  kind: string,
  { trail, signal }: Line,
  started: Record<string, unknown>,
  work: () => Promise<Json>,
): Promise<Json> {
  trail.add(`${kind}Started`, started);
  try {
    const result = await work();
    trail.join();
    trail.add(`${kind}Succeeded`);
    return result;
  } catch (error) {
    trail.join();
    if (!signal.aborted) trail.add(`${kind}Failed`);
    throw error;
  }
}

/** Results of `count` lines in their order. The first failure ends the others, also those that have not begun. */
async function allOf(
  count: number,
  concurrency: number,
  line: Line,
  run: (index: number, line: Line) => Promise<Json>,
): Promise<Json[]> {
  const siblings = new AbortController();
  const signal = AbortSignal.any([line.signal, siblings.signal]);
  const results: Json[] = new Array(count);
  let failure: { error: unknown } | undefined;
  await pooled(count, concurrency, signal, async (index) => {
    try {
      results[index] = await run(index, { ...line, trail: line.trail.fork(), signal });
    } catch (error) {
      failure ??= { error };
      siblings.abort(new Ended("ABORTED"));
    }
  });
  line.signal.throwIfAborted();
  if (failure) throw failure.error;
  return results;
}
