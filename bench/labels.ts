import { type Candidate, chooseToLabel } from "../shared/labels/queue.ts";
import { estimateOf, sumsOf } from "../shared/monitoring/qualitySums.ts";
import { correctedMean, enoughLabels, type LabelledRow } from "../shared/statistics/labels.ts";
import type { Bench } from "./bench.ts";
import { type Chance, chanceFrom } from "./chance.ts";

const answers = 5_000;
/** From `enoughLabels` on a correction is shown; what it would be worth before is printed beside. */
const levels = [enoughLabels / 2, enoughLabels, 3 * enoughLabels];
/** 2³² divided by it: multiples lie far apart, so that no two repetitions draw from neighbouring seeds. */
const goldenRatio = 0x9e3779b1;

/** How a judge's grade follows from what people would say. */
type Judge = { name: string; grade(h: number, chance: Chance): number };
const judges: readonly Judge[] = [
  // Says "fine" to four of ten answers that people find half good or bad.
  { name: "lenient", grade: (h, chance) => (h < 1 && chance() < 0.4 ? 1 : h) },
  // Misses both ways, and doubts often.
  { name: "noisy", grade: (h, chance) => (chance() < 0.3 ? 0.5 : chance() < 0.1 ? 1 - h : h) },
  // Knows nothing of what people say.
  { name: "blind", grade: (_, chance) => (chance() < 0.8 ? 1 : 0) },
];

const methods = ["corrected", "judge", "selfSelected"] as const;
type Method = (typeof methods)[number];
type Seen = { errors: number; covered: number };

/**
 * Whether labels correct a judge: days of 5,000 answers, of which 1,000 are judged (risky ones four times as likely), by judges that err in known
 * ways. People are asked as `assay label queue` asks. Beside the corrected mean, from the same day: the judge's own mean and
 * interval, and the correction by as many labels that chose themselves, as users do who react to bad answers three times as often.
 */
export const labels: Bench = {
  name: "labels",
  runs: 500,
  says: "bias and coverage of means that labels correct, beside the judge's own and labels that chose themselves",
  async run(runs, progress) {
    const cells: { wanted: number; seen: Record<Method, Seen> }[] = [];
    for (const [j, judge] of judges.entries()) {
      for (const [l, wanted] of levels.entries()) {
        progress(`${judge.name} judge, ${wanted} labels`);
        const seen = Object.fromEntries(methods.map((method) => [method, { errors: 0, covered: 0 }])) as Record<Method, Seen>;
        for (let run = 0; run < runs; run++) {
          const { truth, results } = day(judge, wanted, chanceFrom(((run * 16 + j * 4 + l + 1) * goldenRatio) >>> 0));
          for (const method of methods) {
            const { theta, low, high } = results[method];
            seen[method].errors += theta - truth;
            if (low <= truth && truth <= high) seen[method].covered++;
          }
        }
        cells.push({ wanted, seen });
      }
    }
    const shown = cells.filter(({ wanted }) => wanted >= enoughLabels);
    const bias = (method: Method) => Math.max(...shown.map(({ seen }) => Math.abs(seen[method].errors / runs)));
    const coverage = (method: Method, of = shown) => Math.min(...of.map(({ seen }) => seen[method].covered / runs));
    const few = cells.filter(({ wanted }) => wanted < enoughLabels);
    return {
      figures: {
        worstBias: bias("corrected"),
        coverage95: coverage("corrected"),
        coverage95At50: coverage("corrected", few),
        runs,
      },
      references: {
        nominal: 0.95,
        judgeWorstBias: bias("judge"),
        judgeCoverage95: coverage("judge"),
        selfSelectedWorstBias: bias("selfSelected"),
        selfSelectedCoverage95: coverage("selfSelected"),
      },
    };
  },
};

function day(judge: Judge, wanted: number, chance: Chance) {
  const all = Array.from({ length: answers }, () => {
    const risky = chance() < 0.2;
    const draw = chance();
    const good = risky ? 0.45 : 0.85;
    const h = draw < good ? 1 : draw < good + (1 - good) / 2 ? 0.5 : 0;
    return { h, y: judge.grade(h, chance), f: risky ? 0.6 : 0.9, pi: risky ? 0.5 : 0.125 };
  });
  const truth = all.reduce((sum, { h }) => sum + h, 0) / answers;
  const judged = all.map((each, i) => ({ ...each, i })).filter(({ pi }) => chance() < pi);
  const estimate = estimateOf(sumsOf(answers, 0, judged, 0))!; // hundreds are judged
  const byJudge = { theta: estimate.theta, variance: estimate.standardError ** 2 };
  // Names that are new in each run, so that each run draws its own.
  const salt = chance();
  const candidates = judged.map(({ i, y, f, pi }): Candidate => {
    const of = { variant: "stable", window: "", segment: "all" };
    return { ...of, eventId: `${salt}-${i}`, pi, y: { quality: y }, f: { quality: f } };
  });
  const grade = new Map(candidates.map(({ eventId }, k) => [eventId, judged[k]!.h]));
  const asked = chooseToLabel(candidates, "quality", wanted).map(
    ({ eventId, y, p }): LabelledRow => ({ h: grade.get(eventId)!, y: y.quality!, a: 1 / p }), // they came from there
  );
  const volunteers = judged
    .map(({ h, y }) => ({ h, y, keenness: chance() / (h < 1 ? 3 : 1) }))
    .sort((a, b) => a.keenness - b.keenness)
    .slice(0, wanted)
    .map(({ h, y }): LabelledRow => ({ h, y, a: 1 }));
  return {
    truth,
    results: { corrected: correctedMean(byJudge, asked), judge: estimate, selfSelected: correctedMean(byJudge, volunteers) },
  };
}
