import type { AlarmState } from "./alarm.ts";

const comparisons = {
  GreaterThanOrEqualToThreshold: { holds: (a: number, b: number) => a >= b, words: "greater than or equal to" },
  GreaterThanThreshold: { holds: (a: number, b: number) => a > b, words: "greater than" },
  LessThanThreshold: { holds: (a: number, b: number) => a < b, words: "less than" },
  LessThanOrEqualToThreshold: { holds: (a: number, b: number) => a <= b, words: "less than or equal to" },
};
export const operators = Object.keys(comparisons) as [Operator, ...Operator[]];
export type Operator = keyof typeof comparisons;
export const missingTreatments = ["missing", "ignore", "breaching", "notBreaching"] as const;

export type ThresholdRule = {
  operator: Operator;
  threshold: number;
  /** N */
  evaluationPeriods: number;
  /** M */
  datapointsToAlarm: number;
  treatMissingData: (typeof missingTreatments)[number];
};

/** One period of the watched metric; `value` is `null` where it has no point. */
export type Point = { atMs: number; value: number | null };
/** `evaluated`: what was looked at, newest first. */
export type Verdict = { state: AlarmState; reason: string; evaluated: readonly Point[] };

/**
 * How many periods an alarm looks back for its N points. AWS documents only that there are more than N, and 5 for 3: so two
 * more. What arrives up to that late still counts, because recent periods are evaluated again every minute.
 */
export const evaluationRange = ({ evaluationPeriods }: ThresholdRule): number => evaluationPeriods + 2;

/**
 * The state that the points of the evaluation range call for.
 * @param points newest first, one for each period of the range
 * @returns `null`: the state stays as it is
 * Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data"; its tables are our tests
 */
export function judge(points: readonly Point[], rule: ThresholdRule): Verdict | null {
  const { evaluationPeriods: n, datapointsToAlarm: m, treatMissingData } = rule;
  const real = points.filter(({ value }) => value !== null).slice(0, n);
  const isBreaching = ({ value }: Point) => comparisons[rule.operator].holds(value!, rule.threshold);
  const breaching = real.filter(isBreaching);
  const filled = n - real.length;
  const crossed = (state: "OK" | "ALARM"): Verdict => ({
    state,
    reason: reasonFor(state, rule, real, breaching),
    evaluated: real,
  });

  if (breaching.length >= m) return crossed("ALARM");
  if (filled === 0) return crossed("OK");
  if (treatMissingData === "breaching") return asFilled(breaching.length + filled >= m ? "ALARM" : "OK");
  if (treatMissingData === "notBreaching") return asFilled("OK");
  // A point within the threshold decides even alone. Breaching points alone are too few to: the next may be within it.
  if (real.length > breaching.length) return crossed("OK");
  if (treatMissingData === "ignore") return null;
  // `missing` alarms all the same once the oldest breaching point is M periods old and nothing contradicts it.
  const age = points.findLastIndex(({ value }) => value !== null) + 1;
  if (age >= m) return crossed("ALARM");
  const unknown = points.slice(0, n);
  return {
    state: "INSUFFICIENT_DATA",
    reason: `Insufficient Data: ${count(n, "datapoint")} ${n === 1 ? "was" : "were"} unknown.`,
    evaluated: unknown,
  };

  function asFilled(state: "OK" | "ALARM"): Verdict {
    const treated = `${count(filled, "missing datapoint")} ${filled === 1 ? "was" : "were"} treated as [${treatMissingData === "breaching" ? "Breaching" : "NonBreaching"}].`;
    const reason =
      real.length > 0
        ? `${reasonFor(state, rule, real, breaching)} ${treated}`
        : `Threshold Crossed: no datapoints were received for ${count(n, "period")} and ${treated}`;
    return { state, reason, evaluated: real.length > 0 ? real : points.slice(0, n) };
  }
}

function reasonFor(state: "OK" | "ALARM", rule: ThresholdRule, real: readonly Point[], breaching: readonly Point[]): string {
  const { evaluationPeriods: n, datapointsToAlarm: m, operator, threshold } = rule;
  const shown = state === "ALARM" ? breaching : real.filter((point) => !breaching.includes(point));
  const least = state === "ALARM" ? m : n - m + 1;
  const listed = shown.map(({ atMs, value }) => `${decimal(value!)} (${dayAndTime(atMs)})`).join(", ");
  const were = `${shown.length === 1 ? "was" : "were"}${state === "ALARM" ? "" : " not"}`;
  return (
    `Threshold Crossed: ${shown.length} out of the last ${count(real.length, "datapoint")} [${listed}] ${were} ` +
    `${comparisons[operator].words} the threshold (${decimal(threshold)}) ` +
    `(minimum ${count(least, "datapoint")} for ${state === "ALARM" ? "OK -> ALARM" : "ALARM -> OK"} transition).`
  );
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
/** AWS writes whole numbers with a decimal. */
const decimal = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));
/** `17/02/24 11:51:00` */
const dayAndTime = (timeMs: number) =>
  new Date(timeMs).toISOString().replace(/^\d\d(\d\d)-(\d\d)-(\d\d)T(.{8}).*$/, "$3/$2/$1 $4");
