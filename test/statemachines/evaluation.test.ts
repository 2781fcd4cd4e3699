import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { Batch } from "../../functions/evaluation/run.ts";
import { failing, tinyWorld, useClock } from "../local/stepfunctions/tinyWorld.ts";

type Definition = { States: Record<string, { ItemBatcher: { MaxItemsPerBatch: number } }> };
const text = readFileSync(new URL("../../statemachines/evaluation.asl.json", import.meta.url), "utf8");
const definition = JSON.parse(
  text.replace(/\$\{(\w+)FunctionArn\}/g, "arn:aws:lambda:eu-west-1:000000000000:function:$1"),
) as Definition;

beforeEach(() => void useClock());
afterEach(() => void jest.useRealTimers());

/** As long as an id may be, in the characters that take most bytes as JSON. */
const longId = (i: number) => String(i).padStart(128, "\u0001");
const pointersKey = "evaluations/e-1/pointers.jsonl";
const prepared = {
  id: "e".repeat(40),
  bucket: "results",
  pointersKey,
  attempt: 1_000,
  budgetMicroUsd: 1e12,
  concurrency: 8,
  toleratedFailurePercent: 5,
  gates: Array(20).fill("quality >= baseline - 0.02".padEnd(200)),
  items: 100_000,
  brokenLines: 100_000,
};
const concluded = {
  id: prepared.id,
  verdict: "equivalent",
  passed: true,
  unfinished: 0,
  judgeMicroUsd: 1e12,
  bucket: "results",
  key: "k",
};

/** Runs the workflow over `items` items with tasks that do as they are told; `calls` are their inputs. */
async function run(items: number, tasks: Partial<Record<"Prepare" | "Run" | "Conclude", (input: Batch) => unknown>> = {}) {
  const calls: Record<string, Batch[]> = { Prepare: [], Run: [], Conclude: [] };
  const usual = {
    Prepare: () => prepared,
    Run: ({ items: batch }: Batch) => ({ finished: batch.length, unfinished: 0 }),
    Conclude: () => concluded,
    ...tasks,
  };
  const functions = Object.fromEntries(
    Object.entries(usual).map(([name, task]) => [
      name,
      (input: Batch) => {
        calls[name]!.push(input);
        return task(input);
      },
    ]),
  );
  const lines = Array.from({ length: items }, (_, i) => JSON.stringify({ id: longId(i), offset: 2 ** 40, length: 2 ** 26 }));
  const world = tinyWorld({ functions, objects: { [pointersKey]: lines.join("\n") } });
  const arn = await world.start(definition, { id: "e-1" });
  await jest.advanceTimersByTimeAsync(3_600_000);
  const { status, error } = await world.describe(arn);
  return { status, error, calls, history: await world.historyOf(arn), counts: Object.values(calls).map(({ length }) => length) };
}

/** Fails so often, and then does it. */
const after = (times: number, error: string, result: unknown) => {
  let left = times;
  return () => (left-- > 0 ? failing(error)() : result);
};
const done = { finished: 5, unfinished: 0 };

test.each([
  { it: "all goes well", tasks: {}, status: "SUCCEEDED", counts: [1, 4, 1] },
  {
    it: "planning crashes three times",
    tasks: { Prepare: after(3, "TypeError", prepared) },
    status: "SUCCEEDED",
    counts: [4, 4, 1],
  },
  {
    it: "an evaluation cannot be made",
    tasks: { Prepare: failing("InvalidEvaluation") },
    status: "FAILED",
    error: "InvalidEvaluation",
    counts: [1, 0, 0],
  },
  {
    it: "an endpoint is overloaded eight times",
    tasks: { Run: after(8, "Throttled", done) },
    status: "SUCCEEDED",
    counts: [1, 12, 1],
  },
  {
    it: "another execution is judging",
    tasks: { Run: after(8, "JudgedElsewhere", done) },
    status: "SUCCEEDED",
    counts: [1, 12, 1],
  },
  { it: "a batch crashes twice", tasks: { Run: after(2, "Runtime.ExitError", done) }, status: "SUCCEEDED", counts: [1, 6, 1] },
  {
    it: "the comparison crashes three times",
    tasks: { Conclude: after(3, "TypeError", concluded) },
    status: "SUCCEEDED",
    counts: [1, 4, 4],
  },
  {
    it: "a gate does not pass",
    tasks: { Conclude: () => ({ ...concluded, passed: false }) },
    status: "FAILED",
    error: "GateFailed",
    gated: true,
    counts: [1, 4, 1],
  },
  {
    it: "the set was changed meanwhile: nothing is repeated, what there is is compared",
    tasks: { Run: failing("InvalidEvaluation") },
    status: "FAILED",
    error: "States.ExceedToleratedFailureThreshold",
    counts: [1, 4, 1],
  },
  {
    it: "too much fails, and so does the comparison of what there is, three times",
    items: 5,
    tasks: { Run: failing("TypeError"), Conclude: after(3, "TypeError", concluded) },
    status: "FAILED",
    error: "States.ExceedToleratedFailureThreshold",
    counts: [1, 3, 4],
  },
])("$it", async ({ items = 20, tasks, status, error, counts, gated = false }) => {
  const ran = await run(items, tasks);
  expect({ status: ran.status, error: ran.error, counts: ran.counts }).toEqual({ status, error, counts });
  expect(ran.calls.Conclude!.at(-1)).toEqual(
    counts[2] === 0 ? undefined : { id: prepared.id, failure: gated ? null : (error ?? null), gates: prepared.gates },
  );
});

test("one batch in forty may fail, and the rest is compared", async () => {
  const ran = await run(200, { Run: ({ items }) => (items[0]!.id === longId(0) ? failing("TypeError")() : done) });
  expect({ status: ran.status, conclude: ran.calls.Conclude }).toEqual({
    status: "SUCCEEDED",
    conclude: [{ id: prepared.id, failure: null, gates: prepared.gates }],
  });
});

test("no more batches are worked on at once than is asked for", async () => {
  let [now, most] = [0, 0];
  await run(500, {
    Run: async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      now--;
      return done;
    },
  });
  expect(most).toBe(prepared.concurrency);
});

test("with 100,000 items of the longest names no state's payload comes near 64 KiB", async () => {
  // What a state is given does not grow with the items: of them it has a number, and a batch has so many at most.
  const { MaxItemsPerBatch } = definition.States["Ask and judge every item"]!.ItemBatcher;
  const { history, calls } = await run(20);
  const payloads = [...history.map((event) => JSON.stringify(event)), ...calls.Run!.map((batch) => JSON.stringify(batch))];
  expect(Math.max(...calls.Run!.map(({ items }) => items.length))).toBe(MaxItemsPerBatch);
  expect(Math.max(...payloads.map((payload) => Buffer.byteLength(payload)))).toBeLessThan(16 * 1024);
});
