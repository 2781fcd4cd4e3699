import type { Cause } from "../shared/monitoring/finding.ts";
import { fitPrediction } from "../shared/monitoring/prediction.ts";
import type { Bench } from "./bench.ts";
import { recordedTraffic } from "./estimates/recorded.ts";
import { inThreads } from "./inThreads.ts";
import type { Scene, Swap, SwapJob } from "./swap/run.ts";

const [gpt, alpaca, vicuna] = ["gpt-3.5-turbo-0301", "alpaca-7b", "vicuna-13b"];
const [fuse8, fuse1] = ["FuseChat-Llama-3.1-8B-Instruct", "FuseChat-Llama-3.2-1B-Instruct"];
/** Judges that were asked about the same reference; and `weak`, whose reference is a weaker model's answer. */
const [weighted, cot, fn, weak] = [
  "weighted_alpaca_eval_gpt4_turbo",
  "alpaca_eval_cot_gpt4_turbo_fn",
  "alpaca_eval_gpt4_turbo_fn",
  "alpaca_eval_gpt4",
];

type Swapped = { name: string; expected: Cause | null; before: Scene; after: Scene };
const model = (name: string, from: string, to: string, judge: string): Swapped => ({
  name,
  expected: from === to ? null : "model",
  before: { model: from, judge },
  after: { model: to, judge },
});
const judge = (name: string, answering: string, from: string, to: string): Swapped => ({
  name,
  expected: "judge",
  before: { model: answering, judge: from },
  after: { model: answering, judge: to },
});
/** Some swaps of judges hardly move the mean: alpaca weighted to cot by 0.002, gpt weighted to fn by 0.016; nothing is to be found there. */
const swaps: readonly Swapped[] = [
  model("gptUnswapped", gpt, gpt, weak),
  model("fuseUnswapped", fuse8, fuse8, weighted),
  model("gptToAlpaca", gpt, alpaca, weak),
  model("gptToVicuna", gpt, vicuna, weak),
  model("fuse8ToFuse1", fuse8, fuse1, weighted),
  judge("gptWeightedToCot", gpt, weighted, cot),
  judge("gptCotToWeighted", gpt, cot, weighted),
  judge("gptWeightedToFn", gpt, weighted, fn),
  judge("gptFnToCot", gpt, fn, cot),
  judge("alpacaWeightedToCot", alpaca, weighted, cot),
  judge("gptWeakToWeighted", gpt, weak, weighted),
  judge("alpacaWeakToWeighted", alpaca, weak, weighted),
];

/**
 * Real outputs of real models with the verdicts of real judges, through the service's monitor: the model, or the judge, is swapped at a
 * known moment, after sound days. For each swap: the share of runs in which anything was found within 14 days, with the right cause,
 * with a wrong one that could have acted (`…Blamed`: a model that did not change), and the median of judged answers until then.
 * And how well the cheap scores predict these verdicts, beside what a detector would need of them.
 */
export const swap: Bench = {
  name: "swap",
  runs: 20,
  says: "a model or a judge swapped in real traffic: found, and with the right cause? Needs ASSAY_REAL_DATA",
  async run(runs, progress) {
    const folder = process.env.ASSAY_REAL_DATA;
    if (folder === undefined)
      throw new Error("ASSAY_REAL_DATA is not set: there are no real outputs to measure with. See CONTRIBUTING.md.");
    const jobs = swaps.flatMap(({ before, after }) =>
      Array.from({ length: runs }, (_, run): SwapJob => ({ folder, seed: run + 1, before, after })),
    );
    const played = await inThreads<SwapJob, Swap>(new URL("./swap/run.ts", import.meta.url), jobs, (done) =>
      progress(`run ${done} of ${jobs.length}`),
    );
    const figures: Record<string, number> = {};
    const share = (own: readonly Swap[], what: (swap: Swap) => boolean) => own.filter(what).length / own.length;
    for (const [k, { name, expected }] of swaps.entries()) {
      const own = played.slice(k * runs, (k + 1) * runs);
      const decided = ({ causes }: Swap) => causes.find((cause) => cause !== "undecided");
      figures[`${name}Found`] = share(own, ({ causes }) => causes.length > 0);
      if (expected !== null) figures[`${name}RightCause`] = share(own, (one) => decided(one) === expected);
      if (expected !== "model")
        figures[`${name}Blamed`] = share(own, ({ causes }) => causes.some((cause) => cause.startsWith("model")));
      const delays = own.flatMap(({ judged }) => judged ?? []).sort((a, b) => a - b);
      if (delays.length > 0) figures[`${name}JudgedMedian`] = delays[Math.floor(delays.length / 2)]!;
    }
    figures.soundDaysFalseAlarmed = share(played, ({ falseAlarms }) => falseAlarms > 0);
    const rhos = (await recordedTraffic(folder)).map(({ past }) => fitPrediction(past)?.rho ?? 0);
    figures.predictionRhoMax = Math.max(...rhos);
    // With ρ² under a tenth, predictions would save a detector under a tenth of its judged answers.
    return { figures: { ...figures, runs }, references: { predictionRhoWorthIt: Math.sqrt(0.1) } };
  },
};
