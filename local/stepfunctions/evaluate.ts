import { ExecutionError, StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";
import type { ChoiceState, Json } from "./definition.ts";
import { StateError } from "./stateError.ts";

/** The context object, `$$`. `Run` is what a definition calls `$$.Execution`. */
export type Context = {
  Run: { Id: string; Name: string; Input: Json; RoleArn: string; StartTime: string };
  StateMachine: { Id: string; Name: string };
  State: { Name: string; EnteredTime: string; RetryCount: number };
  Map?: { Item: { Index: number; Value: Json } };
};

/** What an expression is evaluated with. `random` serves `States.UUID` and `States.MathRandom`. */
export type Scope = { context: Context; random(): number };

/** A payload template with its `name.$` fields and intrinsic functions filled in. @throws StateError */
export const render = (template: Json, input: Json, scope: Scope): Promise<Json> =>
  evaluate({ Type: "Pass", Parameters: template, End: true }, {}, input, scope);

/** What a path selects: `undefined` is the whole input, `null` an empty object. @throws StateError */
export async function select(path: string | null | undefined, input: Json, scope: Scope): Promise<Json> {
  if (path === undefined || path === "$") return input;
  return evaluate({ Type: "Pass", InputPath: path, End: true }, {}, input, scope);
}

/** A number that is written in the definition, or that a path selects; `undefined` where neither is. @throws StateError */
export async function numberOf(
  value: number | undefined,
  path: string | undefined,
  input: Json,
  scope: Scope,
): Promise<number | undefined> {
  if (path === undefined) return value;
  const selected = await select(path, input, scope);
  if (typeof selected === "number") return selected;
  throw new StateError("States.Runtime", `${path} does not select a number`, true);
}

/** The next state of a Choice. @throws StateError States.NoChoiceMatched */
export async function choose({ Choices, Default }: ChoiceState, input: Json, scope: Scope): Promise<string> {
  const targets = [...Choices.map(({ Next }) => Next), ...(Default === undefined ? [] : [Default])];
  const choice = {
    Type: "Choice",
    Choices: Choices.map((rule, i) => ({ ...rule, Next: `to ${i}` })),
    ...(Default === undefined ? {} : { Default: `to ${Choices.length}` }),
  };
  const ends = Object.fromEntries(
    targets.map((target, i) => [`to ${i}`, { Type: "Pass", Result: { target }, End: true } as const]),
  );
  // Its rules are what the validator has checked.
  const { target } = (await evaluate(choice as StateMachineDefinition["States"][string], ends, input, scope)) as {
    target: string;
  };
  return target;
}

/** Puts a result where `ResultPath` says. @throws StateError States.ResultPathMatchFailure */
export function put(path: string | null | undefined, input: Json, result: Json): Json {
  if (path === undefined || path === "$") return result;
  if (path === null) return input;
  const steps = [...path.matchAll(/\.([^.[]+)|\[(?:'([^']*)'|"([^"]*)"|(\d+))\]/g)].map(
    ([, bare, single, double, index]) => bare ?? single ?? double ?? Number(index),
  );
  return placed(input, steps, result, path);
}

function placed(into: Json | undefined, [step, ...rest]: (string | number)[], result: Json, path: string): Json {
  if (step === undefined) return result;
  if (typeof step === "number" && Array.isArray(into) && step < into.length)
    return into.with(step, placed(into[step], rest, result, path));
  const isObject = typeof into === "object" && into !== null && !Array.isArray(into);
  if (typeof step === "string" && (isObject || into === undefined)) {
    const object = isObject ? into : {};
    return { ...object, [step]: placed(object[step], rest, result, path) };
  }
  throw new StateError("States.ResultPathMatchFailure", `ResultPath ${path} cannot be applied to the state's input`);
}

type InterpretedState = StateMachineDefinition["States"][string];

/**
 * Evaluates one state by the interpreter. Its templates and paths are evaluated before its first `await`, so that its chance
 * can be ours for that long and no longer.
 */
async function evaluate(
  state: InterpretedState,
  more: StateMachineDefinition["States"],
  input: Json,
  scope: Scope,
): Promise<Json> {
  const machine = new StateMachine(
    { StartAt: "it", States: { it: state, ...more } },
    { validationOptions: { noValidate: true } },
  );
  const { random } = Math;
  Math.random = scope.random;
  let result: Promise<Json>;
  try {
    ({ result } = machine.run(input, { context: { ...scope.context } }));
  } finally {
    Math.random = random;
  }
  try {
    return await result;
  } catch (failure) {
    if (!(failure instanceof ExecutionError && failure.cause instanceof Error)) throw failure;
    const { name, message } = failure.cause;
    // What the interpreter trips over without a name of the language (a function that does not exist) is the definition's fault.
    if (name === "States.NoChoiceMatched") throw new StateError(name, message);
    throw new StateError(name.startsWith("States.") ? name : "States.Runtime", message, true);
  }
}
