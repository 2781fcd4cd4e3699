import validate from "asl-validator";
import { AwsError } from "../world.ts";
import { resourceOf } from "./tasks.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type Retrier = {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: "FULL" | "NONE";
};
export type Catcher = { ErrorEquals: string[]; Next: string; ResultPath?: string | null };
type Paths = { InputPath?: string | null; OutputPath?: string | null };
type Shaped = Paths & { Parameters?: Json; ResultSelector?: Json; ResultPath?: string | null };
type Guarded = { Retry?: Retrier[]; Catch?: Catcher[] };
type Onward = { Next?: string; End?: true };

export type TaskState = { Type: "Task"; Resource: string; TimeoutSeconds?: number; TimeoutSecondsPath?: string } & Shaped &
  Guarded &
  Onward;
export type MapState = {
  Type: "Map";
  ItemProcessor?: Machine & { ProcessorConfig?: { Mode?: "INLINE" | "DISTRIBUTED" } };
  /** The older name of an inline `ItemProcessor`. */
  Iterator?: Machine;
  ItemsPath?: string;
  ItemSelector?: Json;
  MaxConcurrency?: number;
  MaxConcurrencyPath?: string;
  Label?: string;
  ItemReader?: {
    Resource: string;
    Parameters?: Json;
    ReaderConfig?: { InputType?: string; MaxItems?: number; MaxItemsPath?: string };
  };
  ItemBatcher?: {
    MaxItemsPerBatch?: number;
    MaxItemsPerBatchPath?: string;
    MaxInputBytesPerBatch?: number;
    MaxInputBytesPerBatchPath?: string;
    BatchInput?: Json;
  };
  ResultWriter?: { Resource: string; Parameters?: Json };
  ToleratedFailurePercentage?: number;
  ToleratedFailurePercentagePath?: string;
  ToleratedFailureCount?: number;
  ToleratedFailureCountPath?: string;
} & Shaped &
  Guarded &
  Onward;
export type ChoiceState = { Type: "Choice"; Choices: { Next: string; [key: string]: Json }[]; Default?: string } & Paths;
export type WaitState = {
  Type: "Wait";
  Seconds?: number;
  SecondsPath?: string;
  Timestamp?: string;
  TimestampPath?: string;
} & Paths &
  Onward;
export type State =
  | TaskState
  | MapState
  | ChoiceState
  | WaitState
  | ({ Type: "Parallel"; Branches: Machine[] } & Shaped & Guarded & Onward)
  | ({ Type: "Pass"; Result?: Json } & Shaped & Onward)
  | ({ Type: "Succeed" } & Paths)
  | { Type: "Fail"; Error?: string; Cause?: string; ErrorPath?: string; CausePath?: string };
/** A state machine, a branch of it, or what a Map runs per item. */
export type Machine = { StartAt: string; States: Record<string, State>; TimeoutSeconds?: number };

/** Valid on AWS, and nothing here honours it. */
const refusedFields: Record<string, string> = {
  Assign: "variables are not evaluated: carry values in the input",
  Arguments: "JSONata is not evaluated: use Parameters",
  Output: "JSONata is not evaluated: use ResultSelector, ResultPath and OutputPath",
  Items: "JSONata is not evaluated: use ItemsPath",
  Condition: "JSONata is not evaluated: use Variable and an operator",
  HeartbeatSeconds: "no task here sends heartbeats",
  HeartbeatSecondsPath: "no task here sends heartbeats",
  Credentials: "every task runs as the state machine's role",
  ItemsPointer: "a JSON object of items must be the array itself",
  WriterConfig: "results are written as one JSON array per status, which is the default",
};
const distributedOnly = [
  "ItemReader",
  "ItemBatcher",
  "ResultWriter",
  "Label",
  "ToleratedFailurePercentage",
  "ToleratedFailurePercentagePath",
  "ToleratedFailureCount",
  "ToleratedFailureCountPath",
] as const;

export const isDistributed = ({ ItemProcessor }: MapState): boolean => ItemProcessor?.ProcessorConfig?.Mode === "DISTRIBUTED";

