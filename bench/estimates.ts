import { fitPrediction, type PredictionModel, predict } from "../shared/monitoring/prediction.ts";
import { estimateOf, type SummedRow, sumsOf } from "../shared/monitoring/qualitySums.ts";
import { oversampling } from "../shared/sampling/strata.ts";
import { failureBounds } from "../shared/statistics/failureBounds.ts";
import { z95 } from "../shared/statistics/normal.ts";
import type { Interval } from "../shared/statistics/wilson.ts";
import type { Bench } from "./bench.ts";
import { type Chance, chanceFrom } from "./chance.ts";
import { beforeNoon, drawHour, type Traffic } from "./estimates/day.ts";
import { type Oversampling, oversamplingOf } from "./estimates/oversampling.ts";
import { recordedTraffic } from "./estimates/recorded.ts";
import { piFor, type Sampling, samplings } from "./estimates/sampling.ts";
import { simulatedTraffic } from "./estimates/simulated.ts";

/** Judged answers that a day is expected to have, of ten times as many. */
const levels = [30, 100, 300];
const answersPerJudged = 10;

/** 2³² divided by it: multiples lie far apart, so that no two repetitions draw from neighbouring seeds. */
const goldenRatio = 0x9e3779b1;

/** What a method makes of a day. */
type Result = Interval & { theta: number };
type Seen = { errors: number; squares: number; covered: number; width: number };
const methods = ["ours", "withoutScores", "plainMean", "plainZ", "hardStop", "bounds"] as const;
type Method = (typeof methods)[number];
/** One kind of traffic, sampled in one way, at one level: how each method did over all repetitions. */
type Cell = { sampling: Sampling; judged: number; seen: Record<Method, Seen> };

/**
 * Whether the published mean is right on average, and its 95 % interval as often as it says, on days of traffic whose true mean is
 * known: simulated, and real outputs with a real judge's verdicts. Beside it, from the same judged answers: the estimate without
 * predictions; the plain mean of what was judged with the textbook interval (`plainMean`); the weighted mean with the textbook interval
 * (`plainZ`); and a day on which judging simply stops at noon (`hardStop`), with the bounds that are shown with it (`bounds`).
 */
export const estimates: Bench = {
  name: "estimates",
  runs: 1000,
  says: "bias of the published mean, coverage and width of its interval, beside naive methods; with real outputs if ASSAY_REAL_DATA is set",
  async run(runs, progress) {
    const folder = process.env.ASSAY_REAL_DATA;
    if (folder === undefined) process.stderr.write("estimates: ASSAY_REAL_DATA is not set, so real outputs are NOT measured.\n");
    const recorded = folder === undefined ? [] : await recordedTraffic(folder);
    const kinds = [...recorded, ...simulatedTraffic];
    const cells: Cell[] = [];
    const ratios: Oversampling[] = [];
    for (const traffic of kinds) {
      const model = fitPrediction(traffic.past);
      ratios.push(oversamplingOf(traffic, model, oversampling));
      for (const judged of levels) {
        progress(`${traffic.name}, ${judged} judged`);
        cells.push(...play(traffic, model, judged, runs));
      }
    }

    const enough = cells.filter(({ judged }) => judged >= 100);
    const few = cells.filter(({ judged }) => judged < 100);
    const worst = (of: readonly Cell[], method: Method) => Math.min(...of.map(({ seen }) => seen[method].covered / runs));
    const bias = (method: Method, by: Sampling) =>
      Math.max(...enough.filter(({ sampling }) => sampling === by).map(({ seen }) => Math.abs(seen[method].errors / runs)));
    /** Mean over traffic and levels of the width beside that of uniform sampling without scores. */
    const widthOver = (by: Sampling) => {
      const widths = enough.flatMap((cell, i) =>
        cell.sampling === by ? [cell.seen.ours.width / enough[i - samplings.indexOf(by)]!.seen.withoutScores.width] : [],
      );
      return widths.reduce((a, b) => a + b, 0) / widths.length;
    };
    return {
      figures: {
        coverage95: worst(enough, "ours"),
        coverage95At30: worst(few, "ours"),
        coverage95WithoutScores: worst(enough, "withoutScores"),
        coverage95PlainMean: worst(enough, "plainMean"),
        coverage95PlainZ: worst(enough, "plainZ"),
        widthOverUniform: widthOver("uniform"),
        widthOverUniformRiskWeighted: widthOver("riskWeighted"),
        widthOverUniformNoon: widthOver("noon"),
        oversampling,
        widthOverBestOversampling: Math.max(...ratios.map(({ widthOverBest }) => widthOverBest)),
        biasUniform: bias("ours", "uniform"),
        biasRiskWeighted: bias("ours", "riskWeighted"),
        biasNoon: bias("ours", "noon"),
        biasPlainMeanRiskWeighted: bias("plainMean", "riskWeighted"),
        biasPlainMeanNoon: bias("plainMean", "noon"),
        biasHardStop: bias("hardStop", "uniform"),
        coverage95HardStop: worst(enough, "hardStop"),
        coverageBoundsHardStop: worst(enough, "bounds"),
        runs,
        realTraffic: recorded.length,
      },
      references: {
        coverage95: 0.935,
        widthOverUniform: 1,
        bestOversamplingLeast: Math.min(...ratios.map(({ best }) => best)),
        bestOversamplingMost: Math.max(...ratios.map(({ best }) => best)),
        // What chance alone leaves of the largest of so many biases: three standard errors of the least certain one.
        bias: 3 * Math.max(...enough.map(({ seen }) => Math.sqrt(seen.ours.squares) / runs)),
      },
    };
  },
};

