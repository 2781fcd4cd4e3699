import { expect, test } from "@jest/globals";
import { readGoldenLine } from "../../../shared/evaluation/goldenSet.ts";
import { Seen } from "../../../shared/evaluation/lint.ts";
import { choose, promote } from "../../../shared/evaluation/promote.ts";

const candidates = Array.from({ length: 60 }, (_, i) => ({
  eventId: `e${i}`,
  segment: i < 50 ? "faq" : i < 55 ? "billing" : "legal",
  quality: i % 2 === 0 ? i / 60 : null,
}));
const ids = (chosen: { eventId: string }[]) => chosen.map(({ eventId }) => eventId);

test("the worst are those with the lowest grades, and no answer without a grade is one", () => {
  expect(ids(choose(candidates, "worst", 3))).toEqual(["e0", "e2", "e4"]);
  expect(choose(candidates, "worst", 100)).toHaveLength(30);
});

test("at random the same are chosen again, and every one may be", () => {
  const chosen = ids(choose(candidates, "random", 20));
  expect(ids(choose(candidates.toReversed(), "random", 20))).toEqual(chosen);
  expect(new Set(chosen).size).toBe(20);
  expect(chosen).not.toEqual(ids(candidates.slice(0, 20)));
});

test("of each segment come as many, while it has them", () => {
  const chosen = choose(candidates, "segments", 18);
  const counts = Object.fromEntries([...Map.groupBy(chosen, ({ segment }) => segment)].map(([name, of]) => [name, of.length]));
  expect(counts).toEqual({ faq: 8, billing: 5, legal: 5 });
});

const captured = (eventId: string, content: string, role: "user" | "assistant" = "user") => ({
  eventId,
  segment: "faq",
  messages: [{ role, content }],
  completion: "Write to jo@example.org.",
});

test("promoted lines are items without personal data; near-duplicates and what is no question are named and left out", () => {
  const question = "My card 4111 1111 1111 1111 was charged twice for the same order, when do I get one of them back?";
  const seen = new Seen();
  seen.add("Where does the parcel with my new shoes stay for so long this time?", "golden.jsonl:4");
  const { lines, near, unfit } = promote(
    [
      captured("a", question),
      captured("b", `${question} Thanks!`),
      captured("c", "where does the parcel with my new shoes stay for so long this time"),
      captured("d", "Bye.", "assistant"),
    ],
    seen,
  );
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(lines)).not.toMatch(/4111|jo@example/);
  expect(readGoldenLine(Buffer.from(JSON.stringify(lines[0])))).toMatchObject({ id: "a", tags: ["faq"], reference: null });
  expect(near).toMatchObject([
    { eventId: "b", of: "a" },
    { eventId: "c", of: "golden.jsonl:4" },
  ]);
  expect(unfit).toEqual(["d"]);
});
