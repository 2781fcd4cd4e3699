import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseReply } from "../../../shared/judging/parse.ts";
import { judge } from "./settings.ts";

const bound = 9_999;
const usage = { prompt_tokens: 1_000, completion_tokens: 20, total_tokens: 1_020 };
const cost = 150 + 12;
const reply = (content: unknown, more: object = {}, message: object = {}) =>
  JSON.stringify({
    id: "chatcmpl-1",
    choices: [{ index: 0, message: { role: "assistant", content, ...message }, finish_reason: "stop" }],
    usage,
    ...more,
  });
const ended = (finish_reason: unknown, content = '{"quality":0.8,"tone":1}') =>
  JSON.stringify({ choices: [{ message: { content }, finish_reason }], usage });
const parse = (text: string) => parseReply(text, judge, bound);

test.each([
  { it: "the grades that were asked for", text: reply('{"quality":0.8,"tone":1}'), grades: { quality: 0.8, tone: 1 } },
  { it: "in another order, with spaces", text: reply(' {\n "tone": 0, "quality": 0.25 }\n'), grades: { quality: 0.25, tone: 0 } },
  { it: "an end in LMI's words", text: ended("eos_token"), grades: { quality: 0.8, tone: 1 } },
])("graded: $it", ({ text, grades }) => expect(parse(text)).toEqual({ status: "graded", grades, costMicroUsd: cost }));

test("without usage a reply is charged what was reserved", () =>
  expect(parse(reply('{"quality":0.8,"tone":1}', { usage: undefined }))).toMatchObject({
    status: "graded",
    costMicroUsd: bound,
  }));
test("a count that is no count is none", () =>
  expect(parse(reply('{"quality":0.8,"tone":1}', { usage: { ...usage, prompt_tokens: -5 } }))).toMatchObject({
    status: "graded",
    costMicroUsd: bound,
  }));

test.each([
  { it: "a reply that was cut off", text: ended("length", '{"quality":0.8,"to'), status: "unparseable", says: "maxTokens (200)" },
  { it: "whole grades that were cut off behind", text: ended("length"), status: "unparseable", says: "maxTokens (200)" },
  { it: "no end", text: ended(null), status: "unparseable", says: "complete" },
  { it: "a call of a tool", text: ended("tool_calls"), status: "unparseable", says: "complete" },
  { it: "a filter", text: ended("content_filter"), status: "refused", says: "filter" },
  { it: "a refusal", text: reply(null, {}, { refusal: "I cannot grade this." }), status: "refused", says: "declined" },
  { it: "a refusal in prose", text: reply("I'm sorry, I can't grade that."), status: "unparseable", says: "JSON" },
  { it: "nothing", text: reply(null), status: "unparseable", says: "empty" },
  { it: "a block of code", text: reply('```json\n{"quality":0.8,"tone":1}\n```'), status: "unparseable", says: "JSON" },
  { it: "words around", text: reply('Here: {"quality":0.8,"tone":1}'), status: "unparseable", says: "JSON" },
  { it: "a list", text: reply('[{"quality":0.8,"tone":1}]'), status: "unparseable", says: "JSON object" },
  { it: "a number alone", text: reply("0.8"), status: "unparseable", says: "JSON object" },
  { it: "a criterion missing", text: reply('{"quality":0.8}'), status: "unparseable", says: "exactly" },
  { it: "a criterion more", text: reply('{"quality":0.8,"tone":1,"wit":1}'), status: "unparseable", says: "exactly" },
  { it: "another criterion", text: reply('{"quality":0.8,"wit":1}'), status: "unparseable", says: "tone" },
  { it: "a criterion twice", text: reply('{"quality":0.1,"quality":0.9,"tone":1}'), status: "unparseable", says: "exactly" },
  {
    it: "a criterion twice, once in disguise",
    text: reply('{"quality":0.1,"qualit\\u0079":0.9,"tone":1}'),
    status: "unparseable",
    says: "exactly",
  },
  { it: "a grade over 1", text: reply('{"quality":8,"tone":1}'), status: "unparseable", says: "quality" },
  { it: "a grade under 0", text: reply('{"quality":0.8,"tone":-0.1}'), status: "unparseable", says: "tone" },
  { it: "a grade as text", text: reply('{"quality":"0.8","tone":1}'), status: "unparseable", says: "quality" },
  { it: "no grade", text: reply('{"quality":null,"tone":1}'), status: "unparseable", says: "quality" },
  { it: "yes", text: reply('{"quality":true,"tone":1}'), status: "unparseable", says: "quality" },
  {
    it: "grades in what objects inherit",
    text: reply('{"__proto__":{"quality":1},"tone":1}'),
    status: "unparseable",
    says: "exactly",
  },
])("no grade: $it", ({ text, status, says }) =>
  expect(parse(text)).toEqual({ status, reason: expect.stringContaining(says), costMicroUsd: cost }),
);

test.each([
  { it: "no JSON", text: "<html>Bad gateway</html>" },
  { it: "no choices", text: '{"choices":[]}' },
  { it: "an error as a reply", text: '{"error":{"message":"overloaded"}}' },
  { it: "nothing", text: "" },
])("failed, and charged what was reserved: $it", ({ text }) =>
  expect(parse(text)).toEqual({ status: "failed", reason: expect.stringContaining("chat completion"), costMicroUsd: bound }),
);

test("whatever is replied, a grade is a number in [0, 1] for each criterion, and no reason quotes the reply", () => {
  const content = fc.oneof(
    fc.json(),
    fc.record({ quality: fc.double(), tone: fc.double() }).map((grades) => JSON.stringify(grades)),
    fc.constant('{"quality":1,"tone":0}'),
  );
  fc.assert(
    fc.property(content, fc.constantFrom("stop", "length", null), (text, finish) => {
      const judgement = parse(ended(finish, text));
      if (judgement.status === "graded") {
        expect(Object.keys(judgement.grades)).toEqual(["quality", "tone"]);
        expect(JSON.parse(text)).toEqual(judgement.grades);
        for (const grade of Object.values(judgement.grades)) expect(grade >= 0 && grade <= 1).toBe(true);
      } else if (judgement.status !== "skipped" && text.length > 12) expect(judgement.reason).not.toContain(text);
    }),
    { numRuns: 500, seed: 20261124 },
  );
});
