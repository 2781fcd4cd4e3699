import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { drawReading, drawWindow } from "../../../bench/traffic.ts";
import { conclude } from "../../../shared/monitoring/conclude.ts";
import { foldAnchors, foldWindow, startMonitor } from "../../../shared/monitoring/monitor.ts";
import {
  changesToConclude,
  explainsAnswers,
  type ServedPeriod,
  strainOf,
  strainPeriodMs,
  strainText,
} from "../../../shared/monitoring/strain.ts";
import { iso, windowMs } from "../../../shared/monitoring/windows.ts";
import { endpoint, freeze, graded, settings, sound, soundDays, startMs } from "./played.ts";

const limits = { p90OverMs: 4_000, errorsOver: 0.05 };
const periods = (letters: string): ServedPeriod[] =>
  [...letters].map((letter, i) => ({
    atMs: startMs + i * strainPeriodMs,
    p90Ms: letter === "?" ? null : letter === "s" ? 6_000 : 1_200,
    requests: 100,
    errors: letter === "f" ? 6 : 5,
  }));

test.each([
  { it: "slow all the time", played: "ssssssss", explains: true },
  { it: "failing all the time", played: "ffffffff", explains: true },
  { it: "slow for most of the time and still", played: "..sssssss", explains: true },
  { it: "slow for less than half an hour", played: "sssss", explains: false },
  { it: "slow at first, and fast again", played: "ssssssss......", explains: false },
  { it: "slow only now", played: "...........sssssss", explains: false },
  { it: "at the limits", played: "........", explains: false },
  { it: "of unknown latency", played: "????????", explains: false },
])("answers of a variant that is $it: few instances explain them: $explains", ({ played, explains }) => {
  expect(explainsAnswers(strainOf({ limits, periods: { candidate: periods(played) } }, "candidate", startMs))).toBe(explains);
});

test("counts from the change on, and nothing where nobody measured", () => {
  const served = { limits, periods: { candidate: periods("ssss....") } };
  expect(strainOf(served, "candidate", startMs + 4 * strainPeriodMs)).toMatchObject({ periods: 4, slow: 0, lasts: false });
  expect(strainOf(served, "candidate", startMs + 8 * strainPeriodMs)).toBeNull();
  expect(strainOf(served, "constructor", startMs)).toBeNull();
  expect(strainText(strainOf(served, "candidate", startMs)!)).toBe("its p90 latency was over 4000 ms in 20 of 40 minutes since");
  expect(strainText(strainOf({ limits, periods: { a: periods("ff") } }, "a", startMs)!)).toBe(
    "over 5.0 % of its requests failed in 10 of 10 minutes since",
  );
});

/** The monitor after two hours in which the candidate answers worse, with its anchors read: its alarm can be concluded. */
function worseForTwoHours() {
  const baseline = freeze(soundDays(3, 0.06));
  const chance = chanceFrom(3);
  let state = startMonitor(endpoint, baseline);
  for (let n = 0; n < 8; n++) {
    const records = settings.variants.map((variant) =>
      drawWindow(
        chance,
        { startMs: startMs + n * windowMs, endpoint, variant },
        { requestsPerHour: 200, pi: 0.2, segments: variant === "candidate" ? graded(sound, -0.5) : sound },
      ),
    );
    state = foldWindow(state, { window: iso(startMs + n * windowMs), records, late: [] }, baseline, settings).state;
  }
  expect(changesToConclude(startMonitor(endpoint, baseline), settings)).toEqual(new Map());
  expect([...changesToConclude(state, settings).keys()]).toEqual(["candidate"]);
  const nowMs = startMs + 8 * windowMs;
  state = foldAnchors(state, drawReading(chance, nowMs, 0), baseline, settings).state;
  return { state, baseline, nowMs };
}
const servedAs = (played: string) => ({ limits, periods: { candidate: periods(played) } });

test.each([
  { it: "was slow all the while", played: "s".repeat(24), cause: "capacity" },
  { it: "was as fast as ever", played: ".".repeat(24), cause: "model" },
])("quality that fell of a variant that $it has the cause $cause", ({ played, cause }) => {
  const { state, baseline, nowMs } = worseForTwoHours();
  const { findings } = conclude(state, baseline, settings, nowMs, servedAs(played));
  expect(findings).toMatchObject([{ cause, variant: "candidate", signal: "quality", refLow: expect.any(Number) }]);
  expect(findings[0]!.serving === undefined).toBe(cause === "model");
});

test.each([
  { it: "was slow for less than an hour", seen: "s".repeat(9) + ".".repeat(15), cause: "model" },
  { it: "was slow for an hour", seen: "s".repeat(12) + ".".repeat(12), cause: "capacity" },
  { it: "was slow until less than half an hour ago", seen: "s".repeat(9) + ".".repeat(5), cause: "capacity" },
  { it: "is still slow", seen: "s".repeat(11), cause: "capacity" },
])("what was put down to capacity has the cause $cause where the variant, seen later, $it", ({ seen, cause }) => {
  const { state, baseline, nowMs } = worseForTwoHours();
  const first = conclude(state, baseline, settings, nowMs, servedAs("s".repeat(9)));
  expect(first.findings).toMatchObject([{ cause: "capacity" }]);
  expect([...changesToConclude(first.state, settings).keys()]).toEqual(["candidate"]);
  const { id } = first.findings[0]!;
  const second = conclude(first.state, baseline, settings, nowMs + windowMs, servedAs(seen));
  expect(second.state.findings).toMatchObject([{ finding: { id, cause, status: "open" } }]);
  expect(second.findings).toMatchObject(cause === "model" ? [{ id, cause }] : []);
  expect(second.state.findings[0]!.finding.serving === undefined).toBe(cause === "model");
  // Of a model nobody asks again.
  expect(changesToConclude(second.state, settings).size).toBe(cause === "model" ? 0 : 1);
});
