import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Ledger, openLedger, type Purpose } from "../../../shared/aws/ledger.ts";
import type { Table } from "../../../shared/aws/table.ts";
import { judgeLeaseSeconds } from "../../../shared/judging/lease.ts";
import { crashing, startWire, type Wire } from "../../functions/wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const at = (time: string) => Date.parse(`2026-03-02T${time}Z`);
const now = at("10:00:00");
const later = now + judgeLeaseSeconds * 1000;
const call = (id: string) => ({ endpoint: "chat", id, judgeVersion: "v1" });
const world = async () => {
  const { table } = await wire.fresh();
  return { table, ledger: openLedger(table) };
};
const day = (committedMicroUsd: number, spentMicroUsd: number, budgetMicroUsd = 1_000) => ({
  committedMicroUsd,
  spentMicroUsd,
  budgetMicroUsd,
});

test("a call is reserved at its bound, then charged what it cost", async () => {
  const { ledger } = await world();
  expect(await ledger.day("chat", now)).toBeNull();
  expect(await ledger.reserve(call("a"), "sampled", 100, 1_000, "me", now)).toEqual({ state: "reserved" });
  expect(await ledger.day("chat", now)).toEqual(day(100, 0));
  await ledger.settle(call("a"), 30, now);
  expect(await ledger.day("chat", now)).toEqual(day(30, 30));
});

type Situation = {
  it: string;
  before: (ledger: Ledger) => Promise<unknown>;
  owner: string;
  nowMs: number;
  says: string;
  leaves: object;
};
const reserveA = (ledger: Ledger) => ledger.reserve(call("a"), "sampled", 100, 1_000, "me", now);
test.each<Situation>([
  { it: "its owner at once", before: reserveA, owner: "me", nowMs: now, says: "reopened", leaves: day(100, 0) },
  {
    it: "another while its lease runs",
    before: reserveA,
    owner: "you",
    nowMs: later - 1,
    says: "JudgedElsewhere",
    leaves: day(100, 0),
  },
  { it: "another after its lease", before: reserveA, owner: "you", nowMs: later, says: "reopened", leaves: day(100, 0) },
  {
    it: "another on the next day: the first day pays",
    before: reserveA,
    owner: "you",
    nowMs: now + 86_400_000,
    says: "reopened",
    leaves: day(100, 0),
  },
  {
    it: "anybody once it is settled",
    before: async (ledger) => {
      await reserveA(ledger);
      await ledger.settle(call("a"), 30, now);
    },
    owner: "you",
    nowMs: now,
    says: "settled",
    leaves: day(30, 30),
  },
  {
    it: "anybody once it was skipped, though there is budget by now",
    before: (ledger) => ledger.reserve(call("a"), "sampled", 901, 1_000, "me", now),
    owner: "you",
    nowMs: now,
    says: "skipped",
    leaves: null as never,
  },
])("the same call again, by $it", async ({ before, owner, nowMs, says, leaves }) => {
  const { ledger } = await world();
  await before(ledger);
  const said = await ledger.reserve(call("a"), "sampled", 100, 1_000, owner, nowMs).then(
    ({ state }) => state,
    ({ name }: Error) => name,
  );
  expect(said).toBe(says);
  expect(await ledger.day("chat", now)).toEqual(leaves);
});

test.each<{ it: string; purposes: Purpose[]; states: string[] }>([
  {
    it: "sampling stops at nine tenths, and the rest is for anchors and verification",
    purposes: [...Array<Purpose>(10).fill("sampled"), "anchor", "verification"],
    states: [...Array(9).fill("reserved"), "skipped", "reserved", "skipped"],
  },
  {
    it: "anchors may use what sampling has not",
    purposes: [...Array<Purpose>(11).fill("anchor"), "sampled"],
    states: [...Array(10).fill("reserved"), "skipped", "skipped"],
  },
  {
    it: "what anchors took of their tenth is not taken from sampling",
    purposes: ["anchor", ...Array<Purpose>(10).fill("sampled")],
    states: [...Array(10).fill("reserved"), "skipped"],
  },
])("$it", async ({ purposes, states }) => {
  const { ledger } = await world();
  const said: string[] = [];
  for (const [i, purpose] of purposes.entries()) {
    said.push((await ledger.reserve(call(String(i)), purpose, 100, 1_000, "me", now)).state);
  }
  expect(said).toEqual(states);
});

test("what a call did not use is there for the next; what nobody settles is not", async () => {
  const { ledger } = await world();
  await ledger.reserve(call("a"), "sampled", 900, 1_000, "me", now);
  expect(await ledger.reserve(call("b"), "sampled", 900, 1_000, "me", later)).toEqual({ state: "skipped" });
  await ledger.settle(call("a"), 10, later);
  expect(await ledger.reserve(call("c"), "sampled", 890, 1_000, "me", later)).toEqual({ state: "reserved" });
});

