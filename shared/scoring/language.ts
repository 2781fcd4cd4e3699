import { lazily } from "../lazily.ts";
import { askingPrepositions, askingVerbs, languages, scripts } from "./languages.ts";
import type { Scorer, Subject } from "./scorer.ts";
import { Text } from "./text.ts";

/** Enough to tell by; the rest of a long text costs time and changes nothing. */
const mostWords = 150;
const mostCharacters = 800;
/** A text of one script with fewer hits could be a name, a title or code. */
const leastVotes = 1.5;
/** The first must have half as many again as the second: Danish and Norwegian share most of their words. */
const leastLead = 1.35;

const codes = Object.keys(languages);
/** Of the text that is being read. */
const votes = new Float64Array(codes.length);

const tables = lazily(() => {
  /** Word → the languages that have it among their commonest. */
  const voters = new Map<number, number[]>();
  const letterVoters = new Map<number, number[]>();
  /** Name of a language → the language. */
  const named = new Map<number, string>();
  for (const [index, [code, { words, letters, names }]] of Object.entries(languages).entries()) {
    for (const hash of hashesOf(words)) voters.set(hash, [...(voters.get(hash) ?? []), index]);
    for (const letter of letters)
      letterVoters.set(letter.charCodeAt(0), [...(letterVoters.get(letter.charCodeAt(0)) ?? []), index]);
    for (const name of names.split(" ")) {
      const [hash, ...others] = hashesOf(name);
      if (hash !== undefined && others.length === 0) named.set(hash, code);
    }
  }
  const asking = { verbs: hashesOf(askingVerbs), prepositions: hashesOf(askingPrepositions) };
  return { voters, letterVoters, named, ...asking, mayVote: bitsOf(voters.keys()), mayName: bitsOf(named.keys()) };
});

/**
 * Measures whether the answer is in the language that was asked for in the prompt or the system's turn ("answer in French"), or else
 * in that of the prompt. A prompt that only names a language ("What is bread in French?") may be answered in either.
 * Range: 0 = another language, 1 = the same; `null` where one of them cannot be told.
 * Cost: constant; the first 150 words, by script, letters and the commonest little words of 30 languages.
 * Cannot see: the language of a few words, of code, of names; languages outside the list; a text that changes its language.
 */
export const language: Scorer = {
  name: "language",
  unit: "score",
  score(subject) {
    const spoken = languageOf(subject.completion);
    if (spoken === null) return null;
    const { demanded, mentioned } = askedFor(subject);
    if (demanded.size > 0) return demanded.has(spoken) ? 1 : 0;
    if (mentioned.has(spoken)) return 1;
    const asked = languageOf(subject.prompt);
    if (asked === null) return null;
    return asked === spoken ? 1 : 0;
  },
};

/** The language of a text by its ISO 639-1 code, or `null` where it is too short or too mixed to tell. */
export function languageOf(text: Text): string | null {
  const prose = text.raw.includes("```") ? new Text(withoutCode(text.raw)) : text;
  const { count, hash, isAscii } = prose.words;
  const script = isAscii ? (/[a-z]/.test(prose.lower) ? "latin" : null) : scriptOf(prose.lower);
  if (script === null || Object.hasOwn(languages, script)) return script;
  const { voters, mayVote } = tables();
  votes.fill(0);
  for (let i = 0; i < count && i < mostWords; i++) {
    const word = hash[i]!;
    if ((mayVote[(word & 0xffff) >> 3]! & (1 << (word & 7))) === 0) continue;
    const those = voters.get(word);
    if (those !== undefined) for (const index of those) votes[index]! += 1 / those.length;
  }
  if (!isAscii) countLetters(prose.lower);
  let first = 0;
  for (let i = 1; i < votes.length; i++) if (votes[i]! > votes[first]!) first = i;
  let second = 0;
  for (let i = 0; i < votes.length; i++) if (i !== first && votes[i]! > second) second = votes[i]!;
  return votes[first]! >= leastVotes && votes[first]! >= leastLead * second ? codes[first]! : null;
}

