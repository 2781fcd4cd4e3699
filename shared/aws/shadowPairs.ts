import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { ScoredInference } from "../capture/inference.ts";
import { splitLines } from "../capture/lines.ts";
import { isOfEvaluation } from "../evaluation/keys.ts";
import type { StoredJudgement } from "../judging/judgement.ts";
import { primary } from "../judging/rubric.ts";
import { scoredHour } from "../labels/labelKeys.ts";
import { judgementKey, shadowPairsKey, shadowPairsOf } from "../monitoring/resultKeys.ts";
import { type ChosenAnswer, type ChosenPair, pairChosen, type ShadowPair } from "../monitoring/shadow.ts";
import { hourMs, iso, windowMs } from "../monitoring/windows.ts";
import { atOnce } from "./atOnce.ts";
import type { Results } from "./foldedWindows.ts";
import { keysUnder, putJsonOnce, readJson } from "./results.ts";

/** A variant, and the one that gets a copy of its requests. */
export type Mirrored = { endpoint: string; variant: string; shadow: string };

const readsAtOnce = 25;
/** Of an hour: a day of them finds a difference of one point of 100. */
const pairsPerHour = 1_000;
/** What a run does not reach, the next one does. */
const hoursPerRun = 4;

/**
 * The judged pairs of a day up to its newest settled window. An hour is gathered once, when its last window is settled, and kept: grades
 * that come later are not waited for.
 * @param date UTC
 */
export async function shadowPairsOfDay(
  results: Results,
  mirrored: Mirrored,
  { date, settled, judgeVersion }: { date: string; settled: string; judgeVersion: string },
): Promise<ShadowPair[]> {
  const { s3, resultsBucket } = results;
  const { endpoint, variant, shadow } = mirrored;
  const kept = new Set(await keysUnder(s3, resultsBucket, shadowPairsOf(endpoint, variant, shadow, date)));
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const over = (Date.parse(settled) + windowMs - midnight) / hourMs;
  const hours = Array.from({ length: Math.floor(over) }, (_, hour) => iso(midnight + hour * hourMs));
  const keyOf = (hour: string) => shadowPairsKey(endpoint, variant, shadow, hour);
  for (const hour of hours.filter((one) => !kept.has(keyOf(one))).slice(0, hoursPerRun)) {
    const pairs = await gather(results, mirrored, hour, judgeVersion);
    await putJsonOnce(s3, resultsBucket, keyOf(hour), { ...mirrored, hour, judgeVersion, pairs });
    kept.add(keyOf(hour));
  }
  const stored = await atOnce(readsAtOnce, [...kept], (key) =>
    readJson<{ judgeVersion: string; pairs: ShadowPair[] }>(s3, resultsBucket, key),
  );
  // Of another judge, grades mean something else.
  return stored.filter((one) => one.judgeVersion === judgeVersion).flatMap(({ pairs }) => pairs);
}

async function gather(
  results: Results,
  { endpoint, variant, shadow }: Mirrored,
  hour: string,
  judgeVersion: string,
): Promise<ShadowPair[]> {
  const inShadow = await chosenIn(results, endpoint, shadow, hour);
  if (inShadow.length === 0) return [];
  const pairs = pairChosen(await chosenIn(results, endpoint, variant, hour), inShadow, pairsPerHour);
  const gradeOf = async (of: string, { window, eventId }: ChosenAnswer) => {
    const { s3, resultsBucket } = results;
    const key = judgementKey({ window, endpoint, variant: of, eventId }, judgeVersion);
    // One that is not there yet is no error, and costs no more than one that is.
    const [found] = await keysUnder(s3, resultsBucket, key);
    if (found === undefined) return null;
    const { judgement } = await readJson<StoredJudgement>(s3, resultsBucket, key);
    return judgement.status === "graded" ? (judgement.grades[primary] ?? null) : null;
  };
  const graded = await atOnce(readsAtOnce, pairs, async ({ a, b, pi }: ChosenPair): Promise<ShadowPair[]> => {
    const [gradeA, gradeB] = [await gradeOf(variant, a), await gradeOf(shadow, b)];
    return gradeA === null || gradeB === null ? [] : [{ a: gradeA, b: gradeB, pi, tokensA: a.tokens, tokensB: b.tokens }];
  });
  return graded.flat();
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
      const { inferenceId, eventId, window, pi, promptTokens, completionTokens } = line;
      if (!line.chosen || pi === undefined || inferenceId === undefined || isOfEvaluation(line)) continue;
      chosen.push({ inferenceId, eventId, window, pi, tokens: promptTokens + completionTokens });
    }
  }
  return chosen;
}
