import { soundMean } from "./fleet.ts";

/** What another way of watching makes of a variant's judged grades, pass or fail, window by window. */
export type Rival = {
  /** @param grades of the window's judged answers @returns whether it is in alarm after them */
  look(grades: readonly number[], window: number): boolean;
};

/** Of the baseline: its judged grades, in order of time. */
export type Reference = { grades: readonly number[]; mean: number };

export const rivalNames = ["evidently", "nannyMl", "modelMonitor", "hourlyMean", "tunedZ"] as const;
export type RivalName = (typeof rivalNames)[number];

const windowsPerHour = 4;
/** Judged answers that the rolling mean is made of: ten hours of them. */
const rolling = 500;
const chunk = 50;

/** Each of them anew, with nothing seen. @param z threshold of the rolling z, see tunedThreshold.ts */
export function rivals(reference: Reference, z: number): Record<RivalName, Rival> {
  return {
    evidently: hourly((grades) => jensenShannon(meanOf(grades), reference.mean) >= 0.1),
    nannyMl: nannyMl(reference),
    modelMonitor: hourly((grades) => robustDistance(grades, reference) > 0.1),
    hourlyMean: hourly((grades) => meanOf(grades) < qualityTarget),
    tunedZ: rollingZ(reference.mean, z),
  };
}

/** What somebody writes into an alarm who wants 90 % and gives it some room. */
const qualityTarget = soundMean - 0.05;

/** Looks once an hour at the grades of that hour. Without any there is nothing to say. */
function hourly(inAlarm: (grades: readonly number[]) => boolean): Rival {
  let grades: number[] = [];
  let alarm = false;
  return {
    look(own, window) {
      grades.push(...own);
      if (window % windowsPerHour === windowsPerHour - 1) {
        alarm = grades.length > 0 && inAlarm(grades);
        grades = [];
      }
      return alarm;
    },
  };
}

/**
 * Evidently's default for a column with up to five values and a reference of over 1,000: the Jensen-Shannon distance, from 0.1 on.
 * Re-implemented from https://docs-old.evidentlyai.com/reference/data-drift-algorithm
 */
function jensenShannon(p: number, q: number): number {
  const part = (x: number, y: number) => (x === 0 ? 0 : x * Math.log((2 * x) / (x + y)));
  return Math.sqrt(Math.max(0, (part(p, q) + part(1 - p, 1 - q) + part(q, p) + part(1 - q, 1 - p)) / 2));
}

/**
 * Model Monitor's default for a number: the largest distance of the two distributions ("Robust": less what small samples differ by
 * anyway), over 0.1. Re-implemented from https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraints.html and from
 * the distance of the library that it is built on, https://github.com/awslabs/deequ (Distance).
 */
function robustDistance(grades: readonly number[], { grades: { length: m }, mean }: Reference): number {
  const n = grades.length;
  return Math.max(0, Math.abs(meanOf(grades) - mean) - 1.8 * Math.sqrt((n + m) / (n * m)));
}

/**
 * NannyML's default for a metric: chunks outside of mean ± 3 standard deviations of the reference's chunks; here of 50 judged answers.
 * Re-implemented from https://nannyml.readthedocs.io/en/stable/tutorials/thresholds.html
 */
function nannyMl({ grades }: Reference): Rival {
  const means = Array.from({ length: Math.floor(grades.length / chunk) }, (_, k) =>
    meanOf(grades.slice(k * chunk, (k + 1) * chunk)),
  );
  const centre = meanOf(means);
  const deviation = Math.sqrt(meanOf(means.map((mean) => (mean - centre) ** 2)));
  let waiting: number[] = [];
  let alarm = false;
  return {
    look(own) {
      waiting.push(...own);
      for (; waiting.length >= chunk; waiting = waiting.slice(chunk))
        alarm = Math.abs(meanOf(waiting.slice(0, chunk)) - centre) > 3 * deviation;
      return alarm;
    },
  };
}

/** How far the mean of the last 500 judged answers or so lies under the baseline's, in its standard errors; a look each window. */
export function rollingZ(mean: number, threshold: number): Rival & { z(): number } {
  const kept: { n: number; good: number }[] = [];
  let [n, good] = [0, 0];
  const z = () => {
    if (n < rolling) return 0;
    const now = good / n;
    return (mean - now) / Math.sqrt(Math.max(now * (1 - now), 1 / n) / n);
  };
  return {
    z,
    look(own) {
      const added = { n: own.length, good: own.reduce((a, b) => a + b, 0) };
      kept.push(added);
      n += added.n;
      good += added.good;
      while (n - kept[0]!.n >= rolling) {
        const left = kept.shift()!;
        n -= left.n;
        good -= left.good;
      }
      return z() > threshold;
    },
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
