import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { drawWindow } from "../../../bench/traffic.ts";
import { foldSound } from "../../../shared/monitoring/foldSound.ts";
import { foldWindow, startMonitor } from "../../../shared/monitoring/monitor.ts";
import type { WindowRecord } from "../../../shared/monitoring/windowRecord.ts";
import { iso } from "../../../shared/monitoring/windows.ts";
import { endpoint, freeze, settings, sound, soundDays, startMs } from "./played.ts";

const baseline = freeze(soundDays(5));
const state = startMonitor(endpoint, baseline);
const recordOf = (variant: string): WindowRecord =>
  drawWindow(chanceFrom(1), { startMs, endpoint, variant }, { requestsPerHour: 200, pi: 0.2, segments: sound });
const [stable, candidate] = [recordOf("stable"), recordOf("candidate")];
/** Grades over 1, which no judge gives. */
const broken = (record: WindowRecord) => ({ ...record, rows: record.rows.map((row) => ({ ...row, y: { quality: 2 } })) });
const fold = (...records: WindowRecord[]) => ({ window: iso(startMs), records, late: [] });

test.each([
  { it: "sound variants", records: [candidate, stable], kept: [candidate, stable], failed: [] },
  { it: "one that is impossible", records: [broken(candidate), stable], kept: [stable], failed: ["candidate"] },
  { it: "none that is possible", records: [broken(candidate), broken(stable)], kept: [], failed: ["candidate", "stable"] },
])("a window of $it folds what is sound, as if it were alone", ({ records, kept, failed }) => {
  expect(foldSound(state, fold(...records), baseline, settings)).toEqual({
    state: foldWindow(state, fold(...kept), baseline, settings).state,
    failed,
  });
});
