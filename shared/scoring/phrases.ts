import { lazily } from "../lazily.ts";
import { Text } from "./text.ts";

/** A phrase as the hashes of its words; `rest` is what its last word must begin with, where that is cut short. */
type Phrase = { hashes: Int32Array; rest: string | null };

/** Phrases by the hash of their first word. `mayBegin`: which first words may be there; it spares nearly every look into the map. */
type Index = { byFirst: Map<number, Phrase[]>; mayBegin: Uint8Array };

/**
 * Finds any of many phrases in a text, word by word: case, accents' form, apostrophes, punctuation and line breaks between words do
 * not matter. A phrase that ends in `…` takes every ending of its last word. Linear in the text, however many phrases there are.
 */
export class Phrases {
  readonly #index: () => Index;

  /** @param phrases each with a whole word to begin with; else its first use throws a RangeError */
  constructor(phrases: () => readonly string[]) {
    this.#index = lazily(() => indexOf(phrases()));
  }

  /** Whether one of them begins in the first `characters` of the text, counted from its first word. */
  isIn(text: Text, characters = Number.POSITIVE_INFINITY): boolean {
    const { count, hash, start } = text.words;
    const limit = (start[0] ?? 0) + characters;
    const { byFirst, mayBegin } = this.#index();
    for (let i = 0; i < count && start[i]! < limit; i++) {
      if (mayBegin[hash[i]! & 4095] === 0) continue;
      if (byFirst.get(hash[i]!)?.some((phrase) => standsAt(phrase, text, i))) return true;
    }
    return false;
  }
}

function indexOf(phrases: readonly string[]): Index {
  const byFirst: Index["byFirst"] = new Map();
  const mayBegin = new Uint8Array(4096);
  for (const phrase of phrases) {
    const isCutShort = phrase.endsWith("…");
    const text = new Text(isCutShort ? phrase.slice(0, -1) : phrase);
    const { count, hash, start, end } = text.words;
    const whole = isCutShort ? count - 1 : count;
    if (whole < 1) throw new RangeError(`the phrase "${phrase}" needs a whole word to begin with`);
    const first = hash[0]!;
    mayBegin[first & 4095] = 1;
    const others = byFirst.get(first) ?? [];
    others.push({ hashes: hash.slice(0, whole), rest: isCutShort ? text.lower.slice(start[whole], end[whole]) : null });
    byFirst.set(first, others);
  }
  return { byFirst, mayBegin };
}

function standsAt({ hashes, rest }: Phrase, text: Text, at: number): boolean {
  const { count, hash, start } = text.words;
  const next = at + hashes.length;
  if (next > count || (rest !== null && next === count)) return false;
  for (let i = 0; i < hashes.length; i++) if (hash[at + i] !== hashes[i]) return false;
  return rest === null || text.lower.startsWith(rest, start[next]);
}
