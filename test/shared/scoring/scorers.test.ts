import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { FinishReason, Inference } from "../../../shared/capture/inference.ts";
import { nothingBeside, scoreAll, scorers } from "../../../shared/scoring/registry.ts";
import { textsAsSubject } from "./labelled.ts";

const builtIn = { off: [], rules: {}, plugIns: {} };
const question = "May I return the blue running shoes after two weeks?";

function answered(completion: string, about: { prompt?: string; finishReason?: FinishReason } = {}): Inference {
  const { prompt = question, finishReason = "stop" } = about;
  return { ...textsAsSubject(prompt, completion, null).inference, finishReason };
}

test.each([
  { scorer: "empty", it: "an answer", inference: answered("Yes."), score: 1 },
  { scorer: "empty", it: "nothing", inference: answered(""), score: 0 },
  { scorer: "empty", it: "white space", inference: answered(" \n\t\u00a0"), score: 0 },
  { scorer: "empty", it: "a tool call", inference: answered("", { finishReason: "tool" }), score: null },
  { scorer: "empty", it: "an answer that a filter took away", inference: answered("", { finishReason: "filter" }), score: 0 },

  { scorer: "truncated", it: "a model that came to an end", inference: answered("Yes."), score: 1 },
  {
    scorer: "truncated",
    it: "an answer at its token limit",
    inference: answered("Yes, you may", { finishReason: "length" }),
    score: 0,
  },
  {
    scorer: "truncated",
    it: "a payload that does not say",
    inference: answered("Yes, you may", { finishReason: "unknown" }),
    score: null,
  },

  {
    scorer: "repetition",
    it: "plain prose",
    inference: answered("You may return the shoes within thirty days of delivery."),
    score: 1,
  },
  { scorer: "repetition", it: "a loop", inference: answered("very good ".repeat(50)), score: 2 / 97 },
  {
    scorer: "repetition",
    it: "one formula of seven words",
    inference: answered("thank you thank you thank you thank"),
    score: null,
  },

  { scorer: "refusal", it: "an answer", inference: answered("Yes, within 30 days."), score: 1 },
  { scorer: "refusal", it: "nothing", inference: answered(" "), score: null },
  { scorer: "refusal", it: "English", inference: answered("I'm sorry, but I can’t assist with that."), score: 0 },
  {
    scorer: "refusal",
    it: "shouted English over two lines",
    inference: answered("I CANNOT\n  HELP with this request."),
    score: 0,
  },
  { scorer: "refusal", it: "German", inference: answered("Tut mir leid, dabei kann ich Ihnen nicht helfen."), score: 0 },
  { scorer: "refusal", it: "French", inference: answered("Désolé, je ne peux pas vous aider."), score: 0 },
  {
    scorer: "refusal",
    it: "French, whose accents are characters of their own",
    inference: answered("Désolé, je ne peux pas répondre.".normalize("NFD")),
    score: 0,
  },
  { scorer: "refusal", it: "Spanish", inference: answered("Lo siento, pero no puedo ayudar con eso."), score: 0 },
  { scorer: "refusal", it: "Chinese", inference: answered("抱歉，我无法提供这方面的信息。"), score: 0 },
  {
    scorer: "refusal",
    it: "Japanese",
    inference: answered("申し訳ありませんが、その件についてはお手伝いできません。"),
    score: 0,
  },
  {
    scorer: "refusal",
    it: "an apology that helps",
    inference: answered("I'm sorry about the delay! Your parcel arrives today."),
    score: 1,
  },
  {
    scorer: "refusal",
    it: "a story in which somebody refuses later",
    inference: answered(`${"Once upon a time. ".repeat(30)}"I cannot help you," said the fox.`),
    score: 1,
  },

  {
    scorer: "relevance",
    it: "an answer in the words of the question",
    inference: answered("You may return running shoes up to four weeks after delivery, blue or not."),
    score: 1,
  },
  { scorer: "relevance", it: "an answer about something else", inference: answered("Our cafeteria opens at nine."), score: 0 },
  {
    scorer: "relevance",
    it: "another form of the word",
    inference: answered("Refunds: yes.", { prompt: "refunding of payments delayed" }),
    score: 1 / 3,
  },
  { scorer: "relevance", it: "a question of few words", inference: answered("Hello!", { prompt: "Hi, you" }), score: null },
  { scorer: "relevance", it: "no text", inference: answered(""), score: null },
  {
    scorer: "relevance",
    it: "Chinese about the same",
    inference: answered("可以退货，运动鞋三十天内都可以。", { prompt: "运动鞋可以退货吗" }),
    score: 5 / 7,
  },
  {
    scorer: "relevance",
    it: "Chinese about something else",
    inference: answered("今天天气很好。", { prompt: "运动鞋可以退货吗" }),
    score: 0,
  },
])("$scorer: $it", ({ scorer, inference, score }) => {
  const found = scoreAll(inference, nothingBeside, builtIn)[scorer];
  if (score === null) expect(found).toBeNull();
  else expect(found).toBeCloseTo(score, 12);
});

test.each(["model_error", "input_only", "output_only"] as const)("%s is not scored at all", (outcome) =>
  expect(scoreAll({ ...answered("Yes."), outcome }, nothingBeside, builtIn)).toEqual({}),
);

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.lorem({ maxCount: 40 }),
  fc.string({ unit: fc.constantFrom("a ", "bc", "\n", "’", "漢", "ก"), maxLength: 80 }),
);
test.each(scorers)("$name of any text is null or in [0, 1], and the same every time", ({ score }) => {
  fc.assert(
    fc.property(
      anyText,
      anyText,
      fc.constantFrom<FinishReason>("stop", "length", "tool", "filter", "unknown"),
      (prompt, completion, finishReason) => {
        const subject = () => ({
          ...textsAsSubject(prompt, completion, completion), // the answer is its own reference
          inference: answered(completion, { prompt, finishReason }),
        });
        const found = score(subject());
        expect(found === null || (found >= 0 && found <= 1)).toBe(true);
        expect(score(subject())).toBe(found);
      },
    ),
  );
});

test("every scorer's name is its own", () => expect(new Set(scorers.map(({ name }) => name)).size).toBe(scorers.length));
