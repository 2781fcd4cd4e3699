import { gunzipSync } from "node:zlib";
import { AwsError } from "../world.ts";
import type { Json, Machine, MapState } from "./definition.ts";
import { numberOf, render, type Scope, select } from "./evaluate.ts";
import type { Trail } from "./history.ts";
import { pooled } from "./pooled.ts";
import { Ended, maxPayloadBytes, StateError } from "./stateError.ts";
import type { CallAsRole } from "./tasks.ts";

/** A child execution that has ended. */
export type Child = {
  arn: string;
  name: string;
  machineArn: string;
  status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  inputText: string;
  outputText?: string;
  error?: string;
  cause?: string;
  startMs: number;
  stopMs: number;
};
export type MapRun = {
  arn: string;
  id: string;
  /** Starts a child as the machine's role and waits for its end; an abort ends it. @throws AwsError when the role may not */
  runChild(input: Json, signal: AbortSignal): Promise<Child>;
  close(): void;
};
type Line = {
  execution: { callAsRole: CallAsRole; openMapRun(label: string, processor: Machine): MapRun };
  trail: Trail;
  signal: AbortSignal;
};

/** Most children at once of a Distributed Map that sets none. Source: Step Functions developer guide, Map state, distributed mode. */
const distributedConcurrency = 10_000;

/**
 * Runs a Distributed Map: reads the items, makes batches, runs a child execution for each, writes the results.
 * @returns where the results are, or without a ResultWriter the results themselves
 * @throws StateError States.ItemReaderFailed, States.ResultWriterFailed, States.ExceedToleratedFailureThreshold
 */
export async function runDistributed(name: string, state: MapState, input: Json, scope: Scope, line: Line): Promise<Json> {
  const { execution, trail, signal } = line;
  const items = await itemsOf(name, state, input, scope, execution.callAsRole);
  const batches = await batchesOf(name, state, items, input, scope);
  const concurrency = await numberOf(state.MaxConcurrency, state.MaxConcurrencyPath, input, scope);
  const isExceeded = await toleranceOf(state, items.length, input, scope);
  const run = execution.openMapRun(state.Label ?? name.replace(/[^\w-]/g, "").slice(0, 40), state.ItemProcessor!);
  trail.add("MapRunStarted", { mapRunArn: run.arn });
  try {
    const result = await runBatches(run, batches, concurrency || distributedConcurrency, isExceeded, signal, (children) =>
      resultOf(run, state, children, input, scope, execution.callAsRole),
    );
    trail.add("MapRunSucceeded");
    return result;
  } catch (error) {
    if (signal.aborted) trail.add("MapRunAborted");
    else if (error instanceof StateError) trail.add("MapRunFailed", { error: error.error, cause: error.message });
    throw error;
  } finally {
    run.close();
  }
}

type Batch = { input: Json; items: number };

async function runBatches(
  run: MapRun,
  batches: readonly Batch[],
  concurrency: number,
  isExceeded: (failedItems: number) => boolean,
  outer: AbortSignal,
  write: (children: Child[]) => Promise<Json>,
): Promise<Json> {
  const rest = new AbortController();
  const signal = AbortSignal.any([outer, rest.signal]);
  const children: (Child | undefined)[] = new Array(batches.length);
  let failedItems = 0;
  let refusal: AwsError | undefined;
  await pooled(batches.length, concurrency, signal, async (i) => {
    const { input, items } = batches[i]!;
    try {
      const child = await run.runChild(input, signal);
      children[i] = child;
      if (child.status !== "SUCCEEDED" && !signal.aborted) failedItems += items;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      refusal ??= error;
    }
    if (refusal || isExceeded(failedItems)) rest.abort(new Ended("ABORTED"));
  });
  outer.throwIfAborted();
  if (refusal) throw new StateError("States.Permissions", `A child execution cannot be started: ${refusal.message}`);
  // What is there is written also when too much has failed.
  const result = await write(children.filter((child) => child !== undefined));
  if (isExceeded(failedItems))
    throw new StateError("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded");
  return result;
}

async function toleranceOf(state: MapState, total: number, input: Json, scope: Scope): Promise<(failed: number) => boolean> {
  const count = await numberOf(state.ToleratedFailureCount, state.ToleratedFailureCountPath, input, scope);
  const percentage = await numberOf(state.ToleratedFailurePercentage, state.ToleratedFailurePercentagePath, input, scope);
  if (count === undefined && percentage === undefined) return (failed) => failed > 0;
  // With both, whichever is passed first.
  return (failed) => (count !== undefined && failed > count) || (percentage !== undefined && failed * 100 > percentage * total);
}

async function itemsOf(name: string, state: MapState, input: Json, scope: Scope, call: CallAsRole): Promise<Json[]> {
  const read = state.ItemReader
    ? await readItems(state.ItemReader, input, scope, call)
    : await select(state.ItemsPath, input, scope);
  if (!Array.isArray(read)) throw new StateError("States.Runtime", `The items of Map '${name}' are no array`, true);
  const template = state.ItemSelector ?? state.Parameters;
  if (template === undefined) return read;
  const items: Json[] = [];
  for (const [Index, Value] of read.entries()) {
    const context = { ...scope.context, Map: { Item: { Index, Value } } };
    items.push(await render(template, input, { ...scope, context }));
  }
  return items;
}

