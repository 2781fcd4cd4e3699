import { primary } from "../judging/rubric.ts";
import { type Reaction, reactions, type Said } from "./label.ts";

/** What somebody said of an answer of ours that nobody had asked about. */
export type Unasked = { eventId: string; variant: string } & Said;

/** Reaction → the grade that it counts as, in [0, 1]; `feedback` of assay.yml. */
export type ReactionGrades = Record<Reaction, number>;

/**
 * What users made of a variant's answers of one day. No estimate of its quality: users choose themselves what they react to, and
 * who says nothing may be pleased or gone.
 */
export type VariantImpact = {
  variant: string;
  /** Answers of the day; `null`: nobody has counted them yet. */
  answered: number | null;
  /** Answers with a reaction of each kind. */
  counts: Record<Reaction, number>;
  /** The same per answer; `null` where answers are not counted. */
  rates: Record<Reaction, number> | null;
  /** Answers with any reaction, and the mean of what these count as, the worst of each answer's. */
  reacted: number;
  /** `null`: none. */
  mean: number | null;
  /** Answers that people graded without being asked, and their mean grade of `quality`; `null`: none. */
  graded: { answers: number; mean: number } | null;
};

export type DayImpact = {
  endpoint: string;
  /** A day (UTC) of answers, "2026-03-02". */
  date: string;
  /** Said to whoever reads only this object. */
  selected: "by users: no sample of all answers, and no part of any estimate";
  variants: VariantImpact[];
};

/**
 * @param given in order of time: of thumbs the last one counts; whatever is said twice counts once
 * @param answered variant → answers of the day
 */
export function impactOf(
  given: readonly Unasked[],
  answered: Readonly<Record<string, number>>,
  grades: ReactionGrades,
): VariantImpact[] {
  const byVariant = Map.groupBy(given, ({ variant }) => variant);
  return [...byVariant.keys()].sort().map((variant) => {
    const byAnswer = new Map<string, Set<Reaction>>();
    const graded = new Map<string, number>();
    for (const { eventId, ...said } of byVariant.get(variant)!) {
      if ("grades" in said) {
        if (Object.hasOwn(said.grades, primary)) graded.set(eventId, said.grades[primary]!);
        continue;
      }
      const { reaction } = said;
      const all = byAnswer.get(eventId) ?? new Set();
      if (reaction === "up") all.delete("down");
      if (reaction === "down") all.delete("up");
      byAnswer.set(eventId, all.add(reaction));
    }
    const counted = <T>(of: (n: number) => T) =>
      Object.fromEntries(
        reactions.map((reaction) => [reaction, of([...byAnswer.values()].filter((all) => all.has(reaction)).length)]),
      ) as Record<Reaction, T>;
    const total = Object.hasOwn(answered, variant) ? answered[variant]! : null;
    const worst = [...byAnswer.values()].map((all) => Math.min(...[...all].map((reaction) => grades[reaction])));
    return {
      variant,
      answered: total,
      counts: counted((n) => n),
      rates: total === null || total === 0 ? null : counted((n) => n / total),
      reacted: byAnswer.size,
      mean: meanOf(worst),
      graded: graded.size === 0 ? null : { answers: graded.size, mean: meanOf([...graded.values()])! }, // not empty
    };
  });
}

const meanOf = (values: readonly number[]) => (values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length);
