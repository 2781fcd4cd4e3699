import { conclude } from "../../shared/monitoring/conclude.ts";
import type { Cause } from "../../shared/monitoring/finding.ts";
import { freezeBaseline } from "../../shared/monitoring/freezeBaseline.ts";
import { anchorsDue, foldAnchors, foldWindow, startMonitor } from "../../shared/monitoring/monitor.ts";
import { dayMs } from "../../shared/monitoring/rules.ts";
import { iso, windowMs } from "../../shared/monitoring/windows.ts";
import { chanceFrom } from "../chance.ts";
import { watchedFleet } from "../watched.ts";
import { anchorsOf, drawOutputs, endpoint, outputsOf, readingBy, variant } from "./traffic.ts";

/** Who answers and who judges. */
export type Scene = { model: string; judge: string };
export type SwapJob = { folder: string; seed: number; before: Scene; after: Scene };
export type Swap = {
  /** Findings of the sound days before the swap. */
  falseAlarms: number;
  /** The causes that were found afterwards, in order, as they were in the end. */
  causes: Cause[];
  /** Judged answers from the swap until the first of them was opened; `null`: nothing was. */
  judged: number | null;
};

const [baselineDays, soundDays, swappedDays] = [4, 3, 14];
const startMs = Date.parse("2026-03-02T00:00:00Z");
const swapMs = startMs + soundDays * dayMs + 12 * 3_600_000;
const settings = watchedFleet(endpoint, [variant]);

/**
 * Real outputs with real verdicts, drawn with replacement: days on which nothing changes, then from one noon on another model, or another
 * judge; the monitor reads the anchors whenever the drift workflow would. It stops at the first finding that is decided.
 */
export function play({ folder, seed, before, after }: SwapJob): Swap {
  const chance = chanceFrom(seed);
  const [sound, swapped] = [outputsOf(folder, before.model), outputsOf(folder, after.model)];
  const [soundOutputs, swappedOutputs] = [[...sound.values()], [...swapped.values()]];
  const windows = (days: number) => Array.from({ length: (days * dayMs) / windowMs }, (_, n) => n * windowMs);
  const records = windows(baselineDays).map((ms) =>
    drawOutputs(chance, startMs - baselineDays * dayMs + ms, soundOutputs, before.judge),
  );
  const anchors = anchorsOf(records, sound);
  const source = { endpoint: endpoint, madeFrom: "real outputs", judgeVersion: null, system: null, records, anchors };
  const baseline = freezeBaseline(source, settings, iso(startMs));

  let state = startMonitor(endpoint, baseline);
  const found: Swap = { falseAlarms: 0, causes: [], judged: null };
  const known = new Map<string, Cause>();
  let judged = 0;
  for (const ms of windows(soundDays + swappedDays)) {
    const atMs = startMs + ms;
    const endMs = atMs + windowMs;
    const isSwapped = atMs >= swapMs;
    const scene = isSwapped ? after : before;
    const record = drawOutputs(chance, atMs, isSwapped ? swappedOutputs : soundOutputs, scene.judge);
    if (isSwapped) judged += record.rows.length;
    state = foldWindow(state, { window: iso(atMs), records: [record], late: [] }, baseline, settings).state;
    if (anchorsDue(state, baseline, endMs))
      state = foldAnchors(state, readingBy(scene.judge, anchors, sound, endMs), baseline, settings).state;
    const concluded = conclude(state, baseline, settings, endMs);
    state = concluded.state;
    for (const { id, cause } of concluded.findings) known.set(id, cause);
    if (!isSwapped) found.falseAlarms = known.size;
    else if (found.judged === null && known.size > found.falseAlarms) found.judged = judged;
    if (isSwapped && [...known.values()].slice(found.falseAlarms).some((cause) => cause !== "undecided")) break;
  }
  return { ...found, causes: [...known.values()].slice(found.falseAlarms) };
}
