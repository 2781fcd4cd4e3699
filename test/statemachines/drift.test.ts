import { readFile } from "node:fs/promises";
import { afterEach, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import { failing, tinyWorld, useClock } from "../local/stepfunctions/tinyWorld.ts";

let machine: object;
beforeAll(async () => {
  const text = await readFile("statemachines/drift.asl.json", "utf8");
  machine = JSON.parse(text.replace(/\$\{(\w+)FunctionArn\}/g, "arn:aws:lambda:eu-west-1:000000000000:function:$1")) as object;
});
beforeEach(() => {
  useClock();
});
afterEach(() => {
  jest.useRealTimers();
});

type Task = (input: { endpoint: string; owner?: string; anchorsFailed?: boolean }) => unknown;

const watched = (endpoints: string[]) => endpoints.map((endpoint) => ({ endpoint }));

/** Endpoints with a baseline, and one, `new`, without. The tasks of the workflow, each saying that it was called; `tasks` do otherwise. */
function workflow(endpoints: string[], tasks: Record<string, Task> = {}) {
  const called: string[] = [];
  const usual: Record<string, Task> = {
    Plan: () => ({ endpoints: watched(endpoints), needsData: [], captured: watched([...endpoints, "new"]) }),
    Fold: ({ endpoint }) => ({ endpoint, folded: 1, more: false, anchorsDue: false, failed: [] }),
    Anchors: ({ endpoint }) => ({ endpoint, asked: 100, graded: 100 }),
    Conclude: ({ endpoint }) => ({ endpoint, findings: [], open: 0 }),
    Publish: ({ endpoint }) => ({ endpoint, window: "2026-03-02T08:30:00Z", findings: 2, needsData: 7 }),
    Measure: ({ endpoint }) => ({ endpoint, windows: 1, unpriced: [] }),
    Coverage: ({ endpoint }) => ({ endpoint, hours: 1, findings: 0 }),
  };
  const functions = Object.fromEntries(
    Object.keys(usual).map((name) => [
      name,
      (input: Parameters<Task>[0]) => {
        const { endpoint, ...more } = input;
        if (name !== "Plan") called.push([name, endpoint, ...Object.values(more)].join(" "));
        return (tasks[name] ?? usual[name]!)(input);
      },
    ]),
  );
  return { called, run: () => tinyWorld({ functions }).run(machine) };
}

test("an endpoint is folded until nothing is left, its anchors are read where due, then it is concluded and published", async () => {
  let left = 2;
  const { called, run } = workflow(["chat"], {
    Fold: ({ endpoint }) => ({ endpoint, folded: 24, more: left-- > 0, anchorsDue: true, failed: [] }),
  });
  expect(await run()).toMatchObject({
    status: "SUCCEEDED",
    output: {
      needsData: [],
      run: {
        failed: false,
        outcomes: [{ endpoint: "chat", status: "done", window: "2026-03-02T08:30:00Z", findings: 2, needsData: 7 }],
      },
    },
  });
  expect(called.slice(0, -4)).toEqual([
    ...["Fold chat", "Fold chat", "Fold chat"],
    ...["Anchors chat map-child-1", "Conclude chat false", "Publish chat"],
  ]);
  // Which windows an hour is made of, the folds have gathered by then.
  expect(called.slice(-4).sort()).toEqual(["Coverage chat", "Coverage new", "Measure chat", "Measure new"]);
});

test.each([
  { it: "is done at once", error: null, attempts: 1, status: "SUCCEEDED" },
  { it: "that cannot be done as it is asked fails at once", error: "NothingToFreeze", attempts: 1, status: "FAILED" },
  { it: "waits for an overloaded judge", error: "Throttled", attempts: 9, status: "FAILED" },
])("what is asked of baselines $it, and nothing else is", async ({ error, attempts, status }) => {
  const asked = { list: {} };
  const seen: unknown[] = [];
  const Baseline = (input: { asked: object; owner: string }) => {
    seen.push(input);
    return error === null ? { baselines: [], difference: null } : failing(error)();
  };
  expect(await tinyWorld({ functions: { Baseline } }).run(machine, { baseline: asked })).toMatchObject({ status });
  expect(seen).toEqual(Array(attempts).fill({ asked, owner: "x" }));
});

test("without a baseline, quality is estimated and captures are compared with requests all the same", async () => {
  const { called, run } = workflow([]);
  expect(await run()).toMatchObject({
    status: "SUCCEEDED",
    output: {
      endpoints: [],
      compared: { failed: false, outcomes: [{ endpoint: "new", status: "done", hours: 1, findings: 0 }] },
    },
  });
  expect(called).toEqual(["Measure new", "Coverage new"]);
});

test("an endpoint that cannot be measured after three attempts is compared with its requests, and the execution says so", async () => {
  const { called, run } = workflow([], { Measure: failing("TypeError") });
  expect(await run()).toMatchObject({ status: "FAILED", error: "EndpointsFailed" });
  expect(called).toEqual([...Array(3).fill("Measure new"), "Coverage new"]);
});

test("captures that cannot be compared after three attempts are recorded, the others are, and the execution says so", async () => {
  const { called, run } = workflow(["chat"], {
    Coverage: ({ endpoint }) => (endpoint === "new" ? failing("TypeError")() : { endpoint, hours: 0, findings: 0 }),
  });
  expect(await run()).toMatchObject({ status: "FAILED", error: "EndpointsFailed" });
  expect(called.filter((call) => call.startsWith("Coverage")).sort()).toEqual([
    "Coverage chat",
    ...Array(3).fill("Coverage new"),
  ]);
});

test("an endpoint that fails does not stop the others, and the execution says so", async () => {
  const { called, run } = workflow(["broken", "chat"], {
    Fold: ({ endpoint }) => {
      if (endpoint === "broken") failing("TypeError")();
      return { endpoint, folded: 0, more: false, anchorsDue: false, failed: [] };
    },
  });
  expect(await run()).toMatchObject({ status: "FAILED", error: "EndpointsFailed" });
  expect(called.filter((call) => call.endsWith("broken"))).toEqual([
    ...Array(3).fill("Fold broken"),
    ...["Measure broken", "Coverage broken"],
  ]);
  expect(called).toContain("Publish chat");
});

test("a variant whose numbers are impossible is said, and all else is done", async () => {
  const { called, run } = workflow(["chat"], {
    Fold: ({ endpoint }) => ({ endpoint, folded: 1, more: false, anchorsDue: false, failed: ["candidate"] }),
  });
  expect(await run()).toMatchObject({ status: "FAILED", error: "EndpointsFailed" });
  expect(called.slice(0, 3)).toEqual(["Fold chat", "Conclude chat false", "Publish chat"]);
});

test.each([
  { it: "an overloaded judge is asked for minutes", error: "Throttled", attempts: 7 },
  { it: "a crash is tried again twice", error: "Runtime.ExitError", attempts: 3 },
  { it: "what is not watched any more is not tried again", error: "NotWatched", attempts: 1 },
])("$it, then alarms are concluded without the anchors and all is published", async ({ error, attempts }) => {
  const { called, run } = workflow(["chat"], {
    Fold: ({ endpoint }) => ({ endpoint, folded: 1, more: false, anchorsDue: true, failed: [] }),
    Anchors: failing(error),
  });
  expect(await run()).toMatchObject({ status: "FAILED", error: "EndpointsFailed" });
  expect(called.filter((call) => call.startsWith("Anchors"))).toHaveLength(attempts);
  expect(called.slice(-6, -4)).toEqual(["Conclude chat true", "Publish chat"]);
});

test("a crash that passes leaves no trace", async () => {
  const fails = new Set(["Fold", "Conclude", "Publish", "Measure", "Coverage"]);
  const once = (name: string, result: object) => () => {
    if (fails.delete(name)) failing("Lambda.Unknown")();
    return result;
  };
  const { run } = workflow(["chat"], {
    Fold: once("Fold", { endpoint: "chat", folded: 1, more: false, anchorsDue: false, failed: [] }),
    Conclude: once("Conclude", { endpoint: "chat", findings: [], open: 0 }),
    Publish: once("Publish", { endpoint: "chat", window: null, findings: 0, needsData: 0 }),
    Measure: once("Measure", { endpoint: "chat", windows: 1, unpriced: [] }),
    Coverage: once("Coverage", { endpoint: "chat", hours: 0, findings: 0 }),
  });
  expect(await run()).toMatchObject({ status: "SUCCEEDED", output: { run: { failed: false }, compared: { failed: false } } });
});
