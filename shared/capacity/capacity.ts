import type { ServedVariant } from "../monitoring/serving.ts";
import { iso } from "../monitoring/windows.ts";
import { type Capacity, capacityOf, type LoadHour, type UsualHour, usualPeak } from "./load.ts";

/** A variant's figures: what it does, what it costs, how much more it can take, and how many instances it should have. */
export type VariantCapacity = {
  variant: string;
  instances: number;
  /** Of the last whole hour. */
  requestsPerSecond: number;
  tokensPerSecond: number | null;
  latencyMs: number | null;
  /** Fullest minute of the last 24 hours: 100 is one GPU full. */
  gpuMemoryPercent: number | null;
  /** Of the last 24 hours; `null`: no price, or no answer. */
  microUsdPerThousandAnswers: number | null;
  microUsdPerMillionTokens: number | null;
  capacity: Capacity;
  peak: UsualHour | null;
  /** Share of the capacity that is free, negative where it is exceeded; `null`: not known. A capacity of `at_least` makes it a least, too. */
  headroom: { now: number | null; atPeak: number | null };
  advice: Advice;
};

/** `instances`: to have at the usual peak. */
type Advice = { kind: "more" | "fewer" | "enough" | "unknown"; instances: number; because: string };

const hourMs = 3_600_000;
/** What of an instance's capacity is planned with: a burst within the hour finds room, and so does the loss of some of its time. */
const planned = 0.8;

/**
 * @param hours   of the variant, the past weeks, in any order
 * @param served  how many instances it has, and what one costs
 * @param limitMs p90 that must not be exceeded
 */
export function variantCapacity(
  hours: readonly LoadHour[],
  { variant, instances, microUsdPerHour }: ServedVariant,
  limitMs: number,
  nowMs: number,
): VariantCapacity {
  const nowHourMs = Math.floor(nowMs / hourMs) * hourMs;
  const whole = hours.filter(({ atMs }) => atMs < nowHourMs);
  const last = whole.find(({ atMs }) => atMs === nowHourMs - hourMs) ?? null;
  const day = whole.filter(({ atMs }) => atMs >= nowHourMs - 24 * hourMs);
  const capacity = capacityOf(whole, limitMs);
  const peak = usualPeak(whole, nowMs);
  const answers = total(day.map(({ requests }) => requests));
  const tokens = total(day.map(tokensOf));
  const dayMicroUsd = microUsdPerHour === null ? null : instances * microUsdPerHour * 24;
  const per = (amount: number, of: number) =>
    dayMicroUsd === null || amount === 0 ? null : Math.round((dayMicroUsd / amount) * of);
  const gpu = day.flatMap(({ gpuMemoryPercent }) => gpuMemoryPercent ?? []);
  const lastTokens = last === null ? null : tokensOf(last);
  return {
    variant,
    instances,
    requestsPerSecond: (last?.requests ?? 0) / 3_600,
    tokensPerSecond: lastTokens === null ? null : lastTokens / 3_600,
    latencyMs: last?.latencyMs ?? null,
    gpuMemoryPercent: gpu.length === 0 ? null : Math.max(...gpu),
    microUsdPerThousandAnswers: per(answers, 1_000),
    microUsdPerMillionTokens: per(tokens, 1_000_000),
    capacity,
    peak,
    headroom: {
      now: headroom(last?.requests ?? 0, instances, capacity),
      atPeak: peak === null ? null : headroom(peak.requests, instances, capacity),
    },
    advice: adviceOf(instances, capacity, peak, microUsdPerHour),
  };
}

/** Whether the usual peak would cross the limit. Of a capacity that is only a least, nobody knows. */
export function crossesAtPeak({ headroom: { atPeak }, capacity }: VariantCapacity): boolean {
  return capacity?.by === "fitted" && atPeak !== null && atPeak < 0;
}

function headroom(requests: number, instances: number, capacity: Capacity): number | null {
  return capacity === null || instances === 0 ? null : 1 - requests / (instances * capacity.perInstanceHour);
}

/** The arithmetic is shown: whoever orders instances must be able to check it. */
function adviceOf(instances: number, capacity: Capacity, peak: UsualHour | null, microUsdPerHour: number | null): Advice {
  if (peak === null) return { kind: "unknown", instances, because: "no week of traffic is known yet, so there is no usual peak" };
  if (capacity === null) return { kind: "unknown", instances, because: "no hour within the latency limit is known yet" };
  const one = Math.floor(capacity.perInstanceHour * planned);
  const wanted = Math.max(1, Math.ceil(peak.requests / one));
  const sum =
    `${Math.round(peak.requests)} requests at the usual peak (${iso(peak.atMs).slice(11, 16)} UTC, ${peak.weeks} weeks) / ` +
    `(${Math.round(capacity.perInstanceHour)} an hour of one instance${capacity.by === "fitted" ? "" : " at least"} * ${planned}) = ` +
    `${(peak.requests / one).toFixed(2)}, so ${wanted}; it has ${instances}`;
  const cost = microUsdPerHour === null ? "" : `: ${Math.abs((wanted - instances) * microUsdPerHour * 24) / 1_000_000} USD a day`;
  if (wanted < instances) return { kind: "fewer", instances: wanted, because: `${sum}${cost === "" ? "" : `${cost} less`}` };
  if (wanted === instances) return { kind: "enough", instances, because: sum };
  // Nobody has seen an instance at its limit: what is missing may not be.
  if (capacity.by === "at_least") return { kind: "unknown", instances, because: `${sum}, if it takes no more than was seen` };
  return { kind: "more", instances: wanted, because: `${sum}${cost === "" ? "" : `${cost} more`}` };
}

function tokensOf({ promptTokens, completionTokens }: LoadHour): number | null {
  return promptTokens === null && completionTokens === null ? null : (promptTokens ?? 0) + (completionTokens ?? 0);
}

const total = (values: readonly (number | null)[]) => values.reduce<number>((a, b) => a + (b ?? 0), 0);
