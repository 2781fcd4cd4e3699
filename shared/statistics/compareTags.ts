import type { GradedPair } from "./gradedSet.ts";
import { lnEvidenceBetter, lnEvidenceWorse, rejectedAtOnce } from "./manyAtOnce.ts";

/** A pair of grades with the tags of its question. */
export type TaggedPair = GradedPair & { tags: readonly string[] };

/** What B is beside A on the questions of one tag. */
export type TagComparison = {
  criterion: string;
  tag: string;
  /** `null`: nothing is called, which says nothing of the size. */
  verdict: "better" | "worse" | null;
  difference: number;
  n: number;
  wins: number;
  ties: number;
  losses: number;
};

/**
 * Compares all tags of all criteria at once. Of the tags called better or worse, the expected share that is not is at most `error`,
 * however many tags there are, however they overlap, and whenever one looks.
 * @param byCriterion criterion → its pairs; a pair counts for each of its tags
 * @returns in order of criterion and tag; without tags, nothing
 * Source: docs/statistics.md, "Many tags at once"
 */
export function compareTags(byCriterion: Readonly<Record<string, readonly TaggedPair[]>>, error: number): TagComparison[] {
  const groups = Object.entries(byCriterion).flatMap(([criterion, pairs]) =>
    [...new Set(pairs.flatMap(({ tags }) => tags))].sort().map((tag) => {
      const own = pairs.filter(({ tags }) => tags.includes(tag));
      return { criterion, tag, differences: own.map(({ a, b }) => b - a) };
    }),
  );
  // Either direction is a hypothesis of its own, so that a call is right in its direction.
  const lnE = groups.flatMap(({ differences }) => {
    const counts = countsOf(differences);
    return [lnEvidenceBetter(counts), lnEvidenceWorse(counts)];
  });
  const called = new Set(rejectedAtOnce(lnE, error));
  return groups.map(({ criterion, tag, differences }, i) => ({
    criterion,
    tag,
    verdict: called.has(2 * i) ? "better" : called.has(2 * i + 1) ? "worse" : null,
    difference: differences.reduce((sum, d) => sum + d, 0) / differences.length,
    n: differences.length,
    wins: differences.filter((d) => d > 0).length,
    ties: differences.filter((d) => d === 0).length,
    losses: differences.filter((d) => d < 0).length,
  }));
}

function countsOf(differences: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const d of differences) counts.set(d, (counts.get(d) ?? 0) + 1);
  return counts;
}
