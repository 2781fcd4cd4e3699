import { expect, test } from "@jest/globals";
import { Neighbours, similarityOf, sketchOf } from "../../../shared/evaluation/minHash.ts";

const words = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `w${from + i}`).join(" ");

test.each([
  { it: "equal texts", a: "How long does a refund take?", b: "how LONG does a refund take", n: 3, similarity: 1 },
  { it: "short texts", a: "Refund?", b: "Parcel?", n: 3, similarity: 0 },
  { it: "empty texts", a: "", b: " ", n: 3, similarity: 1 },
  { it: "half of the words", a: words(0, 300), b: words(100, 400), n: 1, similarity: 200 / 400 },
  { it: "most of the words", a: words(0, 1000), b: words(100, 1000), n: 1, similarity: 0.9 },
])("the similarity of $it is $similarity", ({ a, b, n, similarity }) => {
  const standardError = Math.sqrt((similarity * (1 - similarity)) / 128);
  expect(Math.abs(similarityOf(sketchOf(a, n), sketchOf(b, n)) - similarity)).toBeLessThanOrEqual(3 * standardError);
});

test("the nearest of many is found, and none where all are far", () => {
  const neighbours = new Neighbours<string>();
  for (let i = 0; i < 200; i++) neighbours.add(sketchOf(words(i * 50, i * 50 + 50), 3), `text ${i}`);
  const near = `${words(350, 399)} another`;
  expect(neighbours.nearest(sketchOf(near, 3), 0.8)).toMatchObject({ item: "text 7" });
  expect(neighbours.nearest(sketchOf(words(99_000, 99_050), 3), 0.8)).toBeNull();
});
