import type { EvaluationResult } from "./result.ts";

/**
 * What a pipeline asks of an evaluation: `measure op limit`, where the limit is a number, the baseline's measure plus or minus a number, or
 * a multiple of it. The baseline is the first target, and every other has to pass; a target that is alone is judged by itself.
 *
 *   quality >= baseline - 0.02      cost <= 1.1x      latency.p95 <= 4000      tone >= 0.8
 */
export type Gate = { text: string; measure: string; op: ">=" | "<="; limit: Limit };
type Limit = { of: "number"; value: number } | { of: "baseline"; plus: number } | { of: "multiple"; times: number };

/**
 * `unknown`: it was not measured, or not surely enough, and a pipeline that wants to be stopped by bad models is stopped by this, too.
 * `because` is the sentence a person reads in the build's log.
 */
export type GateVerdict = { gate: string; outcome: "passed" | "failed" | "unknown"; because: string };

/** A gate that cannot be read: says which, and what one looks like. */
export class InvalidGate extends Error {
  override readonly name = "InvalidGate";
}

const shape = /^([a-z][\w.-]{0,63}) {0,4}(>=|<=) {0,4}(.{1,64})$/i;
const number = String.raw`(\d{1,12}(?:\.\d{1,12})?)`;
const plain = new RegExp(`^${number}$`);
const multiple = new RegExp(`^${number} ?x$`);
const relative = new RegExp(`^baseline(?: {0,4}([+-]) {0,4}${number})?$`);

/** @throws InvalidGate */
export function parseGate(text: string): Gate {
  const [, measure, op, limit] = shape.exec(text.trim()) ?? [];
  const read = limit === undefined ? null : readLimit(limit.trim());
  if (measure === undefined || read === null) {
    throw new InvalidGate(
      `The gate ${JSON.stringify(text)} cannot be read. It is like "quality >= baseline - 0.02", "cost <= 1.1x", or "latency.p95 <= 4000".`,
    );
  }
  return { text: text.trim(), measure, op: op as Gate["op"], limit: read };
}

function readLimit(text: string): Limit | null {
  const [, value] = plain.exec(text) ?? [];
  if (value !== undefined) return { of: "number", value: Number(value) };
  const [, times] = multiple.exec(text) ?? [];
  if (times !== undefined) return { of: "multiple", times: Number(times) };
  const match = relative.exec(text);
  if (match === null) return null;
  const [, sign = "+", by = "0"] = match;
  return { of: "baseline", plus: (sign === "-" ? -1 : 1) * Number(by) };
}

/** What a gate looks at: the measured value, and its interval where there is one. */
type Measured = { value: number; low: number; high: number };

/**
 * Whether an evaluation passes its gates. A measure with an interval passes where the worse end does, fails where the better end fails, and is
 * `unknown` in between: more items would tell. A measure without one (latency, tokens) is taken as it is.
 */
export function judgeGates(result: EvaluationResult, gates: readonly Gate[]): GateVerdict[] {
  const [first, ...others] = result.variants;
  return gates.flatMap((gate) => (others.length === 0 ? [first!] : others).map((target) => judgeGate(result, gate, target)));
}