test("each endpoint and each day has a budget of its own", async () => {
  const { ledger } = await world();
  for (const [endpoint, nowMs] of [
    ["chat", now],
    ["mail", now],
    ["chat", at("23:59:59")],
    ["chat", now + 86_400_000],
  ] as const) {
    await ledger.reserve({ ...call(String(nowMs)), endpoint }, "sampled", 400, 1_000, "me", nowMs);
  }
  expect(await ledger.day("chat", now)).toEqual(day(800, 0));
  expect(await ledger.day("mail", now)).toEqual(day(400, 0));
  expect(await ledger.day("chat", now + 86_400_000)).toEqual(day(400, 0));
});

test("settling what was never reserved, or twice, changes nothing", async () => {
  const { ledger } = await world();
  await ledger.settle(call("a"), 50, now);
  await ledger.reserve(call("a"), "sampled", 100, 1_000, "me", now);
  await Promise.all([ledger.settle(call("a"), 50, now), ledger.settle(call("a"), 60, now)]);
  const { committedMicroUsd, spentMicroUsd } = (await ledger.day("chat", now))!;
  expect(committedMicroUsd).toBe(spentMicroUsd);
  expect([50, 60]).toContain(spentMicroUsd);
});

/** The books, from the reservations: they must agree with the day. */
async function booksOf(table: Table) {
  const items = await wire.items(table);
  const reservations = items.filter(({ pk }) => String(pk).startsWith("reservation#"));
  const sum = (of: (item: Record<string, unknown>) => number) => reservations.reduce((total, item) => total + of(item), 0);
  return {
    spentMicroUsd: sum(({ state, costMicroUsd }) => (state === "settled" ? (costMicroUsd as number) : 0)),
    committedMicroUsd: sum(({ state, costMicroUsd, boundMicroUsd }) =>
      state === "settled" ? (costMicroUsd as number) : state === "open" ? (boundMicroUsd as number) : 0,
    ),
  };
}

test("however calls interleave, repeat and stop, the spend stays within the budget and the day agrees with its reservations", async () => {
  const step = fc.record({
    id: fc.constantFrom("a", "b", "c", "d", "e"),
    purpose: fc.constantFrom<Purpose[]>("sampled", "anchor", "verification"),
    bound: fc.integer({ min: 1, max: 600 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    settles: fc.boolean(),
    worker: fc.integer({ min: 0, max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), fc.scheduler(), async (steps, scheduler) => {
      const { table } = await world();
      // Three processes, each with a ledger of its own.
      const ledgers = [openLedger(table), openLedger(table), openLedger(table)];
      const made = new Map<string, number>();
      const run = scheduler.scheduleFunction(async ({ id, purpose, bound, share, settles, worker }: (typeof steps)[number]) => {
        const ledger = ledgers[worker]!;
        const { state } = await ledger
          .reserve(call(id), purpose, bound, 1_000, `worker-${worker}`, now)
          .catch(({ name }: Error) => ({ state: name }));
        if (state === "reserved") {
          expect(made.has(id)).toBe(false); // one call for each id
          made.set(id, bound);
        }
        if (settles && (state === "reserved" || state === "reopened")) {
          await ledger.settle(call(id), Math.floor(made.get(id)! * share), now);
        }
        const { committedMicroUsd, spentMicroUsd } = (await ledger.day("chat", now)) ?? day(0, 0);
        expect(spentMicroUsd).toBeLessThanOrEqual(committedMicroUsd);
        expect(committedMicroUsd).toBeLessThanOrEqual(1_000);
      });
      const all = Promise.all(steps.map(run));
      await scheduler.waitFor(all);
      const { committedMicroUsd, spentMicroUsd } = (await ledgers[0]!.day("chat", now)) ?? day(0, 0);
      expect({ committedMicroUsd, spentMicroUsd }).toEqual(await booksOf(table));
    }),
    { numRuns: 40, seed: 20261124 },
  );
}, 60_000);

test("a crash before or after any call gives the same ledger", async () => {
  const work = async (ledger: Ledger, nowMs: number, owner: string) => {
    for (const id of ["a", "b", "a", "c"]) {
      // There is no budget left for "c": that, too, must be remembered.
      const { state } = await ledger.reserve(call(id), "sampled", 450, 1_000, owner, nowMs);
      if (state === "reserved" || state === "reopened") await ledger.settle(call(id), 300, nowMs);
    }
  };
  const undisturbed = await world();
  const { calls } = crashing([undisturbed.table.client as never], Number.POSITIVE_INFINITY, "lost");
  await work(undisturbed.ledger, now, "me");
  expect(await undisturbed.ledger.day("chat", now)).toEqual(day(600, 600));
  for (const how of ["lost", "done"] as const) {
    for (let n = 1; n < calls.length; n++) {
      const { table, ledger } = await world();
      const { restart } = crashing([table.client as never], n, how);
      await expect(work(ledger, now, "me")).rejects.toMatchObject({ name: "Crash" });
      restart();
      const next = openLedger(table);
      await work(next, later, "you");
      expect({ n, how, day: await next.day("chat", now) }).toEqual({ n, how, day: day(600, 600) });
    }
  }
}, 60_000);
