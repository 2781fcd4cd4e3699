import type { Turn } from "../capture/inference.ts";
import { redact } from "../judging/redact.ts";
import { unitHash } from "../sampling/poisson.ts";
import { longestId } from "./goldenSet.ts";
import { questionOf, type Seen } from "./lint.ts";
import { capturedTarget } from "./request.ts";

/** `worst`: by the judge's grade; `random`: each with the same chance; `segments`: from each segment as many, at random. */
export const ways = ["worst", "random", "segments"] as const;
export type Way = (typeof ways)[number];

/** An answer of production that may be promoted. `quality` is the judge's grade, `null` where there is none. */
export type Candidate = { eventId: string; segment: string; quality: number | null };
/** A candidate with its texts. */
export type CapturedText = { eventId: string; segment: string; messages: readonly Turn[]; completion: string };

/**
 * Chooses up to `n` candidates. What is chosen follows from the event ids: whoever asks again is given the same, and among more
 * candidates mostly the same.
 */
export function choose<C extends Candidate>(candidates: readonly C[], way: Way, n: number): C[] {
  const drawn = candidates.map((candidate) => ({ candidate, draw: unitHash("assay:promote:v1", candidate.eventId) }));
  const shuffled = drawn.sort((a, b) => a.draw - b.draw).map(({ candidate }) => candidate);
  switch (way) {
    case "random":
      return shuffled.slice(0, n);
    case "worst": {
      const graded = shuffled.filter((candidate): candidate is C & { quality: number } => candidate.quality !== null);
      return graded.sort((a, b) => a.quality - b.quality).slice(0, n);
    }
    case "segments":
      return inTurns(
        Map.groupBy(shuffled, ({ segment }) => segment),
        n,
      );
  }
}

/** One of each segment, then a second of each, until there are enough. */
function inTurns<C>(bySegment: ReadonlyMap<string, readonly C[]>, n: number): C[] {
  const segments = [...bySegment].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, members]) => members);
  const longest = Math.max(0, ...segments.map(({ length }) => length));
  const rounds = Array.from({ length: longest }, (_, round) => segments.flatMap((members) => members.slice(round, round + 1)));
  return rounds.flat().slice(0, n);
}

/**
 * The line of a golden set that asks again what was asked in production. It has no reference: nobody has said that the answer was good.
 * @param clean what is done to each text
 * @returns `null` where a golden set has no place for the conversation: it does not end with a question
 */
export function goldenLineOf(
  { eventId, segment, messages, completion }: CapturedText,
  clean: (text: string) => string,
): object | null {
  const turns = messages.map(({ role, content }) => ({ role, content: clean(content) }));
  const last = turns.at(-1);
  if (last?.role !== "user" || last.content.trim() === "") return null;
  return { id: eventId.slice(-longestId), messages: turns, tags: [segment], answers: { [capturedTarget]: clean(completion) } };
}

/** What became of the chosen ones. `near` names those that ask nearly what the set, or one before, asks already. */
export type Promoted = { lines: object[]; near: { eventId: string; of: string; similarity: number }[]; unfit: string[] };

/** Makes lines of what was chosen, without personal data and secrets, and leaves out near-duplicates. `seen` has the set as it is. */
export function promote(chosen: readonly CapturedText[], seen: Seen): Promoted {
  const promoted: Promoted = { lines: [], near: [], unfit: [] };
  for (const text of chosen) {
    const line = goldenLineOf(text, redact);
    if (line === null) {
      promoted.unfit.push(text.eventId);
      continue;
    }
    const question = questionOf({ messages: text.messages.map(({ role, content }) => ({ role, content: redact(content) })) });
    const known = seen.like(question);
    if (known) promoted.near.push({ eventId: text.eventId, of: known.name, similarity: known.similarity });
    else promoted.lines.push(line);
    seen.add(question, text.eventId);
  }
  return promoted;
}
