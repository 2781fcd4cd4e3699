import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Distinct } from "../../../shared/scoring/distinct.ts";
import { Phrases } from "../../../shared/scoring/phrases.ts";
import { Text } from "../../../shared/scoring/text.ts";

function wordsIn(text: string): string[] {
  const { lower, words } = new Text(text);
  return [...words.start].map((start, i) => lower.slice(start, words.end[i]));
}

test.each([
  { text: "May I return it?", words: ["may", "i", "return", "it"] },
  { text: "I can't; it's 2nd-hand", words: ["i", "can", "t", "it", "s", "2nd", "hand"] },
  { text: "退货", words: ["退货"] },
  { text: "可以退货", words: ["可以", "以退", "退货"] },
  { text: "退", words: ["退"] },
  { text: "データ", words: ["デー", "ータ"] },
  { text: "iPhone很好", words: ["iphone", "很好"] },
  { text: "नमस्ते दुनिया", words: ["नमस्ते", "दुनिया"] },
  { text: "De\u0301sole\u0301", words: ["désolé"] },
  { text: "so 😀 what", words: ["so", "what"] },
  { text: " \n", words: [] },
])("the words of $text", ({ text, words }) => expect(wordsIn(text)).toEqual(words));

test.each([
  { text: "May I?", digits: 0, isAscii: true },
  { text: "Order 17-4a2, 09:30 — today", digits: 8, isAscii: false },
  { text: "退货30天", digits: 2, isAscii: false },
  { text: "１２", digits: 0, isAscii: false },
  { text: "1990s…", digits: 4, isAscii: false },
])("of $text the digits are counted", ({ text, digits, isAscii }) =>
  expect(new Text(text).words).toMatchObject({ digits, isAscii }),
);

test("equal words have equal hashes, others have others", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-zäß0-9]{1,8}$/), { minLength: 1, maxLength: 30 }), (words) => {
      const { hash, count } = new Text(words.join(" ")).words;
      expect(count).toBe(words.length);
      for (const [i, a] of words.entries()) for (const [k, b] of words.entries()) expect(hash[i] === hash[k]).toBe(a === b);
    }),
    { numRuns: 30 },
  );
});

test("refund and refunds have one stem, short words have none", () => {
  const { stem } = new Text("refund refunds refurbish the").words;
  expect(stem[0]).toBe(stem[1]);
  expect(stem[0]).not.toBe(stem[2]);
  expect(stem[3]).toBe(0);
});

test("a text of any length is read up to its limit", () => expect(new Text("a ".repeat(200_000)).words.count).toBe(50_000));

const phrases = new Phrases(() => ["i can't help", "no puedo ayudar…", "无法提供"]);
test.each([
  { it: "straight", text: "Sorry, I can't help you.", found: true },
  { it: "typographic, shouted, over two lines", text: "I CAN’T\n  HELP", found: true },
  { it: "cut short", text: "No puedo ayudarte con eso", found: true },
  { it: "cut short, at the end", text: "no puedo", found: false },
  { it: "another word between", text: "I can't really help", found: false },
  { it: "the beginning of a longer word", text: "I can't helping", found: false },
  { it: "inside a run without spaces", text: "抱歉，我无法提供这些", found: true },
  { it: "nothing", text: "", found: false },
])("a phrase is found: $it", ({ text, found }) => expect(phrases.isIn(new Text(text))).toBe(found));

test("a phrase counts in its opening only", () => {
  const text = new Text(`${"once ".repeat(80)} I can't help`);
  expect(phrases.isIn(text)).toBe(true);
  expect(phrases.isIn(text, 300)).toBe(false);
});

test("distinct numbers are those of a set, round after round", () => {
  const distinct = new Distinct();
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 5_000 }), { maxLength: 3_000 }), fc.integer(), (numbers, other) => {
      distinct.begin(numbers.length);
      for (const number of numbers) distinct.add(number);
      const set = new Set(numbers);
      expect(distinct.size).toBe(set.size);
      expect(distinct.has(other)).toBe(set.has(other));
      for (const number of numbers.slice(0, 20)) expect(distinct.has(number)).toBe(true);
    }),
    { numRuns: 30 },
  );
});
