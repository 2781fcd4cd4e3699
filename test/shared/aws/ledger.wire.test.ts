import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { openLedger } from "../../../shared/aws/ledger.ts";
import { judgeLeaseSeconds } from "../../../shared/judging/lease.ts";
import { type Ledger, ledgerOver, type Purpose } from "../../../shared/judging/ledger.ts";
import { crashing, startWire, type Wire } from "../../functions/wire.ts";
import { memoryStore } from "../judging/memoryLedger.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const at = (time: string) => Date.parse(`2026-03-02T${time}Z`);
const now = at("10:00:00");
const later = now + judgeLeaseSeconds * 1000;
const budget = { microUsdPerDay: 1_000, reserve: 0.1 };
const call = (id: string) => ({ endpoint: "chat", id, judgeVersion: "v1" });
const world = async () => {
  const { table } = await wire.fresh();
  return { table, ledger: openLedger(table) };
};
const day = (committedMicroUsd: number, spentMicroUsd: number) => ({
  committedMicroUsd,
  sampledMicroUsd: committedMicroUsd,
  spentMicroUsd,
  budgetMicroUsd: 1_000,
});

/** What can be done to a call, and by whom, at which lease's end. */
const operation = fc.record({
  does: fc.constantFrom("reserve", "reserve", "again", "release", "settle"),
  id: fc.constantFrom("a", "b", "c"),
  owner: fc.constantFrom("me", "you"),
  purpose: fc.constantFrom<Purpose[]>("sampled", "anchor"),
  bound: fc.integer({ min: 1, max: 600 }),
  leases: fc.integer({ min: 0, max: 2 }),
});

test("in DynamoDB every operation does what it does in memory, where they are proven", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 14 }), async (operations) => {
      const { ledger } = await world();
      const proven = ledgerOver(memoryStore());
      for (const { does, id, owner, purpose, bound, leases } of operations) {
        const nowMs = now + leases * judgeLeaseSeconds * 1000;
        const by: Record<string, (of: Ledger) => Promise<unknown>> = {
          reserve: (of) => of.reserve(call(id), purpose, bound, budget, owner, nowMs),
          again: (of) => of.again(call(id), bound, budget, owner),
          release: (of) => of.release(call(id), owner),
          settle: (of) => of.settle(call(id), Math.floor(bound / 2), nowMs),
        };
        const [said, expected] = await Promise.all(
          [ledger, proven].map((of) => by[does]!(of).catch(({ name, message }: Error) => ({ name, message }))),
        );
        expect(said).toEqual(expected);
        expect(await ledger.day("chat", now)).toEqual(await proven.day("chat", now));
      }
    }),
    { numRuns: 25, seed: 20261124 },
  );
});

test("processes that write to one day at once exceed its budget as little as one alone", async () => {
  const { table } = await world();
  const reserve = (i: number) =>
    openLedger(table)
      .reserve(call(`e${i}`), "sampled", 100, budget, `process-${i}`, now)
      .catch(({ name }: Error) => ({ state: name }));
  const said = await Promise.all(Array.from({ length: 12 }, (_, i) => reserve(i)));
  expect(said.filter(({ state }) => state === "reserved")).toHaveLength(9);
  expect(await openLedger(table).day("chat", now)).toEqual(day(900, 0));
});

test("a crash before or after any call gives the same ledger", async () => {
  const work = async (ledger: Ledger, nowMs: number, owner: string) => {
    for (const id of ["a", "b", "a", "c"]) {
      // There is no budget left for "c": that, too, must be remembered.
      const { state } = await ledger.reserve(call(id), "sampled", 450, budget, owner, nowMs);
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
});
