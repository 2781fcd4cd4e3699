import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { judgeLeaseSeconds } from "../../../shared/judging/lease.ts";
import {
  type Budget,
  type Ledger,
  type LedgerStore,
  ledgerOver,
  type Purpose,
  type Reserved,
  sampledBudget,
} from "../../../shared/judging/ledger.ts";
import { memoryStore } from "./memoryLedger.ts";

const at = (time: string) => Date.parse(`2026-03-02T${time}Z`);
const now = at("10:00:00");
const later = now + judgeLeaseSeconds * 1000;
const budget: Budget = { microUsdPerDay: 1_000, reserve: 0.1 };
const call = (id: string) => ({ endpoint: "chat", id, judgeVersion: "v1" });
const world = () => {
  const store = memoryStore();
  return { store, ledger: ledgerOver(store) };
};
const day = (committedMicroUsd: number, spentMicroUsd: number) => ({ committedMicroUsd, spentMicroUsd });

test("a call is reserved at its bound, then charged what it cost", async () => {
  const { ledger } = world();
  expect(await ledger.day("chat", now)).toBeNull();
  expect(await ledger.reserve(call("a"), "sampled", 100, budget, "me", now)).toMatchObject({ state: "reserved" });
  expect(await ledger.day("chat", now)).toMatchObject(day(100, 0));
  await ledger.settle(call("a"), 30, now);
  expect(await ledger.day("chat", now)).toMatchObject(day(30, 30));
});

type Situation = {
  it: string;
  before: (ledger: Ledger) => Promise<unknown>;
  owner: string;
  nowMs: number;
  says: string;
  leaves: object | null;
};
const reserveA = (ledger: Ledger) => ledger.reserve(call("a"), "sampled", 100, budget, "me", now);
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
    before: (ledger) => ledger.reserve(call("a"), "sampled", 901, budget, "me", now),
    owner: "you",
    nowMs: now,
    says: "skipped",
    leaves: null,
  },
])("the same call again, by $it", async ({ before, owner, nowMs, says, leaves }) => {
  const { ledger } = world();
  await before(ledger);
  const said = await ledger.reserve(call("a"), "sampled", 100, budget, owner, nowMs).then(
    ({ state }) => state,
    ({ name }: Error) => name,
  );
  expect(said).toBe(says);
  const left = await ledger.day("chat", now);
  if (leaves === null) expect(left).toBeNull();
  else expect(left).toMatchObject(leaves);
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
  const { ledger } = world();
  const said: string[] = [];
  for (const [i, purpose] of purposes.entries()) {
    said.push((await ledger.reserve(call(String(i)), purpose, 100, budget, "me", now)).state);
  }
  expect(said).toEqual(states);
});

test("what a call did not use is there for the next; what nobody settles is not", async () => {
  const { ledger } = world();
  await ledger.reserve(call("a"), "sampled", 900, budget, "me", now);
  expect(await ledger.reserve(call("b"), "sampled", 900, budget, "me", later)).toEqual({ state: "skipped" });
  await ledger.settle(call("a"), 10, later);
  expect(await ledger.reserve(call("c"), "sampled", 890, budget, "me", later)).toMatchObject({ state: "reserved" });
});

test("each endpoint and each day has a budget of its own", async () => {
  const { ledger } = world();
  for (const [endpoint, nowMs] of [
    ["chat", now],
    ["mail", now],
    ["chat", at("23:59:59")],
    ["chat", now + 86_400_000],
  ] as const) {
    await ledger.reserve({ ...call(String(nowMs)), endpoint }, "sampled", 400, budget, "me", nowMs);
  }
  expect(await ledger.day("chat", now)).toMatchObject(day(800, 0));
  expect(await ledger.day("mail", now)).toMatchObject(day(400, 0));
  expect(await ledger.day("chat", now + 86_400_000)).toMatchObject(day(400, 0));
});

test("settling what was never reserved, or twice, changes nothing", async () => {
  const { ledger } = world();
  await ledger.settle(call("a"), 50, now);
  await ledger.reserve(call("a"), "sampled", 100, budget, "me", now);
  await Promise.all([ledger.settle(call("a"), 50, now), ledger.settle(call("a"), 60, now)]);
  const { committedMicroUsd, spentMicroUsd } = (await ledger.day("chat", now))!;
  expect(committedMicroUsd).toBe(spentMicroUsd);
  expect([50, 60]).toContain(spentMicroUsd);
});

test("an attempt that nobody heard the end of stays charged, and another one needs budget of its own", async () => {
  const { ledger } = world();
  await ledger.reserve(call("a"), "sampled", 400, budget, "me", now);
  expect(await ledger.reserve(call("a"), "sampled", 400, budget, "you", later)).toEqual({ state: "reopened" });
  expect(await ledger.again(call("a"), 400, budget, "you")).toBe("reserved");
  await ledger.settle(call("a"), 50, later);
  expect(await ledger.day("chat", now)).toMatchObject(day(450, 50));

  await ledger.reserve(call("b"), "sampled", 440, budget, "me", now);
  await ledger.reserve(call("b"), "sampled", 440, budget, "you", later);
  expect(await ledger.again(call("b"), 440, budget, "you")).toBe("skipped");
  expect(await ledger.reserve(call("b"), "sampled", 440, budget, "me", later)).toEqual({ state: "skipped" });
  expect(await ledger.day("chat", now)).toMatchObject(day(890, 50));
});

