import { expect, test } from "@jest/globals";
import type { Rule } from "../../../shared/config/assay.ts";
import { nothingBeside, scoreAll, scorers } from "../../../shared/scoring/registry.ts";
import "../../../shared/scoring/regexEngine.ts";
import { scoreRule } from "../../../shared/scoring/rules.ts";
import { textsAsSubject } from "./labelled.ts";

const answer = '{"status":"ok","ticket":"T-1234","confidence":0.8}';
test.each<{ it: string; rule: Rule; completion?: string; score: number | null }>([
  { it: "a regular expression that is found", rule: { regex: "T-[0-9]{4}", absent: false }, score: 1 },
  { it: "one that is not", rule: { regex: "^T-[0-9]{4}$", absent: false }, score: 0 },
  { it: "one that should not be", rule: { regex: "T-[0-9]{4}", absent: true }, score: 0 },
  { it: "a text, whatever its case", rule: { contains: ["STATUS"], absent: false }, score: 1 },
  { it: "one of several texts", rule: { contains: ["nothing", "ticket"], absent: false }, score: 1 },
  { it: "none of several texts, as it should be", rule: { contains: ["nothing", "else"], absent: true }, score: 1 },
  { it: "no answer to look into", rule: { contains: ["x"], absent: true }, completion: " ", score: null },
  { it: "an expression that is true", rule: { jmespath: "answer.status == 'ok'", absent: false }, score: 1 },
  { it: "an expression that should be false", rule: { jmespath: "answer.status == 'ok'", absent: true }, score: 0 },
  { it: "a number in [0, 1]", rule: { jmespath: "answer.confidence", absent: false }, score: 0.8 },
  { it: "text, which is no score", rule: { jmespath: "answer.ticket", absent: false }, score: null },
  { it: "nothing, as the answer is no JSON", rule: { jmespath: "answer.status", absent: false }, completion: "ok", score: null },
  { it: "what was asked for", rule: { jmespath: "request.max_tokens <= `100`", absent: false }, score: 1 },
  {
    it: "a function that met another kind of data",
    rule: { jmespath: "length(answer.confidence) > `1`", absent: false },
    score: null,
  },
])("a rule: $it", ({ rule, completion = answer, score }) =>
  expect(scoreRule(rule, textsAsSubject("Status?", completion, null, { max_tokens: 100 }))).toBe(score),
);

test("rules stand beside the scorers, and what is off is not there", () => {
  const rules = { ticket: { contains: ["T-"], absent: false } };
  const { inference } = textsAsSubject("Status?", answer, null);
  const scores = scoreAll(inference, nothingBeside, { off: ["toxicity", "injection"], rules, plugIns: {} });
  const names = scorers.map(({ name }) => name).filter((name) => name !== "toxicity" && name !== "injection");
  expect(Object.keys(scores)).toEqual([...names, "ticket"]);
  expect(scores.ticket).toBe(1);
});

const schema = { type: "object", required: ["status"] };
test.each([
  { it: "OpenAI's JSON mode", request: { response_format: { type: "json_object" } }, completion: "{}", score: 1 },
  {
    it: "OpenAI's JSON mode takes no fence",
    request: { response_format: { type: "json_object" } },
    completion: "```json\n{}\n```",
    score: 0,
  },
  {
    it: "OpenAI's schema, kept",
    request: { response_format: { type: "json_schema", json_schema: { schema } } },
    completion: answer,
    score: 1,
  },
  {
    it: "OpenAI's schema, broken",
    request: { response_format: { type: "json_schema", json_schema: { schema } } },
    completion: "{}",
    score: 0,
  },
  { it: "vLLM's guided decoding", request: { guided_json: JSON.stringify(schema) }, completion: "{}", score: 0 },
  { it: "vLLM's structured outputs", request: { structured_outputs: { json: schema } }, completion: answer, score: 1 },
  { it: "TGI's grammar", request: { parameters: { grammar: { type: "json", value: schema } } }, completion: "{}", score: 0 },
  { it: "plain text, as asked", request: { response_format: { type: "text" } }, completion: "Hello", score: null },
  { it: "nothing in particular", request: {}, completion: "{", score: null },
])("json that the request asks for: $it", ({ request, completion, score }) => {
  const { inference } = textsAsSubject("Status?", completion, null);
  expect(scoreAll(inference, { request, reference: null }, { off: [], rules: {}, plugIns: {} }).json).toBe(score);
});
