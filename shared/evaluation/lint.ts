import { lastQuestion, type Turn } from "../capture/inference.ts";
import { type GoldenIndex, type GoldenItem, indexGoldenSet } from "./goldenSet.ts";
import { Neighbours, sketchOf } from "./minHash.ts";

/**
 * What may be wrong with an item that can be asked. `near_duplicate`: it asks nearly what an earlier line asks, so it counts twice.
 * `leaked`: nearly the question of a text that the model may have seen. `gives_away`: its reference stands in its question.
 * `contradiction`: an earlier line asks the same, and has another reference. `alone`: no other item is in its group.
 */
type Flag = {
  line: number;
  id: string;
  kind: "near_duplicate" | "leaked" | "gives_away" | "contradiction" | "alone";
  /** The other line, or the name of the other text. */
  of: string | null;
  /** Share of phrases of three words in common, where that is the reason. */
  similarity: number | null;
};
export type Linted = GoldenIndex & { flags: Flag[] };

/** Four of five phrases in common: a question with a word or two changed. */
const nearly = 0.8;
const wordsOfPhrase = 3;
/** A shorter reference, such as "no", stands in many a question without being given away. */
const shortestGiven = 20;

/** Texts that a model may have been shown: training data, examples in a prompt, another golden set. */
export class Seen {
  readonly #neighbours = new Neighbours<{ name: string }>();

  add(text: string, name: string): void {
    this.#neighbours.add(sketchOf(text, wordsOfPhrase), { name });
  }

  /** The one that a text is nearly the same as, or `null`. */
  like(text: string): { name: string; similarity: number } | null {
    const found = this.#neighbours.nearest(sketchOf(text, wordsOfPhrase), nearly);
    return found && { name: found.item.name, similarity: found.similarity };
  }
}

/** Reads a golden set and looks each item over; quotes ids and lines, never a text. */
export async function lintGoldenSet(bytes: AsyncIterable<Uint8Array>, seen: Seen): Promise<Linted> {
  const flags: Flag[] = [];
  const earlier = new Neighbours<{ line: number; item: GoldenItem }>();
  const groups = new Map<string, { line: number; id: string }[]>();
  const index = await indexGoldenSet(bytes, "openai-chat", (item, line) => {
    const { id, reference, group } = item;
    const question = questionOf(item);
    const flag = (kind: Flag["kind"], of: string | null, similarity: number | null) =>
      flags.push({ line, id, kind, of, similarity });

    const sketch = sketchOf(question, wordsOfPhrase);
    const near = earlier.nearest(sketch, nearly);
    if (near) {
      const { item: other, line: otherLine } = near.item;
      const isSame = near.similarity === 1;
      if (isSame && reference !== null && other.reference !== null && reference !== other.reference)
        flag("contradiction", `line ${otherLine}`, null);
      else if (group === null || group !== other.group) flag("near_duplicate", `line ${otherLine}`, near.similarity);
    }
    earlier.add(sketch, { line, item });
    const known = seen.like(question);
    if (known) flag("leaked", known.name, known.similarity);
    if (reference !== null && reference.length >= shortestGiven && question.includes(reference)) flag("gives_away", null, null);
    if (group !== null) groups.set(group, [...(groups.get(group) ?? []), { line, id }]);
  });
  for (const members of groups.values()) {
    if (members.length === 1) flags.push({ ...members[0]!, kind: "alone", of: null, similarity: null });
  }
  return { ...index, flags: flags.sort((a, b) => a.line - b.line) };
}

/** What tells one item from another: all that is asked, without a system prompt that all may share. */
export function questionOf({ messages }: { messages: readonly Turn[] }): string {
  const turns = messages.filter(({ role }) => role !== "system");
  return turns.map(({ content }) => content).join("\n") || lastQuestion(messages);
}
