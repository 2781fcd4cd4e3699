import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { predictedBy, predictorOf } from "../../../shared/monitoring/baseline.ts";
import { fitPrediction, type PastAnswer, predict } from "../../../shared/monitoring/prediction.ts";

/** Grades that follow `relevance` and the length, and an unrelated score. */
function answers(n: number, noise: number, seed = 1): PastAnswer[] {
  const chance = chanceFrom(seed);
  return Array.from({ length: n }, (_, i) => {
    const [relevance, length] = [chance(), Math.floor(chance() * 400)];
    const y = 0.2 + 0.4 * relevance + 0.05 * Math.log1p(length) + noise * (chance() - 0.5);
    const scores = { relevance: chance() < 0.1 ? null : relevance, length, unrelated: chance(), refusal: 1 };
    return { eventId: `e${i}`, scores, y: Math.min(1, Math.max(0, y)), pi: i % 2 === 0 ? 0.5 : 0.1 };
  });
}

test("scores that say much about the grade are trusted, and predict it on the 0.01 grid", () => {
  const model = fitPrediction(answers(400, 0.2))!;
  expect(model.rho).toBeGreaterThan(0.6);
  expect(model.beta).toBeGreaterThan(0.7);
  for (const { scores } of answers(50, 0.2, 2)) {
    const f = predict(model, scores);
    expect(f).toBe(Math.round(f * 100) / 100);
    expect(f).toBeGreaterThanOrEqual(0);
    expect(f).toBeLessThanOrEqual(1);
  }
  expect(predict(model, { relevance: 0.9, length: 300 })).toBeGreaterThan(predict(model, { relevance: 0.1, length: 300 }) + 0.2);
});

test.each([
  {
    it: "scores that have nothing to do with the grade",
    past: answers(300, 0).map((a, i) => ({ ...a, y: (i * 7919) % 10 > 4 ? 1 : 0 })),
  },
  { it: "a grade that is always the same", past: answers(300, 0).map((a) => ({ ...a, y: 1 })) },
])("$it are not used: ρ is measured on answers that the model has not seen", ({ past }) => {
  const model = fitPrediction(past)!;
  expect(model.rho).toBeLessThan(0.3);
  expect(model.beta).toBe(0);
  expect(predictorOf({ version: "v", criteria: { quality: { prediction: model } as never } })).toBeNull();
});

test.each([
  { it: "fewer than 100 judged answers", past: answers(99, 0) },
  { it: "no score that varies", past: answers(200, 0).map((a) => ({ ...a, scores: { refusal: 1 } })) },
  { it: "no scores", past: answers(200, 0).map((a) => ({ ...a, scores: {} })) },
  { it: "one conversation alone", past: answers(200, 0).map((a) => ({ ...a, conversation: "c" })) },
])("nothing is learnt from $it", ({ past }) => {
  expect(fitPrediction(past)).toBeNull();
});

test("what the baseline never saw counts as the end of what it saw, and a new score as unknown", () => {
  const model = fitPrediction(answers(400, 0.2))!;
  expect(predict(model, { relevance: 0.5, length: 1e9 })).toBe(predict(model, { relevance: 0.5, length: 400 }));
  expect(predict(model, { relevance: 0.5, length: 9, novel: 1 })).toBe(predict(model, { relevance: 0.5, length: 9 }));
  expect(predict(model, {})).toBeGreaterThan(0.3);
});

test("an endpoint's predictor has the criteria that are worth it", () => {
  const quality = fitPrediction(answers(400, 0.2))!;
  const criteria = { quality: { prediction: quality }, tone: { prediction: null } } as never;
  const predictor = predictorOf({ version: "v1", criteria })!;
  expect(predictor).toEqual({ version: "v1", models: { quality } });
  expect(predictedBy(predictor, { relevance: 0.5 })).toEqual({ quality: predict(quality, { relevance: 0.5 }) });
  expect(predictedBy(null, { relevance: 0.5 })).toEqual({});
});
