import { S3ServiceException } from "@aws-sdk/client-s3";
import type { EndpointSettings, JudgeSettings } from "../config/assay.ts";
import type { StoredJudgement } from "../judging/judgement.ts";
import { judgeVersion } from "../judging/judgeVersion.ts";
import { cut, legible, limits } from "../judging/prompt.ts";
import { criteriaOf, primary } from "../judging/rubric.ts";
import { queueKey, queueName, queuesOf } from "../labels/labelKeys.ts";
import { type Candidate, chooseToLabel, type LabelQueue, type QueuedAnswer } from "../labels/queue.ts";
import type { SheetRow } from "../labels/sheet.ts";
import { windowsBefore } from "../monitoring/readiness.ts";
import { judgementKey } from "../monitoring/resultKeys.ts";
import { iso, windowMs } from "../monitoring/windows.ts";
import { atOnce } from "./atOnce.ts";
import { readAnswer } from "./captures.ts";
import { readMeasured } from "./estimates.ts";
import { type Results, readWindowRecords } from "./foldedWindows.ts";
import { windowsWithCaptures } from "./openClaims.ts";
import { keysUnder, putJsonOnce, readJson } from "./results.ts";
import type { Table } from "./table.ts";

/** People cannot be asked about these days, with what to do instead. */
export class NoLabelQueue extends Error {
  override readonly name = "NoLabelQueue";
}

export type QueueDeps = Results & { table: Table; nowMs: () => number };

/** Days (UTC) of an endpoint, from midnight up to midnight, epoch milliseconds. */
export type QueuedDays = { endpoint: string; fromMs: number; toMs: number };

const windowsAtOnce = 4;
const textsAtOnce = 10;

/**
 * The answers of some days to ask people about, and what they need to see. Drawn once: the same days give the same answers for ever,
 * whatever `wanted` says later. No day is in two queues, so that each answer has one probability.
 * @param wanted how many are drawn on average
 * @returns `unread`: answers whose captures are gone or cannot be read, which are asked about without text
 * @throws NoLabelQueue, and what AWS says
 */
export async function labelQueue(
  days: QueuedDays,
  wanted: number,
  judge: JudgeSettings,
  settings: EndpointSettings,
  deps: QueueDeps,
): Promise<{ queue: LabelQueue; rows: SheetRow[]; unread: number }> {
  const { s3, resultsBucket } = deps;
  const { endpoint } = days;
  const [from, to] = [iso(days.fromMs), iso(days.toMs)];
  const name = queueName({ from, to });
  const queues = (await keysUnder(s3, resultsBucket, queuesOf(endpoint))).map((key) => key.slice(key.lastIndexOf("/") + 1, -5));
  const known = queues.includes(name) ? await readJson<LabelQueue>(s3, resultsBucket, queueKey({ endpoint, from, to })) : null;
  let queue = known ?? (await draw(days, wanted, judge, queues, deps));
  const texts = await readTexts(queue, settings, deps);
  if (known === null) {
    const answers = queue.answers.map((answer): QueuedAnswer => {
      const inferenceId = texts.get(answer.eventId)?.inferenceId;
      return inferenceId === undefined ? answer : { ...answer, inferenceId };
    });
    queue = { ...queue, answers };
    if (!(await putJsonOnce(s3, resultsBucket, queueKey(queue), queue))) return labelQueue(days, wanted, judge, settings, deps);
  }
  const rows = queue.answers.map(({ eventId, variant, segment, window }): SheetRow => {
    const { time = window, prompt = "", completion = "" } = texts.get(eventId) ?? {};
    return { id: eventId, variant, segment, time, prompt, completion };
  });
  return { queue, rows, unread: rows.filter(({ completion, prompt }) => completion === "" && prompt === "").length };
}

async function draw(
  { endpoint, fromMs, toMs }: QueuedDays,
  wanted: number,
  judge: JudgeSettings,
  queues: readonly string[],
  deps: QueueDeps,
): Promise<LabelQueue> {
  const [from, to] = [iso(fromMs), iso(toMs)];
  const overlapping = queues.find((name) => name.slice(0, 10) < to.slice(0, 10) && name.slice(11) > from.slice(0, 10));
  if (overlapping !== undefined)
    throw new NoLabelQueue(
      `People were asked about some of these days before: ${overlapping.replace("_", " to ")}. Take other days, or exactly these to write their file again.`,
    );
  const measured = await readMeasured(deps.table, endpoint);
  if (measured === null || windowsBefore(measured.window)[0]! < to)
    // there are eight
    throw new NoLabelQueue(`Judgements of ${endpoint} until ${to} may still come. Ask again three hours after that time.`);
  const version = judgeVersion(judge);
  const windows = await windowsWithCaptures(deps.table, endpoint, from, iso(toMs - windowMs));
  const candidates = await atOnce(windowsAtOnce, windows, async (window) => {
    const records = await readWindowRecords(deps, endpoint, window, version);
    return records.flatMap(({ variant, rows }) =>
      rows.map(({ eventId, segment, pi, y, f }): Candidate => ({ eventId, variant, window, segment, pi, y, f })),
    );
  });
  const all = candidates.flat();
  if (all.length === 0)
    throw new NoLabelQueue(`No answer of ${endpoint} from ${from} to ${to} has a grade of the judge that assay.yml has now.`);
  const answers = chooseToLabel(all, primary, wanted).map(({ f: _, ...answer }): QueuedAnswer => answer);
  const of = { endpoint, from, to, judgeVersion: version, criteria: criteriaOf(judge) };
  return { ...of, madeAt: iso(deps.nowMs()), candidates: all.length, answers };
}

type Texts = { inferenceId?: string; time: string; prompt: string; completion: string };

/** By event id, what people need to see: redacted, and bounded with a visible mark, as the judge saw it. */
async function readTexts(
  { endpoint, judgeVersion: version, answers }: LabelQueue,
  settings: EndpointSettings,
  { s3, resultsBucket }: QueueDeps,
): Promise<Map<string, Texts>> {
  const read = await atOnce(textsAtOnce, answers, async ({ eventId, variant, window }): Promise<[string, Texts][]> => {
    try {
      const key = judgementKey({ window, endpoint, variant, eventId }, version);
      const { source, time } = await readJson<StoredJudgement>(s3, resultsBucket, key);
      const answer = await readAnswer(s3, { eventId, endpoint, variant, source }, settings);
      if (answer === null) return [];
      const asked = answer.messages.map(({ role, content }) => `${role}: ${content}`).join("\n\n");
      const prompt = shown(asked, limits.conversation);
      const completion = shown(answer.completion, limits.answer);
      const named = answer.inferenceId === undefined ? {} : { inferenceId: answer.inferenceId };
      return [[eventId, { ...named, time, prompt, completion }]];
    } catch (error) {
      // Captures are kept for a month: an answer without text is one that nobody will grade, and counts as not graded.
      if (error instanceof S3ServiceException && error.$fault === "client") return [];
      throw error;
    }
  });
  return new Map(read.flat());
}

const shown = (text: string, limit: number) => cut(legible(text), limit, "assay");
