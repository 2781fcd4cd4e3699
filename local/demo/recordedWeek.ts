import type { Inference } from "../../shared/capture/inference.ts";
import { defaultSettings } from "../../shared/config/schema.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { isChosen, unitHash } from "../../shared/sampling/poisson.ts";
import { nothingBeside, scoreAll } from "../../shared/scoring/registry.ts";
import { dailyQuestions, type Question, type RecordedAnswer, type RecordedTake, recordedGrades, takesOf } from "./recordings.ts";
import { demoEndpoint } from "./scenarios.ts";

export const recordedWeek = {
  from: "2026-02-23T00:00:00Z",
  until: "2026-03-02T00:00:00Z",
  /** Over both variants; arrivals are Poisson, and as many at night as at noon. */
  requestsPerHour: 400,
  pi: 0.06,
  seed: "fernwick",
};
const variants = ["stable", "candidate"] as const;

/** A take with what its lines say of it, as JSON. */
type Answer = { take: RecordedTake; scores: string; judgement: string };

/**
 * The week before the demo day, as a recorded stream: both variants sound, and asked what customers ask every day. Scored by the
 * product's own scorers, chosen by its own sampling, graded as recorded. The same seed gives the same lines.
 */
export function* weekLines(seed = recordedWeek.seed): Generator<string> {
  const answers = recordedAnswers();
  const questions = dailyQuestions();
  const draw = (word: string, n: number) => unitHash(`${seed}/${word}`, String(n));
  const meanGapMs = 3_600_000 / recordedWeek.requestsPerHour;
  const untilMs = Date.parse(recordedWeek.until);
  let timeMs = Date.parse(recordedWeek.from);
  for (let n = 0; ; n++) {
    timeMs -= Math.log(1 - draw("arrival", n)) * meanGapMs;
    if (timeMs >= untilMs) return;
    const variant = variants[Math.floor(draw("variant", n) * variants.length)]!;
    const question = questions[Math.floor(draw("question", n) * questions.length)]!;
    const takes = answers.get(`${variant}-${question.id}`)!;
    const index = Math.floor(draw("take", n) * takes.length);
    const { scores, judgement } = takes[index]!;
    // What tells one request from the next stands together, and all that follows from it after it: so it compresses tenfold.
    const eventId = `week-${String(n).padStart(5, "0")}-${variant}-${question.id}-${index}`;
    yield `{"endpoint":"${demoEndpoint}","time":"${iso(timeMs)}","eventId":"${eventId}","variant":"${variant}","segment":"${question.segment}","scores":${scores},"pi":${recordedWeek.pi},"judgement":${isChosen(eventId, recordedWeek.pi) ? judgement : "null"}}`;
  }
}

/** Finds question and answer behind a line of the recorded week, which itself has no text; `null` for any other event. */
export function weekTexts(): (eventId: string) => RecordedAnswer | null {
  const answers = recordedAnswers();
  return (eventId) => {
    const [, key, index] = /^week-\d{5}-(.+)-(\d+)$/.exec(eventId) ?? [];
    const take = key === undefined ? undefined : answers.get(key)?.[Number(index)]?.take;
    return take === undefined ? null : { prompt: take.prompt, completion: take.completion };
  };
}

/** By `variant-question`: its takes, in the order of the recording. */
function recordedAnswers(): Map<string, Answer[]> {
  const grades = new Map(recordedGrades().map(({ prompt, completion, grades }) => [`${prompt}\n${completion}`, grades]));
  const questions = new Map(dailyQuestions().map((question) => [question.prompt, question]));
  const answers = new Map<string, Answer[]>();
  for (const variant of variants) {
    for (const take of takesOf(variant)) {
      const question = questions.get(take.prompt);
      if (question === undefined) continue;
      const scores = JSON.stringify(scoreAll(inferenceOf(variant, question, take), nothingBeside, defaultSettings.scorers));
      const judgement = JSON.stringify({ status: "graded", grades: grades.get(`${take.prompt}\n${take.completion}`) });
      const key = `${variant}-${question.id}`;
      answers.set(key, [...(answers.get(key) ?? []), { take, scores, judgement }]);
    }
  }
  return answers;
}

/** The inference that a capture of this answer would be read as, but for its time and place: no scorer looks at those. */
function inferenceOf(variant: string, { prompt, segment }: Question, take: RecordedTake): Inference {
  return {
    eventId: "",
    endpoint: demoEndpoint,
    variant,
    time: recordedWeek.from,
    adapter: "openai-chat",
    outcome: "answered",
    prompt,
    messages: [{ role: "user", content: prompt }],
    completion: take.completion,
    finishReason: take.finishReason,
    promptTokens: take.promptTokens,
    completionTokens: take.completionTokens,
    tokensEstimated: false,
    segment,
    attributes: [],
    source: { bucket: "", key: "", offset: 0, length: 0 },
  };
}
