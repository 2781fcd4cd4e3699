import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { ScoredInference } from "../capture/inference.ts";
import { splitLines } from "../capture/lines.ts";
import { isOfEvaluation } from "../evaluation/keys.ts";
import type { Judgement, StoredJudgement } from "../judging/judgement.ts";
import { primary } from "../judging/rubric.ts";
import { scoredHour } from "../labels/labelKeys.ts";
import { windowsBefore } from "../monitoring/readiness.ts";
import { judgementKey, shadowPairsKey, shadowPairsOf } from "../monitoring/resultKeys.ts";
import { type ChosenAnswer, type ChosenPair, pairChosen, type ShadowPair, type ShadowPairs } from "../monitoring/shadow.ts";
import { hourMs, iso, windowMs } from "../monitoring/windows.ts";
import { atOnce } from "./atOnce.ts";
import type { Results } from "./foldedWindows.ts";
import { keysUnder, putJson, readJson } from "./results.ts";

/** A variant, and the one that gets a copy of its requests. */
export type Mirrored = { endpoint: string; variant: string; shadow: string };

const readsAtOnce = 25;
/** Of an hour: a day of them finds a difference of one point of 100. */
const pairsPerHour = 1_000;
/** What a run does not reach, the next one does. */
const hoursPerRun = 4;
/** So far apart the two captures of a request may lie, and so in two hours. */
const apartMs = 300_000;

/** What is kept of an hour. `ungraded`: pairs with an answer that has no grade. `pending`: those of them that may still get one. */
type Hour = ShadowPairs & { judgeVersion: string; pending: number };

/**
 * The judged pairs of a day up to its newest settled window. An hour is gathered once its last window is settled, and kept; where grades are
 * still to come, once more when nobody waits for them any longer.
 * @param date UTC
 */
export async function shadowPairsOfDay(
  results: Results,
  mirrored: Mirrored,
  { date, settled, judgeVersion }: { date: string; settled: string; judgeVersion: string },
): Promise<ShadowPairs> {
  const { s3, resultsBucket } = results;
  const { endpoint, variant, shadow } = mirrored;
  const kept = new Set(await keysUnder(s3, resultsBucket, shadowPairsOf(endpoint, variant, shadow, date)));
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const over = Math.min(24, Math.floor((Date.parse(settled) + windowMs - midnight) / hourMs));
  const hours = Array.from({ length: over }, (_, hour) => iso(midnight + hour * hourMs));
  const keyOf = (hour: string) => shadowPairsKey(endpoint, variant, shadow, hour);
  const before = await atOnce(readsAtOnce, hours, async (hour) =>
    kept.has(keyOf(hour)) ? readJson<Hour>(s3, resultsBucket, keyOf(hour)) : null,
  );
  const stored = new Map(hours.map((hour, i) => [hour, before[i]!])); // one for each
  const noLaterThan = windowsBefore(settled)[0]!; // there are eight
  const isFinal = (hour: string) => iso(Date.parse(hour) + hourMs - windowMs) <= noLaterThan;
  const due = hours.filter((hour) => {
    const own = stored.get(hour)!; // `null` where it was not gathered
    return own === null || (own.judgeVersion === judgeVersion && own.pending > 0 && isFinal(hour));
  });
  for (const hour of due.slice(0, hoursPerRun)) {
    const gathered = await gather(results, mirrored, hour, judgeVersion);
    const own: Hour = { ...gathered, judgeVersion, pending: isFinal(hour) ? 0 : gathered.pending };
    await putJson(s3, resultsBucket, keyOf(hour), { ...mirrored, hour, ...own });
    stored.set(hour, own);
  }
  // Of another judge, grades mean something else.
  const own = [...stored.values()].filter((hour) => hour?.judgeVersion === judgeVersion);
  return { pairs: own.flatMap(({ pairs }) => pairs), ungraded: own.reduce((sum, hour) => sum + hour.ungraded, 0) };
}

async function gather(
  results: Results,
  { endpoint, variant, shadow }: Mirrored,
  hour: string,
  judgeVersion: string,
): Promise<ShadowPairs & { pending: number }> {
  const inShadow = await chosenIn(results, endpoint, shadow, hour);
  if (inShadow.length === 0) return { pairs: [], ungraded: 0, pending: 0 };
  const own = await chosenIn(results, endpoint, variant, hour);
  for (const beside of hoursBeside(hour, own, inShadow)) own.push(...(await chosenIn(results, endpoint, variant, beside)));
  const pairs = pairChosen(own, inShadow, pairsPerHour);
  const judgementOf = async (of: string, { window, eventId }: ChosenAnswer): Promise<Judgement | null> => {
    const { s3, resultsBucket } = results;
    const key = judgementKey({ window, endpoint, variant: of, eventId }, judgeVersion);
    // One that is not there yet is no error, and costs no more than one that is.
    const [found] = await keysUnder(s3, resultsBucket, key);
    return found === undefined ? null : (await readJson<StoredJudgement>(s3, resultsBucket, key)).judgement;
  };
  const judged = await atOnce(readsAtOnce, pairs, async (pair: ChosenPair) => {
    const both = [await judgementOf(variant, pair.a), await judgementOf(shadow, pair.b)] as const;
    return { ...pair, both };
  });
  const graded = judged.flatMap(({ a, b, pi, both }): ShadowPair[] => {
    const [gradeA, gradeB] = both.map(gradeIn);
    return gradeA == null || gradeB == null ? [] : [{ a: gradeA, b: gradeB, pi, tokensA: a.tokens, tokensB: b.tokens }];
  });
  const pending = judged.filter(({ both }) => both.includes(null)).length;
  return { pairs: graded, ungraded: pairs.length - graded.length, pending };
}

function gradeIn(judgement: Judgement | null): number | null {
  return judgement?.status === "graded" ? (judgement.grades[primary] ?? null) : null;
}

/** The hours before and after in which the other answer may be, of those that are not in this one and near its ends. */
function hoursBeside(hour: string, own: readonly ChosenAnswer[], inShadow: readonly ChosenAnswer[]): string[] {
  const known = new Set(own.map(({ inferenceId }) => inferenceId));
  const lone = inShadow.filter(({ inferenceId }) => !known.has(inferenceId)).map(({ time }) => Date.parse(time));
  const startMs = Date.parse(hour);
  const [before, after] = [lone.some((ms) => ms < startMs + apartMs), lone.some((ms) => ms >= startMs + hourMs - apartMs)];
  return [...(before ? [iso(startMs - hourMs)] : []), ...(after ? [iso(startMs + hourMs)] : [])];
}

type ScoredLine = ScoredInference & { window: string; pi?: number; chosen?: boolean };

/** The answers of a variant that were chosen in an hour, of those whose request has a name. */
async function chosenIn(
  { s3, resultsBucket }: Results,
  endpoint: string,
  variant: string,
  hour: string,
): Promise<ChosenAnswer[]> {
  const chosen: ChosenAnswer[] = [];
  for (const key of await keysUnder(s3, resultsBucket, scoredHour(endpoint, variant, hour))) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: resultsBucket, Key: key }));
    for await (const { bytes } of splitLines(Body as AsyncIterable<Uint8Array>)) {
      const line = JSON.parse(Buffer.from(bytes).toString("utf8")) as ScoredLine; // written by sample
      const { inferenceId, eventId, time, window, pi, promptTokens, completionTokens } = line;
      if (!line.chosen || pi === undefined || inferenceId === undefined || isOfEvaluation(line)) continue;
      chosen.push({ inferenceId, eventId, time, window, pi, tokens: promptTokens + completionTokens });
    }
  }
  return chosen;
}