test("who was overtaken reserves nothing again, and takes nothing back", async () => {
  const { ledger } = world();
  await ledger.reserve(call("a"), "sampled", 100, budget, "me", now);
  await ledger.reserve(call("a"), "sampled", 100, budget, "you", later);
  await expect(ledger.again(call("a"), 100, budget, "me")).rejects.toMatchObject({ name: "JudgedElsewhere" });
  await ledger.release(call("a"), "me");
  expect(await ledger.day("chat", now)).toMatchObject(day(100, 0));
  await ledger.release(call("a"), "you");
  expect(await ledger.day("chat", now)).toMatchObject(day(0, 0));
  expect(await ledger.reserve(call("a"), "sampled", 100, budget, "me", later)).toMatchObject({ state: "reserved" });
});

test.each([
  { reserve: 0, sampled: 1_000 },
  { reserve: 0.1, sampled: 900 },
  { reserve: 0.5, sampled: 500 },
])("with a reserve of $reserve sampling may spend $sampled of 1000", ({ reserve, sampled }) => {
  expect(sampledBudget({ microUsdPerDay: 1_000, reserve })).toBe(sampled);
});

class Crash extends Error {
  override readonly name = "Crash";
}

/** One delivery of a message: which call, at which lease's end, and whether the judge takes it. */
const attempt = fc.record({
  id: fc.constantFrom("a", "b", "c"),
  purpose: fc.constantFrom<Purpose[]>("sampled", "anchor", "verification"),
  leases: fc.integer({ min: 0, max: 5 }),
  /** Of its bound. */
  cost: fc.constantFrom(1, 1, 0.6, 0),
  isTaken: fc.constantFrom(true, true, true, false),
  /** After so many steps its process dies; `Infinity`: it lives. */
  dies: fc.constantFrom(0, 1, 1, 2, 2, 3, 4, 5, 6, 7, ...Array<number>(8).fill(Number.POSITIVE_INFINITY)),
  heard: fc.boolean(),
});
const bounds: Record<string, number> = { a: 120, b: 200, c: 310 };

test("however attempts interleave, repeat, overtake one another and die, what was paid stays within the budget", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { minLength: 5, maxLength: 12 }), fc.scheduler(), async (attempts, scheduler) => {
      const store = memoryStore();
      const judgements = new Map<string, number>();
      let paid = 0;
      const deliver = async ({ id, purpose, leases, cost, isTaken, dies, heard }: (typeof attempts)[number], n: number) => {
        let steps = 0;
        /** A step out of the process: others come before it, and the process may die before or after it. */
        const step = async <T>(work: () => Promise<T> | T): Promise<T> => {
          await scheduler.schedule(Promise.resolve());
          const isLast = steps++ >= dies;
          if (isLast && !heard) throw new Crash();
          const result = await work();
          const { committedMicroUsd, spentMicroUsd } = (await store.readDay("chat", "2026-03-02")) ?? day(0, 0);
          expect(committedMicroUsd).toBeLessThanOrEqual(1_000);
          expect(spentMicroUsd).toBeLessThanOrEqual(committedMicroUsd);
          expect(paid).toBeLessThanOrEqual(committedMicroUsd);
          if (isLast) throw new Crash();
          return result;
        };
        const ledger = ledgerOver(stepping(store, step));
        const [owner, nowMs, bound] = [`attempt-${n}`, now + leases * judgeLeaseSeconds * 1000, bounds[id]!];
        const ask = async (held?: Reserved) => {
          if (!isTaken) return ledger.release(call(id), owner);
          await step(() => {
            paid += Math.floor(cost * bound);
          });
          await step(() => void judgements.set(id, judgements.get(id) ?? Math.floor(cost * bound)));
          await ledger.settle(call(id), judgements.get(id)!, nowMs, held);
        };
        const reservation = await ledger.reserve(call(id), purpose, bound, budget, owner, nowMs);
        if (reservation.state === "reserved") return ask(reservation.held);
        if (reservation.state !== "reopened") return;
        if (await step(() => judgements.has(id))) return ledger.settle(call(id), judgements.get(id)!, nowMs);
        if ((await ledger.again(call(id), bound, budget, owner)) === "reserved") await ask();
      };
      const isExpected = ({ name }: Error) => expect(["Crash", "JudgedElsewhere"]).toContain(name);
      await scheduler.waitFor(Promise.all(attempts.map((each, n) => deliver(each, n).catch(isExpected))));

      const left = (await store.readDay("chat", "2026-03-02")) ?? day(0, 0);
      const settled = [...store.reservations.values()].filter(({ state }) => state === "settled");
      expect(left.spentMicroUsd).toBe(settled.reduce((sum, { costMicroUsd }) => sum + costMicroUsd!, 0));
      expect(paid).toBeLessThanOrEqual(left.committedMicroUsd);
      // What nobody lost and nobody holds is exact.
      const isQuiet = [...store.reservations.values()].every(({ state, lostMicroUsd }) => state !== "open" && lostMicroUsd === 0);
      if (isQuiet && attempts.every(({ dies }) => dies === Number.POSITIVE_INFINITY)) expect(left.committedMicroUsd).toBe(paid);
    }),
    { numRuns: 300, seed: 20261124 },
  );
});

/** The store, where each operation is a step of a process. */
function stepping(store: LedgerStore, step: <T>(work: () => Promise<T>) => Promise<T>): LedgerStore {
  return {
    read: (...args) => step(() => store.read(...args)),
    open: (...args) => step(() => store.open(...args)),
    skip: (...args) => step(() => store.skip(...args)),
    takeOver: (...args) => step(() => store.takeOver(...args)),
    openAgain: (...args) => step(() => store.openAgain(...args)),
    giveUp: (...args) => step(() => store.giveUp(...args)),
    remove: (...args) => step(() => store.remove(...args)),
    settle: (...args) => step(() => store.settle(...args)),
    readDay: (...args) => step(() => store.readDay(...args)),
  };
}
