import type { GradedPair } from "./gradedSet.ts";
import {
  addDifference,
  bettingInterval,
  type Differences,
  enoughDiffering,
  intervalOfFinishedSet,
  intervalWhileWatching,
  noDifferences,
  type Verdict,
  verdictOf,
} from "./pairedDifference.ts";
import { requireProbability, requireUnit } from "./preconditions.ts";
import type { Interval } from "./wilson.ts";

/** What B is beside A. Differences are B - A, in score points. */
export type Comparison = {
  verdict: Verdict;
  difference: number;
  lower: number;
  upper: number;
  /** Pairs looked at, and in how many of them B was better, alike and worse. */
  n: number;
  wins: number;
  ties: number;
  losses: number;
};

/**
 * Compares two finished sets with one look.
 * @param pairs     at least one
 * @param tolerance largest difference that nobody cares about, in score points
 * @param error     probability of an interval that misses the true difference, e.g. 0.05
 * @throws RangeError without pairs, or for an argument out of its range
 * Source: docs/statistics.md, "Two variants on the same inputs"
 */
export function compareFinished(pairs: readonly GradedPair[], tolerance: number, error: number): Comparison {
  requireArguments(pairs, tolerance, error);
  const differences = noDifferences();
  for (const pair of pairs) addDifference(differences, pair.b - pair.a);
  return conclude(pairs, differences, intervalOfFinishedSet(differences, error), tolerance);
}

/**
 * Looks after every pair, in order, and stops at the first verdict, which stands. Arguments as above; the interval is the
 * one that holds at all looks together, so stopping early costs nothing of the declared error.
 */
export function compareUntilDecided(pairs: readonly GradedPair[], tolerance: number, error: number): Comparison {
  requireArguments(pairs, tolerance, error);
  const differences = noDifferences();
  let interval: Interval = { low: -1, high: 1 };
  let mattering = 0;
  let sumFourths = 0;
  for (const pair of pairs) {
    const d = pair.b - pair.a;
    addDifference(differences, d);
    sumFourths += d ** 4;
    if (Math.abs(d) > tolerance) mattering++;
    // Thirty pairs that agree to a hair would make a hair's breadth of an interval, before the first one that does not; and where few
    // pairs carry the spread, it is these that must be many. Pass or fail, both are the pairs that differ.
    const carrying = differences.sumSquares ** 2 / sumFourths;
    const areMany = Math.min(mattering, carrying) >= enoughDiffering;
    interval = areMany ? intervalWhileWatching(differences, error) : bettingInterval(differences, error);
    if (verdictOf(interval, tolerance) !== "undecided") break;
  }
  return conclude(pairs, differences, interval, tolerance);
}

/**
 * About how many more pairs like those seen would decide an undecided comparison: as many as bring the interval, at its measured width, to
 * one side of 0, or within the tolerance.
 * @returns `null` where it is decided, or where no number would do: a difference of 0 without a tolerance
 */
export function morePairsNeeded({ verdict, difference, lower, upper, n }: Comparison, tolerance: number): number | null {
  const wanted = Math.max(Math.abs(difference), tolerance - Math.abs(difference));
  if (verdict !== "undecided" || !(wanted > 0)) return null;
  const half = Math.max(upper - difference, difference - lower);
  // At least one: it is not decided yet.
  return Math.max(1, Math.ceil(n * (half / wanted) ** 2) - n);
}

function requireArguments(pairs: readonly GradedPair[], tolerance: number, error: number): void {
  if (pairs.length === 0) throw new RangeError("a comparison needs at least one pair.");
  requireUnit("the tolerance", tolerance);
  requireProbability("the error", error);
}

function conclude(pairs: readonly GradedPair[], { n, sum }: Differences, interval: Interval, tolerance: number): Comparison {
  const looked = pairs.slice(0, n);
  const count = (is: (pair: GradedPair) => boolean) => looked.filter(is).length;
  return {
    verdict: verdictOf(interval, tolerance),
    difference: sum / n,
    lower: interval.low,
    upper: interval.high,
    n,
    wins: count(({ a, b }) => b > a),
    ties: count(({ a, b }) => b === a),
    losses: count(({ a, b }) => b < a),
  };
}
