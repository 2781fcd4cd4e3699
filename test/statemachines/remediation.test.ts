import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { startMs, tinyWorld, useClock } from "../local/stepfunctions/tinyWorld.ts";

const text = readFileSync(new URL("../../statemachines/remediation.asl.json", import.meta.url), "utf8");
const definition = JSON.parse(
  text.replace(/\$\{(\w+)FunctionArn\}/g, (_, name: string) => `arn:aws:lambda:eu-west-1:000000000000:function:${name}`),
) as object;

beforeEach(() => void useClock());
afterEach(() => void jest.useRealTimers());

type Call = { task: string; which?: string; minute: number; outcome?: string; because?: unknown };

/** Runs the workflow with tasks that answer what they are told, in turn, and the last again and again; an error they throw. */
async function run(answers: Record<string, unknown[]>, more: object = {}) {
  const calls: Call[] = [];
  const task = (name: string) => (input: { which?: string; outcome?: string; because?: unknown; record: unknown }) => {
    const key = input.which ? `${name} ${input.which}` : name;
    const mine = calls.filter((call) => (call.which ? `${call.task} ${call.which}` : call.task) === key).length;
    const told = answers[key] ?? [{}];
    const { record, ...rest } = input;
    expect(record).toEqual({ id: "f1" });
    calls.push({ task: name, ...rest, minute: (Date.now() - startMs) / 60_000 });
    const answer = told[Math.min(mine, told.length - 1)];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const world = tinyWorld({
    functions: Object.fromEntries(["Act", "Inspect", "Verify", "Deepen", "Finish"].map((name) => [name, task(name)])),
    allowed: ["lambda:InvokeFunction"],
  });
  const arn = await world.start(definition, { record: { id: "f1" }, ...more });
  await jest.advanceTimersByTimeAsync(26 * 3_600_000);
  const { status, error } = await world.describe(arn);
  return { status, error, calls, end: calls.at(-1) };
}

const done = { state: "done", because: "changed" };
const refused = { state: "refused", because: "no" };
const inService = { state: "in_service", because: "there" };
const changing = { state: "changing", because: "not yet" };
const gone = { state: "failed", because: "gone" };
const say = (verdict: string) => ({ verdict, because: `it says ${verdict}`, figures: {} });
const error = (name: string) => Object.assign(new Error("broken"), { name });
const acts = { "Act change": [done], "Inspect change": [inService] };

test.each([
  {
    it: "what helped is kept",
    answers: { ...acts, Verify: [say("kept")] },
    status: "SUCCEEDED",
    outcome: "kept",
    because: "it says kept",
  },
  {
    it: "what did not help is undone",
    answers: { ...acts, Verify: [say("wait"), say("undo")], "Act undo": [done], "Inspect undo": [changing, inService] },
    status: "SUCCEEDED",
    outcome: "undone",
    because: "it says undo",
  },
  {
    it: "what helped as far as it went goes one step further",
    answers: { ...acts, Verify: [say("deepen"), say("kept")], Deepen: [{ state: "deepened", because: "one step further" }] },
    status: "SUCCEEDED",
    outcome: "kept",
    because: "it says kept",
  },
  {
    it: "what may go no further is left to a person",
    answers: { ...acts, Verify: [say("deepen")], Deepen: [{ state: "enough", because: "all actions are used" }] },
    status: "SUCCEEDED",
    outcome: "held",
    because: "all actions are used",
  },
  {
    it: "what is undecided is left to a person",
    answers: { ...acts, Verify: [say("wait"), say("hold")] },
    status: "SUCCEEDED",
    outcome: "held",
    because: "it says hold",
  },
  { it: "a refused change failed", answers: { "Act change": [refused] }, status: "FAILED", outcome: "failed", because: "no" },
  {
    it: "a change that never comes into effect failed",
    answers: { ...acts, "Inspect change": [changing, changing, gone] },
    status: "FAILED",
    outcome: "failed",
    because: "gone",
  },
  {
    it: "a refused way back failed",
    answers: { ...acts, Verify: [say("undo")], "Act undo": [refused] },
    status: "FAILED",
    outcome: "failed",
    because: "no",
  },
  {
    it: "a way back that never comes into effect failed",
    answers: { ...acts, Verify: [say("undo")], "Act undo": [done], "Inspect undo": [gone] },
    status: "FAILED",
    outcome: "failed",
    because: "gone",
  },
  {
    it: "a busy endpoint is waited for",
    answers: { ...acts, "Act change": [error("EndpointBusy"), error("EndpointBusy"), done], Verify: [say("kept")] },
    status: "SUCCEEDED",
    outcome: "kept",
    because: "it says kept",
  },
  {
    it: "a task that died is called again",
    answers: { ...acts, Verify: [error("Crash"), say("kept")] },
    status: "SUCCEEDED",
    outcome: "kept",
    because: "it says kept",
  },
  ...["Act change", "Inspect change", "Verify", "Deepen", "Act undo", "Inspect undo"].map((task) => ({
    it: `when ${task} cannot be done, that is recorded`,
    answers: {
      ...acts,
      Verify: [say(task === "Deepen" ? "deepen" : "undo")],
      "Act undo": [done],
      "Inspect undo": [inService],
      [task]: [error("TypeError")],
    },
    status: "FAILED",
    outcome: "failed",
    because: { Error: "TypeError", Cause: expect.stringContaining('"errorMessage":"broken"') },
  })),
])("$it", async ({ answers, status, outcome, because }) => {
  const ran = await run(answers);
  expect(ran).toMatchObject({ status, end: { task: "Finish", outcome, because } });
  expect(ran.calls.filter(({ task }) => task === "Finish")).toHaveLength(1);
});

test("a step further is made, waited for and verified like the first", async () => {
  const { calls } = await run({ ...acts, Verify: [say("deepen"), say("kept")], Deepen: [{ state: "deepened", because: "" }] });
  expect(calls.map(({ task }) => task)).toEqual(["Act", "Inspect", "Verify", "Deepen", "Act", "Inspect", "Verify", "Finish"]);
});

test("what a person wants back is taken back and nothing else", async () => {
  const told = { "Act undo": [done], "Inspect undo": [inService] };
  const { status, calls } = await run(told, { look: { verdict: "undo", because: "ann wants it back" } });
  expect({ status, calls }).toMatchObject({
    status: "SUCCEEDED",
    calls: [{ which: "undo" }, { which: "undo" }, { outcome: "undone", because: "ann wants it back" }],
  });
});

test("the record is ended though its task fails at first", async () => {
  const { status, calls } = await run({ ...acts, Verify: [say("kept")], Finish: [error("Crash"), error("Crash"), {}] });
  expect({ status, finishes: calls.filter(({ task }) => task === "Finish").length }).toEqual({
    status: "SUCCEEDED",
    finishes: 3,
  });
});

test("it looks at the endpoint every half minute, and for fresh answers every quarter of an hour", async () => {
  const { calls } = await run({
    ...acts,
    "Inspect change": [changing, inService],
    Verify: [say("wait"), say("wait"), say("kept")],
  });
  expect(calls.map(({ task, minute }) => `${task} ${minute}`)).toEqual([
    "Act 0",
    "Inspect 0.5",
    "Inspect 1",
    "Verify 16",
    "Verify 31",
    "Verify 46",
    "Finish 46",
  ]);
});
