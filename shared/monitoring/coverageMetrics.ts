import { type CoverageState, captureEvidence, coverage, type HourCoverage } from "./coverage.ts";
import type { Datum } from "./metrics.ts";
import { escaped } from "./resultKeys.ts";

/** `Coverage` of an hour, at its start: records per request that should have been captured. Where none should, nothing. */
export function coverageDatums(hours: readonly HourCoverage[], state: CoverageState): Datum[] {
  return hours.flatMap((own) => {
    const value = coverage(own, state);
    const dimensions = { Endpoint: escaped(state.endpoint), Variant: escaped(own.variant) };
    return value === null ? [] : [datum("Coverage", dimensions, Date.parse(own.hour), value)];
  });
}

/** `Evidence` that captures are lost, over all variants of the endpoint, at the time of publication. */
export function captureEvidenceDatums(state: CoverageState, lnA: number, nowMs: number): Datum[] {
  const evidence = captureEvidence(state, lnA);
  return evidence === null ? [] : [datum("Evidence", { Endpoint: escaped(state.endpoint), Signal: "capture" }, nowMs, evidence)];
}

function datum(name: string, dimensions: Datum["dimensions"], timestampMs: number, value: number): Datum {
  return { name, dimensions, timestampMs, unit: "None", values: [value], counts: [1] };
}
