import { ngram } from "../scoring/ngrams.ts";
import { Text } from "../scoring/text.ts";

/** A sketch of the set of a text's words or phrases. What two share, tells how much of the two sets is the same. */
export type Sketch = Uint32Array;

/** The standard error of a similarity of 0.8 is then 0.035. */
const hashes = 128;
/** 32 bands of 4: two texts with a similarity of 0.8 meet in one with all but 1 in 10⁷, two with 0.3 in 1 of 4. */
const rows = 4;

/**
 * The sketch of a text's phrases of `n` words; of all its words as one, where it is shorter.
 * Source: Broder 1997, "On the resemblance and containment of documents"
 */
export function sketchOf(text: string, n: number): Sketch {
  const { hash, count } = new Text(text).words;
  const sketch = new Uint32Array(hashes).fill(0xffffffff);
  const length = Math.min(n, count);
  if (length === 0) return sketch;
  for (let at = 0; at + length <= count; at++) {
    const phrase = ngram(hash, at, length);
    for (let i = 0; i < hashes; i++) {
      const value = mixed(phrase ^ seeds[i]!);
      if (value < sketch[i]!) sketch[i] = value;
    }
  }
  return sketch;
}

/** The share of the phrases of two texts that both have (Jaccard's), estimated without bias: 1 for equal texts. */
export function similarityOf(a: Sketch, b: Sketch): number {
  let same = 0;
  for (let i = 0; i < hashes; i++) if (a[i] === b[i]) same++;
  return same / hashes;
}

/** Finds what is like a text among many, without comparing it with each. Source: Indyk & Motwani 1998, by bands of MinHash */
export class Neighbours<Item> {
  readonly #buckets = new Map<string, { sketch: Sketch; item: Item }[]>();

  add(sketch: Sketch, item: Item): void {
    for (const bucket of bucketsOf(sketch)) {
      const there = this.#buckets.get(bucket);
      if (there) there.push({ sketch, item });
      else this.#buckets.set(bucket, [{ sketch, item }]);
    }
  }

  /** The most similar one of those that are at least so similar. */
  nearest(sketch: Sketch, atLeast: number): { item: Item; similarity: number } | null {
    let best: { item: Item; similarity: number } | null = null;
    const seen = new Set<Item>();
    for (const bucket of bucketsOf(sketch)) {
      for (const { item, sketch: other } of this.#buckets.get(bucket) ?? []) {
        if (seen.has(item)) continue;
        seen.add(item);
        const similarity = similarityOf(sketch, other);
        if (similarity >= atLeast && similarity > (best?.similarity ?? 0)) best = { item, similarity };
      }
    }
    return best;
  }
}

const bucketsOf = (sketch: Sketch): string[] =>
  Array.from({ length: hashes / rows }, (_, band) => `${band}:${sketch.subarray(band * rows, (band + 1) * rows).join()}`);

const seeds = Int32Array.from({ length: hashes }, (_, i) => mixed(0x9e3779b9 * (i + 1)));

/** The finalizer of MurmurHash3: each bit of the input changes each of the output with even chance. */
function mixed(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
