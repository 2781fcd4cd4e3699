import { findingId, type MonitorFinding } from "../monitoring/finding.ts";
import { iso } from "../monitoring/windows.ts";
import { crossesAtPeak, type VariantCapacity } from "./capacity.ts";

/** What is remembered of an endpoint's capacity. Plain JSON, and as large after a year as after a day. */
export type CapacityState = {
  endpoint: string;
  /** Grows by one with every change. */
  version: number;
  /** The last day (UTC) on which it was looked at. */
  date: string;
  /** Open ones. */
  findings: MonitorFinding[];
  /** Those that the last look closed: remediation is told until the next one that nothing is left to do. */
  ended: MonitorFinding[];
};

/** Whether a day begins of which nobody has looked at the capacity. */
export function isDue(state: CapacityState | null, nowMs: number): boolean {
  return state === null || state.date < iso(nowMs).slice(0, 10);
}

/**
 * Takes in a day's look: a finding is opened for each variant whose usual peak of the coming day would cross its limit, and closed when
 * it no longer would. A capacity is an estimate, and no false-alarm rate is declared for it: who is told gets the arithmetic.
 * @returns the state, and the findings that were opened or closed
 */
export function foldCapacity(
  before: CapacityState | null,
  endpoint: string,
  variants: readonly VariantCapacity[],
  nowMs: number,
): { state: CapacityState; findings: MonitorFinding[] } {
  const open = before?.findings ?? [];
  const ended = open.flatMap((finding) => {
    const own = variants.find(({ variant }) => variant === finding.variant);
    if (own !== undefined && crossesAtPeak(own)) return [];
    const because = own === undefined ? "it serves no more" : `the usual peak fits: ${own.advice.because}`;
    return [{ ...finding, status: "closed" as const, closedAt: iso(nowMs), because }];
  });
  const kept = open.filter(({ id }) => ended.every((closed) => closed.id !== id));
  const opened = variants
    .filter((own) => crossesAtPeak(own) && kept.every(({ variant }) => variant !== own.variant))
    .map((own) => findingOf(endpoint, own, nowMs));
  const date = iso(nowMs).slice(0, 10);
  const state = { endpoint, version: (before?.version ?? 0) + 1, date, findings: [...kept, ...opened], ended };
  return { state, findings: [...opened, ...ended] };
}

function findingOf(endpoint: string, { variant, headroom, advice }: VariantCapacity, nowMs: number): MonitorFinding {
  const size = headroom.atPeak!; // it crosses
  const at = iso(nowMs);
  return {
    id: findingId(["capacity", endpoint, variant, at.slice(0, 10)]),
    endpoint,
    variant,
    cause: "capacity",
    signal: "capacity",
    rules: [`capacity/${variant}`],
    since: at,
    size,
    lower: size,
    upper: size,
    evidence: 1,
    judged: 0,
    thetaAtAlarm: null,
    refLow: null,
    status: "open",
    openedAt: at,
    because: `the usual peak of the next 24 hours would make ${variant} too slow: ${advice.because}`,
  };
}
