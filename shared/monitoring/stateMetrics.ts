import type { Datum } from "./metrics.ts";
import type { SignalLine } from "./monitorState.ts";
import { escaped } from "./resultKeys.ts";
import type { ServingOutlook } from "./serving.ts";
import { inputMix } from "./signals/questions.ts";
import { isShareSignal } from "./signals/registry.ts";

/**
 * What the monitor knows, as CloudWatch takes it, at the time of publication: `Quality`, `QualityLower` and `QualityUpper` of each
 * variant (with several criteria also of each, by `Signal`), and `Evidence` of each judged signal, of the judge and of the input mix. Of all the other signals, which nothing acts on, only the
 * furthest is published, as `answers` of each variant and as `questions` of the endpoint: each metric costs money, and the finding says
 * which it was. What is not known is not published.
 */
export function stateDatums(lines: readonly SignalLine[], nowMs: number): Datum[] {
  const single = lines.filter(({ signal }) => signal === inputMix.name || !isShareSignal(signal));
  const signals = new Set(single.flatMap(({ variant, signal }) => (variant === null ? [] : [signal])));
  const others = lines.filter((line) => !single.includes(line));
  return [...single, ...furthest(others)].flatMap(({ endpoint, variant, signal, estimate, lower, upper, evidence, state }) => {
    const of: Record<string, string> = {
      Endpoint: escaped(endpoint),
      ...(variant === null ? {} : { Variant: escaped(variant) }),
    };
    const bySignal = { ...of, Signal: escaped(signal) };
    const datum = (name: string, dimensions: Datum["dimensions"], value: number): Datum => ({
      name,
      dimensions,
      timestampMs: nowMs,
      unit: "None",
      values: [value],
      counts: [1],
    });
    const quality = (dimensions: Datum["dimensions"]) =>
      estimate === null || lower === null || upper === null
        ? []
        : [
            datum("Quality", dimensions, estimate),
            datum("QualityLower", dimensions, lower),
            datum("QualityUpper", dimensions, upper),
          ];
    return [
      ...(variant !== null && signal === "quality" ? quality(of) : []),
      ...(variant !== null && signals.size > 1 ? quality(bySignal) : []),
      ...(state === "needs_data" && evidence === 0 ? [] : [datum("Evidence", bySignal, evidence)]),
    ];
  });
}

/** Of each variant, and of the endpoint, the line with most evidence. */
function furthest(lines: readonly SignalLine[]): SignalLine[] {
  return [...Map.groupBy(lines, ({ variant }) => variant)].flatMap(([variant, own]) => {
    const known = own.filter(({ state }) => state !== "needs_data");
    if (known.length === 0) return [];
    const most = known.reduce((a, b) => (b.evidence > a.evidence ? b : a));
    return [{ ...most, signal: variant === null ? "questions" : "answers", estimate: null, lower: null, upper: null }];
  });
}

/**
 * What an endpoint's instances have cost since midnight (UTC), what is left of the day's serving budget, and what the day will have
 * cost if what runs now runs until midnight, in dollars. States, not increments: said twice, they say the same.
 */
export function servingDatums(
  endpoint: string,
  { costMicroUsd, leftMicroUsd, projectedMicroUsd }: ServingOutlook,
  nowMs: number,
): Datum[] {
  const dollars = { ServingCost: costMicroUsd, ServingBudgetLeft: leftMicroUsd, ServingCostProjected: projectedMicroUsd };
  return Object.entries(dollars).map(([name, microUsd]) => ({
    name,
    dimensions: { Endpoint: escaped(endpoint) },
    timestampMs: nowMs,
    unit: "None",
    values: [microUsd / 1_000_000],
    counts: [1],
  }));
}
