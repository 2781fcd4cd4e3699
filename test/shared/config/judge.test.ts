import { expect, test } from "@jest/globals";
import { parseAssay } from "../../../shared/config/load.ts";
import { defaultRubric, defaultWeights } from "../../../shared/judging/defaultRubric.ts";
import { criteriaOf } from "../../../shared/judging/rubric.ts";

const prices = "usdPerMillionInputTokens: 1, usdPerMillionOutputTokens: 4";
const files: Record<string, string> = {
  "rubrics/support.yml": "relevance: { 1: answers it, 0.5: in part, 0: does not }\ntone: 1 is kind, 0 is rude",
  "rubrics/empty.yml": "",
};
const readBeside = (path: string) => {
  if (!Object.hasOwn(files, path)) throw new Error("no such file");
  return files[path]!;
};
const assay = (judge: string, defaults = "") =>
  parseAssay(
    `${defaults}\nendpoints:\n  chat:\n    variants: [a]\n    evaluationBudget: { usdPerDay: 5 }\n    judge: ${judge}`,
    "assay.yml",
    readBeside,
  );
const judgeOf = (judge: string, defaults = "") => assay(judge, defaults).endpoints.chat!.judge!;
const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:judge-key-AbCdEf";

test.each([
  { it: "a SageMaker endpoint, unless said otherwise", judge: "{ endpoint: g,", place: { provider: "sagemaker", endpoint: "g" } },
  { it: "Bedrock", judge: "{ provider: bedrock,", place: { provider: "bedrock" } },
  {
    it: "an OpenAI-compatible server, with a key or without",
    judge: `{ provider: openai, url: https://api.example.com/v1/, apiKeySecretArn: "${secret}",`,
    place: { provider: "openai", url: "https://api.example.com/v1", apiKeySecretArn: secret },
  },
  {
    it: "a server of this machine",
    judge: `{ provider: openai, url: "http://127.0.0.1:8000/v1",`,
    place: { provider: "openai", url: "http://127.0.0.1:8000/v1", apiKeySecretArn: null },
  },
])("a judge is asked at $it", ({ judge, place }) => {
  const read = judgeOf(`${judge} model: m.x-1, ${prices} }`);
  expect(read).toEqual({
    ...place,
    model: "m.x-1",
    rubric: defaultRubric,
    weights: defaultWeights,
    microUsdPerMillionInputTokens: 1_000_000,
    microUsdPerMillionOutputTokens: 4_000_000,
    maxTokens: 200,
  });
});

test("a judge of another provider inherits no address, and another address no key", () => {
  const defaults = `defaults: { evaluationBudget: { usdPerDay: 1 }, judge: { provider: openai, url: https://a.example, apiKeySecretArn: "${secret}", model: m-1, ${prices} } }`;
  expect(judgeOf("{ maxTokens: 90 }", defaults)).toMatchObject({ url: "https://a.example", apiKeySecretArn: secret });
  expect(judgeOf("{ url: https://b.example }", defaults)).toMatchObject({ url: "https://b.example", apiKeySecretArn: null });
  expect(judgeOf("{ provider: bedrock }", defaults)).not.toHaveProperty("url");
  expect(() => assay("{ provider: sagemaker }", defaults)).toThrow("chat.judge.endpoint is missing.");
});

const graded = (rubric: string) => judgeOf(`{ endpoint: g, model: m-1, ${prices}, ${rubric} }`);
test.each([
  {
    it: "sentences",
    rubric: "rubric: { quality: 1 is right, tone: 1 is kind }",
    reads: { rubric: { quality: "1 is right", tone: "1 is kind" }, weights: null },
    criteria: ["quality", "tone"],
  },
  {
    it: "anchored grades, the best first",
    rubric: "rubric: { quality: { 0: wrong, 0.5: so so, 1: right } }",
    reads: { rubric: { quality: "1: right 0.5: so so 0: wrong" }, weights: null },
    criteria: ["quality"],
  },
  {
    it: "a file",
    rubric: "rubric: rubrics/support.yml, weights: { relevance: 2 }",
    reads: {
      rubric: { relevance: "1: answers it 0.5: in part 0: does not", tone: "1 is kind, 0 is rude" },
      weights: { relevance: 2, tone: 0 },
    },
    criteria: ["quality", "relevance", "tone"],
  },
  {
    it: "criteria that count the same where nobody says more",
    rubric: "rubric: { a: x, b: y }",
    reads: { rubric: { a: "x", b: "y" }, weights: { a: 1, b: 1 } },
    criteria: ["quality", "a", "b"],
  },
])("a rubric may be $it", ({ rubric, reads, criteria }) => {
  const judge = graded(rubric);
  expect(judge).toMatchObject(reads);
  expect(criteriaOf(judge)).toEqual(criteria);
});

const place = "endpoint: g, model: m-1,";
test.each([
  { it: "no address", judge: "provider: openai, model: m-1,", says: "judge.url is missing. Give the base of its API" },
  {
    it: "an address that anybody can listen to",
    judge: "provider: openai, url: http://api.example.com, model: m-1,",
    says: "https",
  },
  { it: "a key in the address", judge: 'provider: openai, url: "https://a.example/?key=1", model: m-1,', says: "without a key" },
  {
    it: "a key",
    judge: "provider: openai, url: https://a.example, apiKeySecretArn: sk-1, model: m-1,",
    says: "has no place in a file",
  },
  {
    it: "an endpoint of Bedrock",
    judge: `provider: bedrock, ${place}`,
    says: "judge.endpoint is g. A judge of the provider bedrock has none.",
  },
  { it: "a model that Bedrock cannot have", judge: "provider: bedrock, model: my model,", says: "Give the id of a model" },
  {
    it: "the endpoint itself behind a URL",
    judge: "provider: openai, url: https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/CHAT/openai/v1, model: m-1,",
    says: "judge.url is https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/…. A model that grades its own answers",
  },
  { it: "the endpoint itself in other letters", judge: "endpoint: Chat, model: m-1,", says: "finds them good" },
  {
    it: "weights of what is not graded",
    judge: `${place} weights: { wit: 1 },`,
    says: "weights.wit is 1. The rubric has no such criterion.",
  },
  { it: "weights of nothing", judge: `${place} weights: { tone: 0 },`, says: "at least one more than 0" },
  {
    it: "weights beside quality",
    judge: `${place} rubric: { quality: x }, weights: { quality: 1 },`,
    says: "has quality itself",
  },
  { it: "grades without a 0", judge: `${place} rubric: { quality: { 1: a, 0.5: b } },`, says: "1 and 0 among them" },
  { it: "a grade of 5", judge: `${place} rubric: { quality: { 5: a, 1: c, 0: b } },`, says: "grades from 0 to 1" },
  { it: "a criterion without a meaning", judge: `${place} rubric: { quality: "" },`, says: "Say what the grades mean" },
  {
    it: "a file that is missing",
    judge: `${place} rubric: none.yml,`,
    says: "assay.yml:6: endpoints.chat.judge.rubric is none.yml, which cannot be read",
  },
  {
    it: "a file without criteria",
    judge: `${place} rubric: rubrics/empty.yml,`,
    says: "judge.rubric is empty. Give one to ten criteria",
  },
])("refuses $it", ({ judge, says }) => expect(() => assay(`{ ${judge} ${prices} }`)).toThrow(says));
