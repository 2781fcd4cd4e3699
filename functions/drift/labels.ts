import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { putEstimates } from "../../shared/aws/estimates.ts";
import { findAnswers, type LabelObject, newLabelObjects, readAll, readLast } from "../../shared/aws/labels.ts";
import { putMetrics } from "../../shared/aws/metrics.ts";
import { exists, keysUnder, putJson, readJson, readText } from "../../shared/aws/results.ts";
import { settingsOf } from "../../shared/config/assay.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import { type HumanGrades, judgeQuality, labelledAnswers } from "../../shared/labels/humanGrades.ts";
import { type DayImpact, impactOf, type Unasked } from "../../shared/labels/impact.ts";
import type { Label, Said } from "../../shared/labels/label.ts";
import {
  folderOf,
  gradesOf,
  impactKey,
  judgeQualitiesOf,
  labelledEstimatesOf,
  queueName,
  queuesOf,
  takenOf,
  unaskedOf,
} from "../../shared/labels/labelKeys.ts";
import { labelDatums } from "../../shared/labels/metrics.ts";
import { type Fault, parseLabels } from "../../shared/labels/parseLabels.ts";
import type { LabelQueue, QueuedAnswer } from "../../shared/labels/queue.ts";
import type { HourCoverage } from "../../shared/monitoring/coverage.ts";
import { estimatesOf, mergeGroups, type Span, type StoredEstimates } from "../../shared/monitoring/estimates.ts";
import { coverageKey, estimatesKey } from "../../shared/monitoring/resultKeys.ts";
import { hourOf, iso, windowMs } from "../../shared/monitoring/windows.ts";
import { enoughLabels } from "../../shared/statistics/labels.ts";
import type { DriftDeps } from "./watch.ts";

export type LabelDeps = DriftDeps & { cloudwatch: CloudWatchClient };

/** Objects of labels that were taken in now, and lines of them that are no labels. */
export type TakenLabels = { objects: number; faults: number };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** What a run does not reach, the next one does. */
const objectsPerRun = 100;
/** Hours whose scored answers are read to find those that are spoken of: a day of a busy endpoint is a million lines. */
const hoursPerRun = 48;
/** Some hundred answers with their texts are one or two megabytes. */
const largestBytes = 16 * 1024 * 1024;
/** An answer is in the books when its capture was read: SageMaker writes within minutes, a queue may hold it for an hour. */
const inBooksAfterMs = 2 * hourMs;

const tooWide = `its answers were given in more than ${hoursPerRun - 2} different hours, and are not looked for: give each day a file of its own`;

/** What was said about answers that somebody was asked about, or of a day's answers, as one object of labels has it. */
type Part<T> = { droppedMs: number; said: T[] };

/**
 * Takes in the labels that were dropped: joins them with the answers, measures the judge by those that were asked for, corrects the
 * estimates of their days, and counts the others as user impact. An object counts as taken once all that follows from it is written,
 * so a crash anywhere is made up for by the next run; whatever is written twice is the same.
 * @throws what AWS says; the next tick goes on
 */
export async function takeLabels(endpoint: string, deps: LabelDeps): Promise<TakenLabels> {
  const fresh = (await newLabelObjects(deps, endpoint)).slice(0, objectsPerRun);
  const taken: { object: LabelObject; faults: Fault[]; unknown: number; blank: number }[] = [];
  const touched = { queues: new Map<string, LabelQueue>(), dates: new Set<string>() };
  const queues = fresh.length === 0 ? [] : await readAll<LabelQueue>(deps, queuesOf(endpoint));
  let hours = 0;
  for (const object of fresh) {
    const read = await readObject(object, endpoint, deps);
    if (read.labels.some(({ time }) => isToCome(time, deps.nowMs()))) continue; // its answers are not in the books yet
    const sorted = sortOut(read.labels, queues);
    const looked = hoursToLookIn(sorted.others);
    const isTooWide = looked.length > hoursPerRun;
    const faults = isTooWide ? [...read.faults, { line: 0, message: tooWide }] : read.faults;
    if (!isTooWide && hours + looked.length > hoursPerRun) break;
    if (!isTooWide) hours += looked.length;
    const found = await find(endpoint, sorted.others, isTooWide ? [] : looked, deps);
    await writeParts(endpoint, object, sorted.asked, found, sorted.others, touched, deps);
    const unknown = sorted.others.filter(({ id }) => !found.has(id)).length;
    taken.push({ object, faults, unknown, blank: read.blank });
  }
  for (const queue of touched.queues.values()) await correct(queue, deps);
  for (const date of touched.dates) await countImpact(endpoint, date, deps);
  for (const { object, ...result } of taken) {
    const { id, key } = object;
    await putJson(deps.s3, deps.resultsBucket, `${takenOf(endpoint)}${id}.json`, { key, ...result });
  }
  await publishLabels(endpoint, deps);
  return { objects: taken.length, faults: taken.reduce((sum, { faults }) => sum + faults.length, 0) };
}

