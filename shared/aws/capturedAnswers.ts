import { GetObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import type { ScoredInference } from "../capture/inference.ts";
import { splitLines } from "../capture/lines.ts";
import type { EndpointSettings } from "../config/assay.ts";
import type { Candidate, CapturedText } from "../evaluation/promote.ts";
import type { StoredJudgement } from "../judging/judgement.ts";
import { primary } from "../judging/rubric.ts";
import { scoredHour } from "../labels/labelKeys.ts";
import { judgementsOf } from "../monitoring/resultKeys.ts";
import { hourMs, iso, windowMs, windowOf } from "../monitoring/windows.ts";
import { atOnce } from "./atOnce.ts";
import { readAnswer } from "./captures.ts";
import type { Results } from "./foldedWindows.ts";
import { keysUnder, readJson } from "./results.ts";

/** Captured answers of a span, up to and without `toMs`. */
export type Span = { endpoint: string; variants: readonly string[]; fromMs: number; toMs: number };
/** An answer without its text, which is at its source. */
export type CapturedAnswer = Candidate & Pick<ScoredInference, "endpoint" | "variant" | "source">;

const readsAtOnce = 20;

/** Every answer of a span, from the books of its hours. What evaluations asked is in no book of answers. Memory holds no text. */
export async function answersOf(
  { s3, resultsBucket }: Results,
  { endpoint, variants, fromMs, toMs }: Span,
): Promise<CapturedAnswer[]> {
  const answers: CapturedAnswer[] = [];
  const [from, to] = [iso(fromMs), iso(toMs)];
  for (let hour = Math.floor(fromMs / hourMs) * hourMs; hour < toMs; hour += hourMs) {
    for (const variant of variants) {
      for (const key of await keysUnder(s3, resultsBucket, scoredHour(endpoint, variant, iso(hour)))) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: resultsBucket, Key: key }));
        for await (const { bytes } of splitLines(Body as AsyncIterable<Uint8Array>)) {
          const line = JSON.parse(Buffer.from(bytes).toString("utf8")) as ScoredInference & { evaluation?: true }; // written by sample
          const { eventId, segment, source, outcome, time } = line;
          if (outcome !== "answered" || line.evaluation || time < from || time >= to) continue;
          answers.push({ eventId, segment, quality: null, endpoint, variant, source });
        }
      }
    }
  }
  return answers;
}

/** The judged answers of a span with the judge's grade of their quality. Of several judge versions the last one stands. */
export async function gradedAnswersOf(
  { s3, resultsBucket }: Results,
  { endpoint, variants, fromMs, toMs }: Span,
): Promise<CapturedAnswer[]> {
  const graded = new Map<string, CapturedAnswer>();
  for (let at = Date.parse(windowOf(fromMs)); at < toMs; at += windowMs) {
    const keys = await keysUnder(s3, resultsBucket, judgementsOf(iso(at), endpoint));
    const judged = await atOnce(readsAtOnce, keys, (key) => readJson<StoredJudgement>(s3, resultsBucket, key));
    for (const { eventId, variant, segment, source, judgement } of judged) {
      if (judgement.status !== "graded" || !variants.includes(variant)) continue;
      graded.set(eventId, { eventId, segment, quality: judgement.grades[primary] ?? null, endpoint, variant, source });
    }
  }
  return [...graded.values()];
}

/** The texts of some answers, where the captures still are. */
export async function* textsOf(
  { s3 }: Pick<Results, "s3">,
  answers: readonly CapturedAnswer[],
  settings: EndpointSettings,
): AsyncGenerator<CapturedText> {
  for (let at = 0; at < answers.length; at += readsAtOnce) {
    const some = await atOnce(readsAtOnce, answers.slice(at, at + readsAtOnce), (answer) => textOf(s3, answer, settings));
    yield* some.filter((text) => text !== null);
  }
}

async function textOf(s3: Results["s3"], answer: CapturedAnswer, settings: EndpointSettings): Promise<CapturedText | null> {
  try {
    return await readAnswer(s3, answer, settings);
  } catch (error) {
    if (error instanceof S3ServiceException && error.name === "NoSuchKey") return null;
    throw error;
  }
}