async function readItems(
  reader: NonNullable<MapState["ItemReader"]>,
  input: Json,
  scope: Scope,
  call: CallAsRole,
): Promise<Json> {
  const { Resource, Parameters = {}, ReaderConfig = {} } = reader;
  const place = (await render(Parameters, input, scope)) as { Bucket: string; Key?: string; Prefix?: string };
  const maxItems = await numberOf(ReaderConfig.MaxItems, ReaderConfig.MaxItemsPath, input, scope);
  const where = `s3://${place.Bucket}/${place.Key ?? place.Prefix ?? ""}`;
  try {
    const items = Resource.endsWith(":listObjectsV2")
      ? (((await call("s3", "ListObjectsV2", place)).Contents ?? []) as Json[])
      : parseItems((await call("s3", "GetObject", place)).Body as Buffer, ReaderConfig.InputType!);
    return Array.isArray(items) && maxItems ? items.slice(0, maxItems) : items;
  } catch (error) {
    if (error instanceof AwsError) throw new StateError("States.ItemReaderFailed", `${where}: ${error.message}`);
    // The parser's message may quote the object.
    if (error instanceof SyntaxError)
      throw new StateError("States.ItemReaderFailed", `${where} is not ${ReaderConfig.InputType}`);
    throw error;
  }
}

function parseItems(body: Buffer, type: string): Json {
  const text = (body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body).toString("utf8");
  if (type === "JSON") return JSON.parse(text) as Json;
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Json);
}

async function batchesOf(name: string, { ItemBatcher }: MapState, items: Json[], input: Json, scope: Scope): Promise<Batch[]> {
  if (!ItemBatcher) return items.map((item) => ({ input: item, items: 1 }));
  const { MaxItemsPerBatch, MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath, BatchInput } = ItemBatcher;
  const most = (await numberOf(MaxItemsPerBatch, MaxItemsPerBatchPath, input, scope)) || Number.POSITIVE_INFINITY;
  const given = (await numberOf(MaxInputBytesPerBatch, MaxInputBytesPerBatchPath, input, scope)) || maxPayloadBytes;
  const mostBytes = Math.min(given, maxPayloadBytes);
  const shared = BatchInput === undefined ? {} : { BatchInput: await render(BatchInput, input, scope) };
  const emptyBytes = bytesOf({ Items: [], ...shared });
  const batches: Json[][] = [];
  let bytes = 0;
  for (const item of items) {
    const itemBytes = bytesOf(item) + 1;
    if (emptyBytes + itemBytes > mostBytes)
      throw new StateError(
        "States.DataLimitExceeded",
        `An item of Map '${name}' does not fit a batch of ${mostBytes} bytes`,
        true,
      );
    const last = batches.at(-1);
    if (last && last.length < most && bytes + itemBytes <= mostBytes) {
      last.push(item);
      bytes += itemBytes;
    } else {
      batches.push([item]);
      bytes = emptyBytes + itemBytes;
    }
  }
  return batches.map((Items) => ({ input: { Items, ...shared }, items: Items.length }));
}

const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value));

async function resultOf(
  run: MapRun,
  state: MapState,
  children: Child[],
  input: Json,
  scope: Scope,
  call: CallAsRole,
): Promise<Json> {
  if (!state.ResultWriter)
    return children.map((child) => (child.status === "SUCCEEDED" ? (JSON.parse(child.outputText!) as Json) : described(child)));
  const { Bucket, Prefix } = (await render(state.ResultWriter.Parameters ?? {}, input, scope)) as {
    Bucket: string;
    Prefix?: string;
  };
  const folder = `${Prefix ? `${Prefix.replace(/\/$/, "")}/` : ""}${run.id}`;
  try {
    const write = async (file: string, content: Json) => {
      const Body = JSON.stringify(content);
      const Key = `${folder}/${file}`;
      await call("s3", "PutObject", { Bucket, Key, Body });
      return { Key, Size: Buffer.byteLength(Body) };
    };
    const written = async (status: string, some: Child[]) =>
      some.length > 0 ? [await write(`${status}_0.json`, some.map(described))] : [];
    const ResultFiles = {
      FAILED: await written(
        "FAILED",
        children.filter(({ status }) => status !== "SUCCEEDED"),
      ),
      PENDING: [],
      SUCCEEDED: await written(
        "SUCCEEDED",
        children.filter(({ status }) => status === "SUCCEEDED"),
      ),
    };
    const { Key } = await write("manifest.json", { DestinationBucket: Bucket, MapRunArn: run.arn, ResultFiles });
    return { MapRunArn: run.arn, ResultWriterDetails: { Bucket, Key } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StateError("States.ResultWriterFailed", `s3://${Bucket}/${folder}: ${error.message}`);
  }
}

/** A child as the result files list it. Source: Step Functions developer guide, ResultWriter. */
function described({ arn, name, machineArn, status, inputText, outputText, error, cause, startMs, stopMs }: Child): Json {
  return {
    ...(cause === undefined ? {} : { Cause: cause }),
    ...(error === undefined ? {} : { Error: error }),
    ExecutionArn: arn,
    Input: inputText,
    InputDetails: { Included: true },
    Name: name,
    ...(outputText === undefined ? {} : { Output: outputText, OutputDetails: { Included: true } }),
    StartDate: new Date(startMs).toISOString(),
    StateMachineArn: machineArn,
    Status: status,
    StopDate: new Date(stopMs).toISOString(),
  };
}