async function readObject({ key, size }: LabelObject, endpoint: string, { s3, resultsBucket }: LabelDeps) {
  if (size > largestBytes) {
    const faults = [{ line: 0, message: `has ${size} bytes and may have ${largestBytes}: split it` }];
    return { labels: [], blank: 0, faults };
  }
  const { labels, ...rest } = parseLabels(await readText(s3, resultsBucket, key));
  const isOwn = folderOf(key) !== null;
  return { ...rest, labels: labels.filter((label) => label.endpoint === endpoint || (isOwn && label.endpoint === null)) };
}

/** A time that is later than now by more than a clock may be wrong never comes. */
const isToCome = (time: string | null, nowMs: number) =>
  time !== null && Date.parse(time) > nowMs - inBooksAfterMs && Date.parse(time) < nowMs + hourMs;

type Asked = { queue: LabelQueue; answer: QueuedAnswer; label: Label };

/** What people who were asked said, and all else: a reaction is nobody's answer to a question. */
function sortOut(labels: readonly Label[], queues: readonly LabelQueue[]): { asked: Asked[]; others: Label[] } {
  const byId = new Map<string, { queue: LabelQueue; answer: QueuedAnswer }>();
  for (const queue of queues)
    for (const answer of queue.answers)
      for (const id of [answer.eventId, answer.inferenceId]) if (id !== undefined) byId.set(id, { queue, answer });
  const asked: Asked[] = [];
  const others: Label[] = [];
  for (const label of labels) {
    const question = byId.get(label.id);
    if (question !== undefined && "grades" in label) asked.push({ ...question, label });
    // Of an answer that a queue has, the window is known: near enough to find it.
    else others.push(question === undefined ? label : { ...label, time: label.time ?? question.answer.window });
  }
  return { asked, others };
}

/** A capture that begins within one hour may hold the first answers of the next. */
function hoursToLookIn(labels: readonly Label[]): string[] {
  const hours = labels.flatMap(({ time }) =>
    time === null ? [] : [Date.parse(time), Date.parse(time) - hourMs, Date.parse(time) + hourMs],
  );
  return [...new Set(hours.map(hourOf))].sort();
}

function find(endpoint: string, labels: readonly Label[], hours: readonly string[], deps: LabelDeps) {
  const ids = new Set(labels.filter(({ time }) => time !== null).map(({ id }) => id));
  return findAnswers(deps, endpoint, deps.assay.endpoints[endpoint]!.variants, hours, ids); // the plan has looked
}

const saidIn = (label: Label): Said => ("grades" in label ? { grades: label.grades } : { reaction: label.reaction });

async function writeParts(
  endpoint: string,
  { id, droppedMs }: LabelObject,
  asked: readonly Asked[],
  found: Awaited<ReturnType<typeof findAnswers>>,
  others: readonly Label[],
  touched: { queues: Map<string, LabelQueue>; dates: Set<string> },
  { s3, resultsBucket }: LabelDeps,
): Promise<void> {
  for (const [name, of] of Map.groupBy(asked, ({ queue }) => queueName(queue))) {
    const said = of.map(({ answer, label }): HumanGrades => {
      const { grader } = label;
      return { eventId: answer.eventId, grader, grades: "grades" in label ? label.grades : {} };
    });
    touched.queues.set(name, of[0]!.queue); // a group has one
    await putJson(s3, resultsBucket, `${gradesOf(endpoint, name)}${id}.json`, { droppedMs, said } satisfies Part<HumanGrades>);
  }
  const joined = others.flatMap((label) => {
    const answer = found.get(label.id);
    return answer === undefined ? [] : [{ answer, label }];
  });
  for (const [date, of] of Map.groupBy(joined, ({ answer }) => answer.time.slice(0, 10))) {
    const said = of.map(({ answer: { eventId, variant }, label }): Unasked => ({ eventId, variant, ...saidIn(label) }));
    touched.dates.add(date);
    await putJson(s3, resultsBucket, `${unaskedOf(endpoint, date)}${id}.json`, { droppedMs, said } satisfies Part<Unasked>);
  }
}

