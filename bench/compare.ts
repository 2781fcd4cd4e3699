import { compareUntilDecided } from "../shared/statistics/compare.ts";
import type { GradedPair } from "../shared/statistics/gradedSet.ts";
import type { Verdict } from "../shared/statistics/pairedDifference.ts";
import type { Bench } from "./bench.ts";
import { type Chance, chanceFrom } from "./chance.ts";
import { type ModelPair, recordedPairs, simulatedPairs } from "./compare/pairs.ts";

const tolerance = 0.02;
const error = 0.05;
/** Orders of the same questions in which each two models are compared: how soon a verdict comes depends on luck. */
const orders = 50;
/** z of a test at 5 % that finds a true difference of its size in 80 or 95 % of sets. */
const power80 = 1.96 + 0.842;
const power95 = 1.96 + 1.645;

/** Two models, in many orders of the same questions. */
type Played = {
  truth: number;
  items: number;
  /** In the order of the file. */
  first: Verdict;
  /** Of all orders. */
  right: number;
  needed: number[];
  /** What a paired t-test that knew the difference and its spread beforehand would plan. */
  planned80: number;
  planned95: number;
};

/**
 * Whether comparing until it is decided finds the right verdict with fewer items than a test whose size was fixed, and how often it calls
 * a difference where there is none, though it looks after every item. Real answers with real verdicts if ASSAY_REAL_DATA is set.
 */
export const compareBench: Bench = {
  name: "compare",
  runs: 1000,
  says: "comparing until decided: items beside a fixed-n t-test, right verdicts, and differences called where there are none",
  async run(runs, progress) {
    const folder = process.env.ASSAY_REAL_DATA;
    if (folder === undefined)
      process.stderr.write("compare: ASSAY_REAL_DATA is not set, so real answers are NOT compared: simulated ones are.\n");
    const pairs = folder === undefined ? simulatedPairs() : await recordedPairs(folder);
    const chance = chanceFrom(805);
    const differing = pairs.filter(({ pairs: of }) => Math.abs(meanOf(of)) > tolerance);
    const played = differing.map((pair, i) => {
      progress(`${i + 1} of ${differing.length}: ${pair.name}`);
      return play(pair.pairs, chance);
    });

    const isRight = ({ first, truth }: Played) => first === (truth > 0 ? "better" : "worse");
    const means = (of: (one: Played) => number) => played.reduce((sum, one) => sum + of(one), 0) / played.length;
    const meanNeeded = ({ needed }: Played) => needed.reduce((a, b) => a + b) / needed.length;
    const selfErrors = selfErrorsOf(pairs, runs, chance, progress);
    return {
      figures: {
        itemsOverFixedN: median(played.map((one) => meanNeeded(one) / one.planned80)),
        itemsOverFixedN95: median(played.map((one) => meanNeeded(one) / one.planned95)),
        itemsOverWholeSet: means((one) => meanNeeded(one) / one.items),
        verdictsRight: played.filter(isRight).length / played.length,
        verdictsRightInAnyOrder: means(({ right }) => right / orders),
        selfErrorRate: selfErrors.ours / runs,
        pairsOfModels: played.length,
      },
      references: {
        itemsOverFixedN: 1,
        itemsOverFixedN95: 1,
        itemsOverWholeSet: 1,
        verdictsRight: 1,
        verdictsRightInAnyOrder: 1,
        selfErrorRate: error,
        "selfErrorRate of a t-test at every look": selfErrors.tTest / runs,
      },
    };
  },
};

function play(pairs: readonly GradedPair[], chance: Chance): Played {
  const n = pairs.length;
  const truth = meanOf(pairs);
  const variance = pairs.reduce((sum, { a, b }) => sum + (b - a - truth) ** 2, 0) / (n - 1);
  const right = truth > 0 ? "better" : "worse";
  const planned = (z: number) => (z * z * variance) / (truth * truth);
  const all = Array.from({ length: orders }, () => compareUntilDecided(shuffled(pairs, chance), tolerance, error));
  return {
    truth,
    first: compareUntilDecided(pairs, tolerance, error).verdict,
    items: n,
    right: all.filter(({ verdict }) => verdict === right).length,
    needed: all.map(({ n: needed }) => needed),
    planned80: planned(power80),
    planned95: planned(power95),
  };
}

/**
 * How often a difference is called where signs are thrown by a coin, so that the true mean difference is exactly 0. Without a tolerance, which
 * would end most comparisons early as `equivalent`, it looks after every item to the end.
 */
function selfErrorsOf(pairs: readonly ModelPair[], runs: number, chance: Chance, progress: (text: string) => void) {
  let [ours, tTest] = [0, 0];
  for (let run = 0; run < runs; run++) {
    if (run % 50 === 0) progress(`${run} of ${runs} sets with no difference`);
    const source = pairs[run % pairs.length]!.pairs;
    const flipped = shuffled(source, chance).map(({ a, b }) => (chance() < 0.5 ? { a, b } : { a: b, b: a }));
    const { verdict } = compareUntilDecided(flipped, 0, error);
    if (verdict !== "undecided") ours++;
    if (tTestEverCalls(flipped)) tTest++;
  }
  return { ours, tTest };
}

/** Whether who computes an ordinary 95 % interval after every item from the 30th on calls a difference at any of them. */
function tTestEverCalls(pairs: readonly GradedPair[]): boolean {
  let [n, sum, squares] = [0, 0, 0];
  for (const { a, b } of pairs) {
    n++;
    sum += b - a;
    squares += (b - a) ** 2;
    const standardError = Math.sqrt(Math.max(0, squares - (sum * sum) / n) / (n - 1) / n);
    if (n >= 30 && Math.abs(sum / n) > 1.96 * standardError) return true;
  }
  return false;
}

const meanOf = (pairs: readonly GradedPair[]) => pairs.reduce((sum, { a, b }) => sum + b - a, 0) / pairs.length;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/** Source: Fisher & Yates, as Knuth gives it (The Art of Computer Programming 2, algorithm P). */
function shuffled<T>(values: readonly T[], chance: Chance): T[] {
  const all = [...values];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(chance() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}
