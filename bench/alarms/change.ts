import { dayMs } from "../../shared/monitoring/rules.ts";
import { windowMs } from "../../shared/monitoring/windows.ts";
import { type Chance, chanceFrom } from "../chance.ts";
import {
  baselinePi,
  foldNext,
  frozenMonitor,
  judgedPerWindow,
  type Monitored,
  sound,
  startMs,
  variants,
  type World,
  windowsPerDay,
} from "./fleet.ts";
import { referenceOf } from "./month.ts";
import { type Reference, type RivalName, rivalNames, rivals } from "./rivals.ts";

const changes = {
  drop20: () => 0.2,
  drop10: () => 0.1,
  drop05: () => 0.05,
  slide: (sinceMs) => Math.min(0.05, (0.05 * sinceMs) / (7 * dayMs)),
} satisfies Record<string, (sinceMs: number) => number>;
export type ChangeName = keyof typeof changes;
export const changeNames = Object.keys(changes) as ChangeName[];
export type ChangeJob = { seed: number; z: number };
/** Judged answers of the changed variant from the change until each was in alarm. */
export type Delays = Record<RivalName | "assay", number>;

/** A sound day and a half, so that no detector is young; then one variant gets worse, at once or over a week. */
const changeMs = startMs + dayMs + 13 * 3_600_000;
const atMost = 30 * windowsPerDay;
/** What counts for who has not found it when the run ends: the judged answers of 30 days, a lower bound. */
const notFound = atMost * judgedPerWindow;
const [candidate] = variants.slice(1);
const watchers: readonly (keyof Delays)[] = ["assay", ...rivalNames];

/** Every change, each after the same baseline. */
export function play({ seed, z }: ChangeJob): Record<ChangeName, Delays> {
  const chance = chanceFrom(seed);
  const frozen = frozenMonitor(chance, () => sound, baselinePi.thin);
  const { mu0, sums } = frozen.baseline.criteria.quality!; // 2,000 were judged
  const reference = referenceOf(mu0, sums.moments.plain.a, chance);
  const delays = changeNames.map((change, k) => [
    change,
    delaysOf(change, frozen, reference, z, chanceFrom(seed + 7_919 * (k + 1))),
  ]);
  return Object.fromEntries(delays) as Record<ChangeName, Delays>; // of every change
}

function delaysOf(change: ChangeName, frozen: Monitored, reference: Reference, z: number, chance: Chance): Delays {
  const world: World = (atMs, variant) =>
    variant !== candidate || atMs < changeMs ? sound : { ...sound, mean: sound.mean - changes[change](atMs - changeMs) };
  let monitored = frozen;
  const watching = rivals(reference, z);
  const found = new Map<keyof Delays, number>();
  let judged = 0;
  const changedWindow = (changeMs - startMs) / windowMs;
  for (let window = 0; window < changedWindow + atMost; window++) {
    const folded = foldNext(monitored, chance, startMs + window * windowMs, world);
    monitored = folded.monitored;
    const grades = folded.records.find(({ variant }) => variant === candidate)!.rows.map(({ y }) => y.quality!);
    const inAlarm = new Set<keyof Delays>(rivalNames.filter((rival) => watching[rival].look(grades, window)));
    if (window < changedWindow) continue;
    judged += grades.length;
    if (monitored.state.rules[`judged/${candidate}/quality`]?.rule.alarmedAt != null) inAlarm.add("assay");
    for (const name of inAlarm) if (!found.has(name)) found.set(name, judged);
    const sinceDays = (window - changedWindow) / windowsPerDay;
    if (found.size === watchers.length || (sinceDays > 3 && found.has("assay") && found.has("tunedZ"))) break;
  }
  return Object.fromEntries(watchers.map((name) => [name, found.get(name) ?? notFound])) as Delays; // of every watcher
}
