import { expect, test } from "@jest/globals";
import { lintGoldenSet, Seen } from "../../../shared/evaluation/lint.ts";

async function* once(lines: object[]) {
  yield new TextEncoder().encode(lines.map((line) => JSON.stringify(line)).join("\n"));
}
const long = "How many working days does the refund of a returned parcel take when it was paid by card?";

test.each([
  {
    it: "two questions",
    lines: [
      { id: "a", prompt: long },
      { id: "b", prompt: "Where is my parcel?" },
    ],
    flags: [],
  },
  {
    it: "a question that is asked again with a word more",
    lines: [
      { id: "a", prompt: long },
      { id: "b", prompt: `${long} Thanks.` },
    ],
    flags: [{ line: 2, id: "b", kind: "near_duplicate", of: "line 1" }],
  },
  {
    it: "the same system prompt before different questions",
    lines: ["Refund?", "Parcel?"].map((content) => ({
      messages: [
        { role: "system", content: long },
        { role: "user", content },
      ],
    })),
    flags: [],
  },
  {
    it: "rewordings of one group",
    lines: [
      { prompt: long, group: "g" },
      { prompt: `${long} Thanks.`, group: "g" },
    ],
    flags: [],
  },
  { it: "a group of one", lines: [{ id: "a", prompt: long, group: "g" }], flags: [{ line: 1, id: "a", kind: "alone" }] },
  {
    it: "two references for one question",
    lines: [
      { id: "a", prompt: long, reference: "Five." },
      { id: "b", prompt: long, reference: "Six." },
    ],
    flags: [{ line: 2, id: "b", kind: "contradiction", of: "line 1" }],
  },
  {
    it: "a reference in its question",
    lines: [{ id: "a", prompt: "Repeat: it takes five working days.", reference: "it takes five working days." }],
    flags: [{ line: 1, id: "a", kind: "gives_away" }],
  },
  {
    it: "a question that the model was trained on",
    lines: [{ id: "a", prompt: "What is the capital city of the country that lies between Spain and Germany?" }],
    flags: [{ line: 1, id: "a", kind: "leaked", of: "train.txt:7" }],
  },
])("$it", async ({ lines, flags }) => {
  const seen = new Seen();
  seen.add("what is the capital city of the country that lies between Spain and Germany", "train.txt:7");
  const linted = await lintGoldenSet(once(lines), seen);
  expect(linted).toMatchObject({ broken: [], flags });
  expect(linted.flags).toHaveLength(flags.length);
});

test("the version names the content: not its order and spaces, but every text in it", async () => {
  const version = async (...lines: object[]) => (await lintGoldenSet(once(lines), new Seen())).version;
  const [a, b] = [
    { id: "a", prompt: "Refund?" },
    { id: "b", prompt: "Parcel?" },
  ];
  expect(await version(a, b)).toMatch(/^[0-9a-f]{16}$/);
  expect(await version(b, a)).toBe(await version(a, b));
  expect(await version({ prompt: "Refund?", id: "a" }, b)).toBe(await version(a, b));
  expect(await version(a)).not.toBe(await version(a, b));
  expect(await version({ ...a, reference: "30 days." }, b)).not.toBe(await version(a, b));
});
