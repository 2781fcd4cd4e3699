import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { admission, begun, ended, firstPace, type Pace } from "../../../shared/judging/pace.ts";
import { waitLonger } from "../../../shared/judging/waiting.ts";

type Took = Parameters<typeof ended>[1];
/** One call after the other, a second apart, as far as the pace admits them. */
function asked(pace: Pace, startMs: number, calls: readonly Took[]): { pace: Pace; nowMs: number } {
  let nowMs = startMs;
  for (const took of calls) {
    if (admission(pace, nowMs) !== "now") break;
    pace = ended(begun(pace), took, nowMs, nowMs + 500);
    nowMs += 1_000;
  }
  return { pace, nowMs };
}
const times = (n: number, took: Took): Took[] => Array.from({ length: n }, () => took);

test.each([
  { it: "begins with five calls at once", calls: [], limit: 5 },
  { it: "asks more of who answers", calls: times(11, "taken"), limit: 7 },
  { it: "never more than a function has messages", calls: times(500, "taken"), limit: 10 },
  { it: "halves where it is refused", calls: [...times(500, "taken"), "refused"] as Took[], limit: 5 },
  {
    it: "keeps one call, whatever happens",
    calls: [...times(3, "refused"), "taken", ...times(3, "refused")] as Took[],
    limit: 1,
  },
  { it: "learns nothing from what was not asked", calls: times(50, "unasked"), limit: 5 },
])("the pace $it", ({ calls, limit }) => expect(Math.floor(asked(firstPace, 0, calls).pace.limit)).toBe(limit));

test("refusals of calls that began together lower the limit once", () => {
  let pace = firstPace;
  for (let n = 0; n < 4; n++) pace = begun(pace);
  for (let n = 0; n < 4; n++) pace = ended(pace, "refused", 0, 100 + n);
  expect([pace.limit, pace.inFlight]).toEqual([2.5, 0]);
});

test("a judge that takes nothing is left alone, tried with one call, and left alone for longer", () => {
  let { pace, nowMs } = asked(firstPace, 0, times(9, "refused"));
  expect(nowMs).toBe(5_000); // five calls were made, and no more
  const pauses: number[] = [];
  for (let n = 0; n < 6; n++) {
    const until = pace.pausedUntilMs!;
    expect([admission(pace, until - 1), admission(pace, until)]).toEqual(["paused", "now"]);
    expect(admission(begun(pace), until)).toBe("full");
    pauses.push(until - nowMs + 500);
    pace = ended(begun(pace), "refused", until, until + 500);
    nowMs = until + 1_000;
  }
  expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
  const back = ended(begun(pace), "taken", pace.pausedUntilMs!, pace.pausedUntilMs! + 500);
  expect(back).toMatchObject({ pausedUntilMs: null, pauses: 0, failures: 0, limit: 2 });
});

test("an hour's outage costs a dozen calls or so", () => {
  let pace = firstPace;
  let calls = 0;
  for (let nowMs = 0; nowMs < 3_600_000; nowMs += 1_000) {
    if (admission(pace, nowMs) !== "now") continue;
    calls++;
    pace = ended(begun(pace), "refused", nowMs, nowMs);
  }
  expect(calls).toBeGreaterThan(10);
  expect(calls).toBeLessThan(25);
});

test("whatever happens, calls are counted and one at least is let through in the end", () => {
  const step = fc.record({
    took: fc.constantFrom<Took>("taken", "refused", "unasked"),
    ms: fc.integer({ min: 0, max: 400_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let [pace, nowMs] = [firstPace, 0];
      for (const { took, ms } of steps) {
        if (admission(pace, nowMs) === "now") pace = ended(begun(pace), took, nowMs, nowMs + 1);
        nowMs += ms;
        expect(pace.inFlight).toBe(0);
        expect(pace.limit >= 1 && pace.limit <= 10).toBe(true);
      }
      expect(admission(pace, nowMs + 300_001)).toBe("now");
    }),
    { numRuns: 50, seed: 20261124 },
  );
});

test("a task waits twice as long each time, spread by its id, and four days at most", () => {
  const delays: number[] = [];
  let waiting: Parameters<typeof waitLonger>[1];
  let ms = Date.parse("2026-03-02T10:00:00Z");
  const startMs = ms;
  for (let longer = waitLonger("event-1", undefined, { iso: "2026-03-02T10:00:00Z", ms }); longer; ) {
    delays.push(longer.delaySeconds);
    waiting = longer.waiting;
    ms += longer.delaySeconds * 1_000;
    longer = waitLonger("event-1", waiting, { iso: "later", ms });
  }
  expect(
    delays.slice(0, 8).every((seconds, n) => seconds <= Math.min(900, 15 * 2 ** n) && seconds >= Math.min(900, 15 * 2 ** n) / 2),
  ).toBe(true);
  expect(delays.every((seconds) => seconds <= 900)).toBe(true);
  expect(waiting).toEqual({ since: "2026-03-02T10:00:00Z", times: delays.length });
  expect(ms - startMs).toBeGreaterThanOrEqual(4 * 86_400_000);
  expect(ms - startMs).toBeLessThan(4 * 86_400_000 + 900_000);
  const first = (id: string) =>
    waitLonger(id, { since: "2026-03-02T10:00:00Z", times: 9 }, { iso: "", ms: startMs })!.delaySeconds;
  expect(new Set(["a", "b", "c", "d"].map(first)).size).toBeGreaterThan(2);
});
