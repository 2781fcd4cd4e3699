import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { drawWindow } from "../../../bench/traffic.ts";
import { changeSince } from "../../../shared/monitoring/judgedRule.ts";
import { foldWindow, startMonitor } from "../../../shared/monitoring/monitor.ts";
import { thresholds } from "../../../shared/monitoring/rules.ts";
import { iso, windowMs } from "../../../shared/monitoring/windows.ts";
import { addEvidence } from "../../../shared/statistics/gradeEvidence.ts";
import { endpoint, freeze, graded, settings, sound, soundDays, startMs } from "./played.ts";

const daily = { ...settings, fold: "day" as const };
const baseline = freeze(soundDays(3, 0.06));

test("with daily folds the budget counts days", () => {
  expect(Math.exp(thresholds(daily).judged.lnA) * 96).toBeCloseTo(Math.exp(thresholds(settings).judged.lnA), 6);
  expect(thresholds(daily).shares).toEqual(thresholds(settings).shares);
});

test("a day counts once it is over, as the sum of its windows, and dates a change to the day", () => {
  const chance = chanceFrom(2);
  let [byDay, byWindow] = [startMonitor(endpoint, baseline), startMonitor(endpoint, baseline)];
  const alarms: string[] = [];
  for (let n = 0; n < 3 * 96 + 1; n++) {
    const atMs = startMs + n * windowMs;
    const records = settings.variants.map((variant) =>
      drawWindow(
        chance,
        { startMs: atMs, endpoint, variant },
        { requestsPerHour: 200, pi: 0.2, segments: variant === "candidate" && n >= 96 ? graded(sound, -0.2) : sound },
      ),
    );
    const fold = { window: iso(atMs), records, late: [] };
    const folded = foldWindow(byDay, fold, baseline, daily);
    byDay = folded.state;
    alarms.push(...folded.alarms.map(({ at }) => at));
    byWindow = foldWindow(byWindow, fold, baseline, settings).state;
    const own = byDay.rules["judged/candidate/quality"]!;
    if (own.kind !== "judged") throw new Error("it is judged");
    if (n === 95) {
      const other = byWindow.rules["judged/candidate/quality"]!;
      expect(own.rule.lnR).toBeNull();
      // From nothing, the first fold's R is its evidence.
      expect(own.openDay!.evidence.records).toBeGreaterThan(700);
      expect(other.rule.lnR).not.toBeNull();
    }
    if (n === 96) expect(own.rule.lnR).not.toBeNull();
  }
  expect(alarms).toEqual(["2026-11-04T00:00:00Z"]);
  const rule = byDay.rules["judged/candidate/quality"]!;
  const change = rule.kind === "judged" ? changeSince(rule)! : null;
  expect(iso(change!.fold * windowMs)).toBe("2026-11-03T00:00:00Z");
  const judged = change!.bins.reduce((sum, { moments }) => sum + moments.plain.a, 0);
  expect(judged).toBeGreaterThan(1_000); // of both days since
  expect(addEvidence({ lnE: [1], records: 1 }, { lnE: [2], records: 2 })).toEqual({ lnE: [3], records: 3 });
});