/**
 * Reads a definition in the States Language.
 * @throws AwsError InvalidDefinition for what AWS refuses, and for what would run otherwise here than there
 */
export function parseDefinition(text: string): Machine {
  const refuse = (why: string): never => {
    throw new AwsError("InvalidDefinition", `Invalid State Machine Definition: '${why}'`);
  };
  let definition: object;
  try {
    // The evaluator fills `$$.Execution` with what it evaluates at the moment; the execution itself has another name.
    definition = JSON.parse(text.replaceAll("$$.Execution", () => "$$.Run"));
  } catch {
    return refuse("INVALID_JSON_DESCRIPTION: the definition is not JSON");
  }
  if (typeof definition !== "object" || definition === null)
    return refuse("INVALID_JSON_DESCRIPTION: the definition is no object");
  // Before the schema, whose answer to JSONata is a page of alternatives.
  if (/\$\$\.Task\b/.test(text)) return refuse("task tokens are not given out by the embedded AWS");
  // The interpreter takes the backslashes out of its result, and the text is JSON no more.
  if (text.includes("States.JsonToString"))
    return refuse("States.JsonToString is not honoured by the embedded AWS: pass the value itself");
  refuseFields(definition, "", refuse);
  const objection = objectionTo(text, definition);
  if (objection !== null) return refuse(objection);
  const machine = definition as Machine; // its shape is what the validator has just checked
  refuseStates(machine, refuse);
  return machine;
}

/** The validator compiles its schemas anew each time, which takes a fifth of a second; the same text has the same answer. */
const objections = new Map<string, string | null>();

function objectionTo(text: string, definition: object): string | null {
  const known = objections.get(text);
  if (known !== undefined) return known;
  const { isValid, errorsText } = validate(structuredClone(definition));
  const objection = isValid ? null : errorsText("; ");
  objections.set(text, objection);
  return objection;
}

type Refuse = (why: string) => never;

/** Below these is the author's own data, which may have any names. */
const authored = new Set(["Parameters", "ResultSelector", "ItemSelector", "BatchInput", "Result"]);

function refuseFields(value: unknown, path: string, refuse: Refuse): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const here = `${path}/${name}`;
    const isState = path.endsWith("/States");
    if (!isState && name === "QueryLanguage" && inner !== "JSONPath")
      refuse(`${here}: only JSONPath is evaluated by the embedded AWS`);
    if (!isState && name in refusedFields) refuse(`${here} is not honoured by the embedded AWS: ${refusedFields[name]}`);
    if (isState || !authored.has(name)) refuseFields(inner, here, refuse);
  }
}

function refuseStates(machine: Machine, refuse: Refuse): void {
  for (const [name, state] of Object.entries(machine.States)) {
    if (state.Type === "Task" && !resourceOf(state.Resource))
      refuse(`${name}: the resource ${state.Resource} is not provided by the embedded AWS`);
    if (state.Type === "Parallel") for (const branch of state.Branches) refuseStates(branch, refuse);
    if (state.Type === "Map") {
      refuseMap(name, state, refuse);
      refuseStates((state.ItemProcessor ?? state.Iterator)!, refuse);
    }
  }
}

const readers: Record<string, readonly string[]> = {
  "arn:aws:states:::s3:getObject": ["JSON", "JSONL"],
  "arn:aws:states:::s3:listObjectsV2": ["none"],
};

function refuseMap(name: string, state: MapState, refuse: Refuse): void {
  if (!isDistributed(state)) {
    const field = distributedOnly.find((candidate) => state[candidate] !== undefined);
    if (field) refuse(`${name}: ${field} needs an ItemProcessor in DISTRIBUTED mode`);
    return;
  }
  const { ItemReader, ResultWriter } = state;
  if (ItemReader) {
    const types = readers[ItemReader.Resource] ?? [];
    if (!types.includes(ItemReader.ReaderConfig?.InputType ?? "none"))
      refuse(`${name}: the embedded AWS reads items by s3:getObject with InputType JSON or JSONL, or by s3:listObjectsV2`);
  }
  if (ResultWriter && ResultWriter.Resource !== "arn:aws:states:::s3:putObject")
    refuse(`${name}: results are written by s3:putObject only`);
}