function countLetters(lower: string): void {
  const { letterVoters } = tables();
  for (let i = 0; i < lower.length && i < mostCharacters; i++) {
    const unit = lower.charCodeAt(i);
    if (unit < 128) continue;
    const those = letterVoters.get(unit);
    if (those !== undefined) for (const index of those) votes[index]! += 0.5 / those.length;
  }
}

/** The script that most letters are of: a language where it alone is written so, else the script's own name. */
function scriptOf(lower: string): string | null {
  let latinLetters = 0;
  let counts: Map<string, number> | null = null;
  const length = Math.min(lower.length, mostCharacters);
  for (let i = 0; i < length; i++) {
    const unit = lower.charCodeAt(i);
    if (unit < 0x250) {
      if (unit >= 0x61) latinLetters++;
      continue;
    }
    if (unit >= 0x2000 && unit < 0x3040) continue; // typographic marks, of which every text has some
    const script = scripts.find(({ from, to }) => unit >= from && unit <= to)?.script;
    if (script === undefined) continue;
    counts ??= new Map();
    counts.set(script, (counts.get(script) ?? 0) + 1);
  }
  if (counts === null) return latinLetters > 0 ? "latin" : null;
  // A character of these says about as much as three letters; and Japanese is Chinese characters among kana.
  const kana = counts.get("ja") ?? 0;
  if (kana > 0) counts.set("ja", kana + (counts.get("zh") ?? 0)).delete("zh");
  for (const script of ["ja", "zh", "ko"]) if (counts.has(script)) counts.set(script, 3 * counts.get(script)!);
  counts.set("latin", latinLetters + (counts.get("latin") ?? 0));
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

/** Languages that the prompt, or the system's turn, demands of the answer, and those it only names. */
function askedFor({ prompt, inference }: Subject): { demanded: Set<string>; mentioned: Set<string> } {
  const inPrompt = namesIn(prompt);
  if (inPrompt.demanded.size > 0) return inPrompt;
  const system = inference.messages.find(({ role }) => role === "system");
  if (system === undefined) return inPrompt;
  if (system.content !== lastSystem.content) lastSystem = { content: system.content, names: namesIn(new Text(system.content)) };
  return { demanded: lastSystem.names.demanded, mentioned: inPrompt.mentioned };
}

type Named = { demanded: Set<string>; mentioned: Set<string> };
const nobody: Named = { demanded: new Set(), mentioned: new Set() };
/** The system's turn is the same from call to call, and often long. */
let lastSystem: { content: string; names: Named } = { content: "", names: nobody };

function namesIn({ words: { count, hash } }: Text): Named {
  const { named, mayName, verbs, prepositions } = tables();
  let found: Named | null = null;
  for (let i = 0; i < count; i++) {
    const word = hash[i]!;
    if ((mayName[(word & 0xffff) >> 3]! & (1 << (word & 7))) === 0) continue;
    const code = named.get(word);
    if (code === undefined) continue;
    found ??= { demanded: new Set(), mentioned: new Set() };
    const isDemand = i > 0 && prepositions.has(hash[i - 1]!) && hash.some((other) => verbs.has(other));
    (isDemand ? found.demanded : found.mentioned).add(code);
  }
  return found ?? nobody;
}

/** What stands between fences is code, and its words are English whatever the answer is. */
function withoutCode(text: string): string {
  return text
    .split("```")
    .filter((_, i) => i % 2 === 0)
    .join("\n");
}

function hashesOf(words: string): Set<number> {
  return new Set(new Text(words).words.hash);
}

/** Which of 2^16 remainders occur: spares nearly every look into the map. */
function bitsOf(hashes: Iterable<number>): Uint8Array {
  const bits = new Uint8Array(1 << 13);
  for (const hash of hashes) bits[(hash & 0xffff) >> 3]! |= 1 << (hash & 7);
  return bits;
}
