import { unitHash } from "../sampling/poisson.ts";
import { compareUntilDecided } from "../statistics/compare.ts";
import type { ItemResult } from "./result.ts";
import { errorOfEvaluation, gradeOf } from "./sideBySide.ts";

type Compared = { variants: readonly string[]; criteria: readonly string[]; tolerance: number };

/**
 * Items in the order in which an evaluation that may stop early asks them: at random, so that what came first stands for what did not come. It
 * follows from the ids, so that every attempt has the same.
 */
export function inRandomOrder<T extends { id: string }>(items: readonly T[]): T[] {
  const place = new Map(items.map(({ id }) => [id, unitHash("assay:evaluation:v1", id)]));
  return items.toSorted((a, b) => place.get(a.id)! - place.get(b.id)! || (a.id < b.id ? -1 : 1));
}

/** Of `quality`, or of the first criterion where it is not asked for. */
export const decisive = ({ criteria }: Pick<Compared, "criteria">): string =>
  criteria.includes("quality") ? "quality" : criteria[0]!; // there is one

/** Whether it is clear what every target is beside the first. @param items in the order in which they were asked, without a gap */
export function isDecided(items: readonly ItemResult[], { variants, tolerance, ...plan }: Compared): boolean {
  const [first, ...others] = variants;
  const criterion = decisive(plan);
  return (
    others.length > 0 &&
    others.every((other) => {
      const pairs = items.flatMap(({ variants: results }) => {
        const [a, b] = [gradeOf(results[first!]!, criterion), gradeOf(results[other]!, criterion)]; // an item has them all
        return a === null || b === null ? [] : [{ a, b }];
      });
      return pairs.length > 0 && compareUntilDecided(pairs, tolerance, errorOfEvaluation).verdict !== "undecided";
    })
  );
}

/**
 * At how many finished items an evaluation is looked at: each time there are a fifth more. Any number of looks is allowed, but each reads them all.
 * @returns the largest such number up to `finished`; `null` under ten
 */
export function lookAt(finished: number): number | null {
  let look = 10;
  if (finished < look) return null;
  for (let next = look; next <= finished; next = Math.ceil(look * 1.2)) look = next;
  return look;
}