function judgeGate(result: EvaluationResult, gate: Gate, last: string): GateVerdict {
  const { text, measure, op, limit } = gate;
  const unknown = (because: string): GateVerdict => ({ gate: text, outcome: "unknown", because });
  if (result.unfinished > 0) {
    return unknown(
      `${result.unfinished} of ${result.items} items are unfinished: start the same evaluation again to complete it`,
    );
  }
  const first = result.variants[0]!;
  if (limit.of !== "number" && result.variants.length < 2) return unknown("there is no baseline: give it as the first target");
  const measured =
    limit.of === "number"
      ? measureOf(result, last, measure)
      : limit.of === "multiple"
        ? ratioOf(result, first, last, measure)
        : differenceOf(result, first, last, measure);
  if (measured === null)
    return unknown(`${measure} of ${last} was not measured${limit.of === "number" ? "" : `, or not of ${first}`}`);
  const bound = limit.of === "number" ? limit.value : limit.of === "multiple" ? limit.times : limit.plus;
  const says = `${measure} of ${last} is ${shown(measured)}${beside(limit, first)}`;
  const holds = (value: number) => (op === ">=" ? value >= bound : value <= bound);
  const [worse, better] = op === ">=" ? [measured.low, measured.high] : [measured.high, measured.low];
  const wanted = `${op} ${bound} is wanted`;
  if (holds(worse)) return { gate: text, outcome: "passed", because: `${says}; ${wanted}` };
  if (!holds(better)) return { gate: text, outcome: "failed", because: `${says}; ${wanted}` };
  return unknown(`${says}; ${wanted}, which more items would show or refute`);
}

const rounded = (value: number) => String(Number(value.toPrecision(4)));
const shown = ({ value, low, high }: Measured) =>
  low === high ? rounded(value) : `${rounded(value)} (${rounded(low)} to ${rounded(high)})`;
const beside = (limit: Limit, first: string) =>
  limit.of === "number" ? "" : limit.of === "multiple" ? ` times that of ${first}` : ` beside that of ${first}`;

const exactly = (value: number): Measured => ({ value, low: value, high: value });

/** A variant's measure by itself. */
function measureOf({ byVariant }: EvaluationResult, variant: string, measure: string): Measured | null {
  const of = byVariant[variant]!; // there is one for each
  if (Object.hasOwn(of.grades, measure)) {
    const grade = of.grades[measure]!;
    return grade === null ? null : { value: grade.mean, low: grade.lower, high: grade.upper };
  }
  if (measure === "cost") {
    const cost = of.costPerThousandGood;
    return cost === null ? null : { value: cost.usd, low: cost.lower, high: cost.upper };
  }
  const latency = /^latency\.(p50|p90|p95)$/.exec(measure)?.[1] as "p50" | "p90" | "p95" | undefined;
  if (latency !== undefined) return of.latencyMs === null ? null : exactly(of.latencyMs[latency]);
  if (measure === "tokens") return of.answered === 0 ? null : exactly((of.tokens.prompt + of.tokens.completion) / of.answered);
  if (measure === "failures") {
    const asked = of.answered + of.modelErrors + of.unreadable + of.missing;
    return asked === 0 ? null : exactly((asked - of.answered) / asked);
  }
  const score = Object.hasOwn(of.scores, measure) ? of.scores[measure]! : null;
  return score === null ? null : exactly(score);
}

/** Last over first. Costs are compared in pairs, so that what a long question costs both cancels. */
function ratioOf(result: EvaluationResult, first: string, last: string, measure: string): Measured | null {
  if (measure === "cost") {
    const { costRatio } = result.besides[last]!; // there is one for each but the first
    return costRatio && { value: costRatio.ratio, low: costRatio.lower, high: costRatio.upper };
  }
  const [a, b] = [measureOf(result, first, measure), measureOf(result, last, measure)];
  if (a === null || b === null || !(a.low > 0)) return null;
  return { value: b.value / a.value, low: b.low / a.high, high: b.high / a.low };
}

/** Last minus first: of grades and scores in pairs. */
function differenceOf(result: EvaluationResult, first: string, last: string, measure: string): Measured | null {
  const { criteria, scores } = result.besides[last]!; // there is one for each but the first
  const comparisons = { ...scores, ...criteria };
  if (Object.hasOwn(comparisons, measure)) {
    const comparison = comparisons[measure]!;
    return comparison === null ? null : { value: comparison.difference, low: comparison.lower, high: comparison.upper };
  }
  const [a, b] = [measureOf(result, first, measure), measureOf(result, last, measure)];
  if (a === null || b === null) return null;
  return { value: b.value - a.value, low: b.low - a.high, high: b.high - a.low };
}
