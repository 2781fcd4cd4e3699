import { anchorSpread, type ReadAnchor, storedAnchor } from "./anchors.ts";
import { type Baseline, type BaselineContent, baselineFormat, baselineVersion, type SystemVersion } from "./baseline.ts";
import { limitsOf, restlessness } from "./baselineLimits.ts";
import { measureCriterion } from "./measureCriterion.ts";
import { dayMs, type MonitorSettings } from "./rules.ts";
import { selfTest } from "./selfTest.ts";
import { countsOf, shareBaseline } from "./shares.ts";
import { inputMix } from "./signals/questions.ts";
import { signalNamed } from "./signals/registry.ts";
import { isOfVariant, type Signal } from "./signals/signal.ts";
import type { WindowRecord } from "./windowRecord.ts";
import { iso } from "./windows.ts";

/** What a baseline is made of. */
export type BaselineSource = {
  endpoint: string;
  madeFrom: string;
  judgeVersion: string | null;
  system: SystemVersion | null;
  /** Of all its variants, in any order, each window and variant once. Others are passed over. */
  records: readonly WindowRecord[];
  anchors: readonly ReadAnchor[];
};

/** A day whose first or last hour saw no request is a whole day all the same. */
const edgeMs = 2 * 3_600_000;

/**
 * Measures and freezes what "unchanged" means for one endpoint, its variants pooled. Pure: the same records give the same
 * version, in whatever order they come.
 * @param settings tolerance, and the thresholds of the self-test
 * @returns a draft; `limits` says what it cannot watch yet, `selfTest` where its own days disagree
 * Source: docs/statistics.md, "The baseline"
 */
export function freezeBaseline(source: BaselineSource, settings: MonitorSettings, nowIso: string): Baseline {
  const { endpoint, madeFrom, judgeVersion, system } = source;
  const { windowMs } = settings;
  const records = source.records
    .filter((record) => record.endpoint === endpoint)
    .sort((a, b) => order(a.window, b.window) || order(a.variant, b.variant));
  const fromMs = records.length === 0 ? 0 : Date.parse(records[0]!.window);
  const toMs = records.length === 0 ? 0 : Date.parse(records.at(-1)!.window) + windowMs;
  const wholeDays = Math.floor((toMs - fromMs + edgeMs) / dayMs);
  const wholeFrom = iso(Math.max(0, toMs - wholeDays * dayMs));

  const byWindow = [...Map.groupBy(records, ({ window }) => window).values()];
  const sharesOf = (signal: Signal, windows: readonly (readonly WindowRecord[])[]) =>
    shareBaseline(
      signal.shape,
      windows.map((own) => countsOf(signal, own)),
      byHour(windows.filter(([first]) => first!.window >= wholeFrom)).map((hour) => hour.map((own) => countsOf(signal, own))),
    );
  const segments = sharesOf(inputMix, byWindow);
  const shares: Baseline["shares"] = {};
  for (const signal of settings.signals.filter((name) => name !== inputMix.name).map(signalNamed)) {
    const single = records.map((record) => [record]);
    const of = (key: string, windows: readonly (readonly WindowRecord[])[]) => {
      const own = sharesOf(signal, windows);
      if (own !== null) shares[key] = own;
    };
    of(signal.name, isOfVariant(signal) ? single : byWindow);
    for (const variant of isOfVariant(signal) ? new Set(records.map((record) => record.variant)) : [])
      of(
        `${signal.name}/${variant}`,
        single.filter(([record]) => record!.variant === variant),
      );
  }
  const names = [...new Set(records.flatMap(({ rows }) => rows.flatMap(({ y }) => Object.keys(y))))].sort();
  const measured =
    segments === null ? [] : names.map((name) => [name, measureCriterion(name, records, segments, wholeDays, windowMs)] as const);
  const criteria: Baseline["criteria"] = {};
  for (const [name, { criterion }] of measured) if (criterion !== null) criteria[name] = criterion;

  const draws = [...source.anchors].sort((a, b) => order(a.id, b.id));
  const anchors = draws.flatMap((read) => storedAnchor(read) ?? []);
  const content: BaselineContent = {
    format: baselineFormat,
    endpoint,
    span: { from: iso(fromMs), to: iso(toMs) },
    windowMs,
    judgeVersion,
    system,
    criteria,
    segments,
    shares,
    anchors,
    anchorSpread: anchorSpread(draws),
  };
  return {
    version: baselineVersion(content),
    ...content,
    createdAt: nowIso,
    madeFrom,
    limits: [
      ...limitsOf(settings, measured, segments, shares, wholeDays, anchors.length),
      ...Object.entries(criteria).flatMap(([name, { cycle, week }]) => restlessness(name, cycle, week, records, settings)),
    ],
    selfTest: segments === null ? [] : selfTest(criteria, records, segments, settings),
    status: "draft",
  };
}

/** Windows, of one variant or of all, by the hour that they begin in. */
function byHour(windows: readonly (readonly WindowRecord[])[]): (readonly WindowRecord[])[][] {
  const hourOf = ({ window, variant }: WindowRecord) => `${window.slice(0, "2026-03-02T09".length)} ${variant}`;
  return [...Map.groupBy(windows, ([first]) => hourOf(first!)).values()];
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
