import { type Sketch, similarityOf, sketchOf } from "./minHash.ts";

/** A sketch of an answer's words as text: enough to tell how alike two answers are, and none of what they say. */
export function sketchOfAnswer(completion: string): string {
  const { buffer } = sketchOf(completion, 1);
  return Buffer.from(buffer).toString("base64");
}

/** What of an item is compared with itself and with its rewordings; `sketches` of its answers, the first one first. */
export type Sketched = { group: string | null; sketches: readonly string[] };

/**
 * How far answers to one question agree, in [0, 1]: the share of their words that both have, on average over the pairs; 1 where they
 * are always the same words. One value for each item that was asked repeatedly, and one for each group of rewordings.
 */
export function agreements(items: readonly Sketched[]): { repeats: number[]; rewordings: number[] } {
  const groups = Map.groupBy(
    items.filter(({ group }) => group !== null),
    ({ group }) => group,
  );
  return {
    repeats: items.flatMap(({ sketches }) => meanSimilarity(sketches) ?? []),
    rewordings: [...groups.values()].flatMap(
      (members) => meanSimilarity(members.flatMap(({ sketches }) => sketches.slice(0, 1))) ?? [],
    ),
  };
}

/** Over all pairs; `null` where there is none. */
function meanSimilarity(texts: readonly string[]): number | null {
  const sketches = texts.map(sketchIn);
  const pairs = sketches.flatMap((a, i) => sketches.slice(i + 1).map((b) => similarityOf(a, b)));
  return pairs.length === 0 ? null : pairs.reduce((sum, one) => sum + one) / pairs.length;
}

/** Copied, since a Buffer's bytes may begin anywhere and numbers may not. */
const sketchIn = (text: string): Sketch => new Uint32Array(new Uint8Array(Buffer.from(text, "base64")).buffer);
