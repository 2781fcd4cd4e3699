import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { failing, tinyWorld, useClock } from "../local/stepfunctions/tinyWorld.ts";

type Retrier = { ErrorEquals: string[]; MaxAttempts: number };
type State = {
  Type: string;
  Resource?: string;
  Retry?: Retrier[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Next?: string;
  End?: true;
  ItemProcessor?: Machine;
  Branches?: Machine[];
};
type Machine = { StartAt: string; States: Record<string, State> };

beforeEach(() => void useClock());
afterEach(() => void jest.useRealTimers());

/** Every state of a machine, also those inside its maps and branches. */
const statesOf = ({ States }: Machine): [string, State][] =>
  Object.entries(States).flatMap(([name, state]): [string, State][] => [
    [name, state],
    ...[state.ItemProcessor ?? [], state.Branches ?? []].flat().flatMap(statesOf),
  ]);

const tasks = ["drift", "evaluation", "remediation"].flatMap((machine) => {
  const text = readFileSync(new URL(`../../statemachines/${machine}.asl.json`, import.meta.url), "utf8");
  const definition = JSON.parse(text.replace(/\$\{\w+\}/g, "arn:aws:lambda:eu-west-1:000000000000:function:task")) as Machine;
  return statesOf(definition)
    .filter(([, { Type }]) => Type === "Task")
    .map(([name, state]) => ({ machine, name, state }));
});

/** An input that has whatever the state takes of it. */
function inputFor(state: State): object {
  const input: Record<string, unknown> = {};
  for (const [, path] of JSON.stringify(state).matchAll(/[" (]\$\.([\w.]+)/g)) {
    const names = path!.split(".");
    let at = input;
    for (const name of names.slice(0, -1)) {
      if (typeof at[name] !== "object") at[name] = {};
      at = at[name] as Record<string, unknown>;
    }
    at[names.at(-1)!] ??= "x";
  }
  return input;
}

/** Runs one state by itself, whose task fails `times` times: how often it was called, and where that led. */
async function fail(state: State, error: string, times: number): Promise<{ calls: number; led: string }> {
  let calls = 0;
  const world = tinyWorld({ functions: { task: () => (++calls <= times ? failing(error)() : {}) } });
  const { Next: _next, End: _end, ...itself } = state;
  const targets = new Set((state.Catch ?? []).map(({ Next }) => Next));
  const ends = [...targets, "Went on"].map((name) => [name, { Type: "Pass", Result: name, End: true }]);
  const arn = await world.start(
    { StartAt: "It", States: { It: { ...itself, Next: "Went on" }, ...Object.fromEntries(ends) } },
    inputFor(state),
  );
  await jest.advanceTimersByTimeAsync(12 * 3_600_000);
  const { output, error: ended } = (await world.describe(arn)) as { output?: string; error?: string };
  return { calls, led: output ?? `failed: ${ended}` };
}

const situations = tasks.flatMap(({ machine, name, state }) =>
  (state.Retry ?? []).flatMap(({ ErrorEquals, MaxAttempts }) =>
    ErrorEquals.map((listed) => ({
      ...{ machine, name, state, MaxAttempts },
      error: listed === "States.ALL" ? "Runtime.ExitError" : listed,
    })),
  ),
);

test("every task of every machine says what becomes of whatever is thrown", () => {
  expect(situations.length).toBeGreaterThan(40);
  expect(tasks.filter(({ state }) => !state.Retry?.at(-1)?.ErrorEquals.includes("States.ALL")).map(({ name }) => name)).toEqual(
    [],
  );
});

test.each(situations)("$machine, $name: $error is tried again $MaxAttempts times", async ({ state, error, MaxAttempts }) => {
  const caught = state.Catch?.find(({ ErrorEquals }) => ErrorEquals.includes(error) || ErrorEquals.includes("States.ALL"))?.Next;
  expect(await fail(state, error, Number.POSITIVE_INFINITY)).toEqual({
    calls: 1 + MaxAttempts,
    led: caught ?? `failed: ${error}`,
  });
  if (MaxAttempts > 0) expect(await fail(state, error, MaxAttempts)).toEqual({ calls: 1 + MaxAttempts, led: "Went on" });
});
