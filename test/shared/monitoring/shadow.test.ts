import { expect, test } from "@jest/globals";
import { type ChosenAnswer, pairChosen, shadowDifference } from "../../../shared/monitoring/shadow.ts";
import { drawnBy, isChosen } from "../../../shared/sampling/poisson.ts";

const answer = (inferenceId: string, pi: number, eventId = `e-${inferenceId}`): ChosenAnswer => ({
  ...{ inferenceId, eventId, pi, time: "2026-03-02T09:01:00Z", window: "2026-03-02T09:00:00Z", tokens: 10 },
});

test.each([
  { it: "a request that both answered", a: [answer("r1", 0.5)], b: [answer("r1", 0.2)], pis: [0.2] },
  { it: "one that only one was chosen for", a: [answer("r1", 0.5)], b: [answer("r2", 0.5)], pis: [] },
  { it: "an id that several requests have", a: [answer("r1", 0.5), answer("r1", 0.5, "e2")], b: [answer("r1", 0.5)], pis: [] },
])("pairs are those of one request: $it", ({ a, b, pis }) => expect(pairChosen(a, b, 1_000).map(({ pi }) => pi)).toEqual(pis));

test("of too many pairs some are drawn, and their probability says so", () => {
  const many = Array.from({ length: 2_000 }, (_, i) => answer(`r${i}`, 0.5));
  const pairs = pairChosen(many, many, 500);
  expect(pairs.length).toBeGreaterThan(400);
  expect(pairs.length).toBeLessThan(600);
  expect(new Set(pairs.map(({ pi }) => pi))).toEqual(new Set([0.125]));
});

test("what two variants say to one request is chosen together, and the one with the smaller chance only where the other is", () => {
  const requests = Array.from({ length: 1_000 }, (_, i) => ({ inferenceId: `r${i}`, prompt: "Where is my parcel?" }));
  const chosen = (eventOf: string, pi: number) =>
    new Set(requests.filter((request, i) => isChosen(drawnBy({ ...request, eventId: `${eventOf}${i}` }), pi)));
  const [a, b] = [chosen("production", 0.3), chosen("shadow", 0.1)];
  expect(b.size).toBeGreaterThan(60);
  expect([...b].filter((request) => !a.has(request))).toEqual([]);
});

test.each([
  {
    it: "one inference id for all requests does not choose them all",
    of: (i: number) => ({ inferenceId: "same", prompt: `q${i}` }),
  },
  { it: "without an inference id the event decides", of: () => ({ prompt: "hello" }) },
])("$it", ({ of }) => {
  const chosen = Array.from({ length: 1_000 }, (_, i) => drawnBy({ eventId: `e${i}`, ...of(i) })).filter((id) =>
    isChosen(id, 0.3),
  );
  expect(chosen.length).toBeGreaterThan(240);
  expect(chosen.length).toBeLessThan(360);
});

test("without pairs nothing is said", () => expect(shadowDifference({ pairs: [], ungraded: 3 }, 0.02, 0.05)).toBeNull());
