/** Longer than any answer a person reads; the work and memory for one of 25 MB stay small. */
const longestCharacters = 100_000;
const contentLetters = 4;
const stemLetters = 5;

/**
 * The words of a text as numbers, in parallel arrays: what scorers count and compare are hashes, so no word is ever cut out as a
 * string. A script that is written without spaces (Chinese, Japanese, Thai …) has pairs of neighbouring characters for words.
 */
export type Words = {
  count: number;
  /** 32-bit hash of the lower-cased word. Two words share one about once in four billion pairs. */
  hash: Int32Array;
  /**
   * Hash of the first 5 letters where the word has 4 or more, which takes "refund" and "refunds" for one; else 0.
   * Source: truncation as stemming, McNamee & Mayfield 2004, doi:10.1023/B:INRT.0000009441.78971.be
   */
  stem: Int32Array;
  /** Where the word begins and ends in `lower`. */
  start: Int32Array;
  end: Int32Array;
  /** How many ASCII digits there are: without some, no number of a card or a phone can be. */
  digits: number;
  isAscii: boolean;
};

/** A text of which everything that several scorers need is made once, when the first of them asks. Reads 100,000 characters. */
export class Text {
  readonly raw: string;
  #lower: string | null = null;
  #words: Words | null = null;

  constructor(text: string) {
    this.raw = text.length > longestCharacters ? text.slice(0, longestCharacters) : text;
  }

  get isBlank(): boolean {
    return !visible.test(this.raw);
  }

  /** In lower case, accents composed with their letters. */
  get lower(): string {
    this.#lower ??= (combining.test(this.raw) ? this.raw.normalize("NFC") : this.raw).toLowerCase();
    return this.#lower;
  }

  get words(): Words {
    this.#words ??= wordsOf(this.lower);
    return this.#words;
  }
}

/** Spaces of no width are none to a reader, either. */
const visible = /[^\s\u200b-\u200d\u2060]/;
const combining = /[\u0300-\u036f]/;
const wordCharacter = /[\p{L}\p{N}\p{M}]/u;
/** By extensions, since the mark of a long vowel (ー) is of two scripts. */
const unspacedCharacter = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u;

const between = 1;
const spaced = 2;
const unspaced = 4;
/** An ASCII one, which is spaced, too. */
const digit = 8;
/** Of each UTF-16 unit, found when it is first met: 0 = not yet. */
const kinds = new Uint8Array(0x10000);

function findKind(unit: number): number {
  const character = String.fromCharCode(unit);
  const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
  // Beyond the first plane live emoji, and from U+20000 on (D840 and its like) rare Chinese characters.
  const kind = isSurrogate
    ? unit >= 0xd840 && unit <= 0xd8bf
      ? unspaced
      : between
    : !wordCharacter.test(character)
      ? between
      : unspacedCharacter.test(character)
        ? unspaced
        : spaced;
  kinds[unit] = kind | (isDigit(unit) ? digit : 0);
  return kinds[unit]!;
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}
for (let unit = 0; unit < 128; unit++) findKind(unit);

const seed = 0x811c9dc5 | 0;
/** One step of FNV-1a. Source: draft-eastlake-fnv, with UTF-16 units for octets. */
const mix = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193);

// Grown to the longest text so far, at most 100,000 words: one text is read at a time.
let scratch = { hash: new Int32Array(1024), stem: new Int32Array(1024), start: new Int32Array(1024), end: new Int32Array(1024) };

function wordsOf(lower: string): Words {
  if (scratch.hash.length < lower.length) {
    const size = Math.max(lower.length, 2 * scratch.hash.length);
    scratch = { hash: new Int32Array(size), stem: new Int32Array(size), start: new Int32Array(size), end: new Int32Array(size) };
  }
  const { hash, stem, start, end } = scratch;
  let count = 0;
  let digits = 0;
  /** All units in one: above 127 where any is. */
  let units = 0;
  const length = lower.length;
  for (let i = 0; i < length; ) {
    const unit = lower.charCodeAt(i);
    const kind = kinds[unit] || findKind(unit);
    units |= unit;
    if (kind === between) {
      i++;
      continue;
    }
    const first = i;
    if ((kind & spaced) !== 0) {
      let met = kind;
      let h = mix(seed, unit);
      let s = 0;
      for (i++; i < length; i++) {
        const next = lower.charCodeAt(i);
        const kindOfNext = kinds[next] || findKind(next);
        if ((kindOfNext & spaced) === 0) break;
        met |= kindOfNext;
        units |= next;
        h = mix(h, next);
        if (i - first === stemLetters - 1) s = h;
      }
      hash[count] = h;
      stem[count] = s !== 0 ? s : i - first >= contentLetters ? h : 0;
      start[count] = first;
      end[count] = i;
      count++;
      if ((met & digit) !== 0) for (let at = first; at < i; at++) if (isDigit(lower.charCodeAt(at))) digits++;
      continue;
    }
    do i++;
    while (i < length && (kinds[lower.charCodeAt(i)] || findKind(lower.charCodeAt(i))) === unspaced);
    for (let pair = first; pair + 2 <= i || pair === first; pair++) {
      const alone = pair + 2 > i;
      const h = alone ? mix(seed, lower.charCodeAt(pair)) : mix(mix(seed, lower.charCodeAt(pair)), lower.charCodeAt(pair + 1));
      hash[count] = h;
      stem[count] = alone ? 0 : h;
      start[count] = pair;
      end[count] = alone ? pair + 1 : pair + 2;
      count++;
    }
  }
  return {
    count,
    hash: hash.slice(0, count),
    stem: stem.slice(0, count),
    start: start.slice(0, count),
    end: end.slice(0, count),
    digits,
    isAscii: units < 128,
  };
}