/** Does what follows from all parts under a prefix, again until none has come meanwhile: of two runs, the last one has seen all. */
async function fromParts<T>(prefix: string, deps: LabelDeps, follow: (said: T[]) => Promise<void>): Promise<void> {
  for (let seen = -1; ; ) {
    const { length } = await keysUnder(deps.s3, deps.resultsBucket, prefix);
    if (length === seen) return;
    const parts = await readAll<Part<T>>(deps, prefix);
    seen = parts.length;
    await follow(parts.sort((a, b) => a.droppedMs - b.droppedMs).flatMap(({ said }) => said));
  }
}

/** The judge beside people, and the estimates of the queue's days: of all of them, and of each span that has labels enough. */
async function correct(queue: LabelQueue, deps: LabelDeps): Promise<void> {
  const { endpoint, from, to, judgeVersion } = queue;
  const name = queueName(queue);
  await fromParts<HumanGrades>(gradesOf(endpoint, name), deps, async (given) => {
    const labelled = labelledAnswers(queue, given);
    await putJson(deps.s3, deps.resultsBucket, `${judgeQualitiesOf(endpoint)}${name}.json`, judgeQuality(queue, labelled));
    const days: StoredEstimates[] = [];
    for (let ms = Date.parse(from); ms < Date.parse(to); ms += dayMs) {
      const day = await readSpan(endpoint, "day", ms, judgeVersion, deps);
      if (day !== null) days.push(day);
    }
    const last = days.at(-1);
    if (last === undefined) return;
    const sums = mergeGroups(days.map((day) => day.sums));
    // Days with different baselines have different slopes: the predictions of none count then.
    const isOne = days.every(({ betas }) => JSON.stringify(betas) === JSON.stringify(last.betas));
    const betas = isOne ? last.betas : {};
    const estimates = estimatesOf(sums, betas, labelled);
    const whole: StoredEstimates = { endpoint, span: "labelled", from, to, judgeVersion, betas, estimates, sums };
    await putJson(deps.s3, deps.resultsBucket, `${labelledEstimatesOf(endpoint)}${name}.json`, whole);
    for (const [span, length] of [
      ["day", dayMs],
      ["hour", hourMs],
      ["window", windowMs],
    ] as const) {
      const starts = Map.groupBy(labelled, ({ window }) => Math.floor(Date.parse(window) / length) * length);
      for (const [startMs, own] of starts) {
        const stored = own.length < enoughLabels ? null : await readSpan(endpoint, span, startMs, judgeVersion, deps);
        if (stored !== null)
          await putEstimates(deps, { ...stored, span, estimates: estimatesOf(stored.sums, stored.betas, own) });
      }
    }
  });
}

async function readSpan(
  endpoint: string,
  span: Span,
  startMs: number,
  judgeVersion: string,
  { s3, resultsBucket }: LabelDeps,
): Promise<StoredEstimates | null> {
  const key = estimatesKey(endpoint, span, iso(startMs));
  if (!(await exists(s3, resultsBucket, key))) return null;
  const stored = await readJson<StoredEstimates>(s3, resultsBucket, key);
  return stored.judgeVersion === judgeVersion ? stored : null;
}

/** What users made of a day's answers, beside how many answers there were as far as coverage has counted them. */
async function countImpact(endpoint: string, date: string, deps: LabelDeps): Promise<void> {
  const { feedback } = settingsOf(deps.assay, endpoint);
  await fromParts<Unasked>(unaskedOf(endpoint, date), deps, async (said) => {
    const midnight = coverageKey(endpoint, `${date}T00`);
    const hours = await readAll<{ variants: HourCoverage[] }>(deps, midnight.slice(0, midnight.lastIndexOf("/") + 1));
    const answered: Record<string, number> = {};
    for (const { variant, answered: n } of hours.flatMap(({ variants }) => variants))
      answered[variant] = (answered[variant] ?? 0) + n;
    const impact: DayImpact = {
      endpoint,
      date,
      selected: "by users: no sample of all answers, and no part of any estimate",
      variants: impactOf(said, answered, feedback),
    };
    await putJson(deps.s3, deps.resultsBucket, impactKey(endpoint, date), impact);
  });
}

/** At every tick, so that "uncorrected" is said as well. */
async function publishLabels(endpoint: string, deps: LabelDeps): Promise<void> {
  const { judge, variants } = deps.assay.endpoints[endpoint]!; // the plan has looked
  if (judge === null) return;
  const labelled = await readLast<StoredEstimates>(deps, labelledEstimatesOf(endpoint));
  await putMetrics(deps.cloudwatch, labelDatums(endpoint, variants, judgeVersion(judge), labelled, deps.nowMs()));
}