function play(traffic: Traffic, model: PredictionModel | null, judged: number, runs: number): Cell[] {
  const N = judged * answersPerJudged;
  const cells = samplings.map((sampling): Cell & { piOf: ReturnType<typeof piFor> } => ({
    sampling,
    judged,
    seen: Object.fromEntries(methods.map((method) => [method, { errors: 0, squares: 0, covered: 0, width: 0 }])) as Cell["seen"],
    piOf: piFor(sampling, traffic, N, judged),
  }));
  for (let run = 0; run < runs; run++) {
    const chance = chanceFrom(Math.imul(run + 1, goldenRatio) ^ judged);
    const days = draw(
      chance,
      traffic,
      model,
      N,
      cells.map(({ piOf }) => piOf),
    );
    for (const [i, { seen }] of cells.entries())
      for (const [method, result] of Object.entries(resultsOf(days, i, model?.beta ?? 0)) as [Method, Result][])
        note(seen[method], result, traffic.mean);
  }
  return cells.map(({ sampling, seen }) => ({ sampling, judged, seen }));
}

type Day = { N: number; sumF: number; chosen: (SummedRow & { y: number; late: boolean })[][] };

/** One day of traffic, and what each sampling chooses of it. */
function draw(
  chance: Chance,
  traffic: Traffic,
  model: PredictionModel | null,
  N: number,
  piOfs: readonly ReturnType<typeof piFor>[],
): Day {
  const chosen: Day["chosen"] = piOfs.map(() => []);
  let sumF = 0;
  for (let i = 0; i < N; i++) {
    const hour = drawHour(chance);
    const answer = traffic.draw(chance, hour);
    const f = model === null || model.beta === 0 ? 0 : predict(model, answer.scores);
    sumF += f;
    const lot = chance();
    for (const [k, piOf] of piOfs.entries()) {
      const pi = piOf(answer, hour);
      if (lot < pi) chosen[k]!.push({ y: answer.y, f, pi, late: !beforeNoon(hour) });
    }
  }
  return { N, sumF, chosen };
}

function resultsOf({ N, sumF, chosen }: Day, sampling: number, beta: number): Record<Method, Result> {
  const rows = chosen[sampling]!;
  const all = sumsOf(N, sumF, rows, 0);
  const stopped = sumsOf(
    N,
    sumF,
    rows.map(({ late, y, ...row }) => ({ ...row, y: late ? null : y })),
    0,
  );
  const before = estimateOf(stopped, beta);
  const bounds = before === null ? null : failureBounds(before, stopped.moments.w.a, stopped.moments.wFailed);
  const { a: n, ay, ayy } = all.moments.plain;
  const spread = Math.sqrt(Math.max(0, ayy / n - (ay / n) ** 2) / (n - 1));
  const weighted = estimateOf(all);
  return {
    ours: estimateOf(all, beta) ?? unknown,
    withoutScores: weighted ?? unknown,
    plainMean: n < 2 ? unknown : around(ay / n, spread),
    plainZ: weighted === null ? unknown : around(weighted.theta, Math.sqrt(weighted.V)),
    hardStop: before ?? unknown,
    bounds: bounds === null ? unknown : { ...bounds, theta: (bounds.low + bounds.high) / 2 },
  };
}

/** Nothing judged: all is possible. */
const unknown: Result = { theta: 0.5, low: 0, high: 1 };

const around = (theta: number, standardError: number): Result => ({
  theta,
  low: theta - z95 * standardError,
  high: theta + z95 * standardError,
});

function note(seen: Seen, { theta, low, high }: Result, mean: number): void {
  seen.errors += theta - mean;
  seen.squares += (theta - mean) ** 2;
  seen.width += high - low;
  if (low <= mean && mean <= high) seen.covered++;
}
