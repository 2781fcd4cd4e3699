import type { SpanEstimate } from "../../../monitoring/estimates.ts";
import { moments } from "../../../monitoring/summary.ts";
import { count, percent, score, signed, unknown, withInterval } from "../../figures.ts";
import type { Axis, Block, Cell, Column, Panel, Section } from "../../report.ts";
import type { SpanFacts, VariantSeries } from "../facts.ts";
import { comparisonBlocks } from "./comparison.ts";

const text = (name: string): Column => ({ name, isNumber: false });
const number = (name: string): Column => ({ name, isNumber: true });

/** Evidence grows without end once it has alarmed; what matters is how it got there. */
const evidenceDrawnTo = 2;

/** Quality, evidence, latency and traffic over one axis of time. Without an endpoint, or without a curve, the section says nothing. */
export function curvesSection(facts: SpanFacts): Section {
  const { from, until, times, marks, series } = facts;
  if (facts.endpoint === null || series.length === 0) return { title: "Quality over time", blocks: [] };
  return {
    title: "Quality over time",
    blocks: [
      {
        kind: "timeline",
        fromMs: Date.parse(from),
        untilMs: Date.parse(until),
        times,
        marks,
        panels: [quality(facts), evidence(facts), latency(facts), traffic(facts)],
      },
      {
        kind: "how",
        figures: [
          {
            name: "Quality",
            how: "Mean of the judge's grades of few answers, each weighed by the probability with which it was chosen, helped by the cheap scores of all. Each point pools its own windows and those before it back to 30 judged answers, at most 24 hours; n is how many were judged. The interval is that of 95 %. See docs/statistics.md, “The mean” and “The interval”.",
          },
          {
            name: "What counts as unchanged",
            how: "The baseline's mean, give or take the tolerance of assay.yml, or what the baseline's own size cannot exclude, whichever is wider.",
          },
          {
            name: "Evidence",
            how: "How far the detector of each variant's quality has gone towards its threshold, which follows from the fleet's budget of false alarms: 0 is none, at 1 it alarms, however often one looks.",
          },
          {
            name: "Latency and traffic",
            how: "Latency is SageMaker's ModelLatency, its 90th percentile in each step. Traffic is each variant's share of the captured requests.",
          },
        ],
      },
    ],
  };
}

const lines = (series: readonly VariantSeries[], of: (one: VariantSeries) => VariantSeries["quality"]) =>
  series.map((one) => ({ name: one.variant, values: of(one) }));

function quality({ series, baseline, settings }: SpanFacts): Panel {
  const drawn = series.flatMap(({ quality }) => quality.flatMap((value) => (value === null ? [] : [value.low ?? value.y])));
  const lowest = Math.min(settings?.target ?? 1, baseline?.mean == null ? 1 : baseline.low, ...drawn);
  const yMin = Math.max(0, Math.min(0.8, Math.floor(lowest * 5) / 5));
  const step = yMin < 0.6 ? 0.2 : 0.1;
  const band = baseline === null || baseline.mean === null ? null : { low: baseline.low, high: baseline.high };
  return {
    title: "Quality",
    explains: `mean grade of the judge, from 0 to 1, uncorrected by people, with its 95 % interval.${band ? ` Grey: what counts as unchanged, ${band.low.toFixed(2)} to ${band.high.toFixed(2)}.` : ""}`,
    unit: "number",
    yMin,
    yMax: 1,
    ticks: Array.from({ length: Math.round((1 - yMin) / step) + 1 }, (_, k) => yMin + k * step).map((y) => ({
      y,
      label: y.toFixed(1),
    })),
    lines: lines(series, (one) => one.quality),
    levels: [
      ...(baseline === null || baseline.mean === null
        ? []
        : [{ y: baseline.mean, label: `baseline ${baseline.mean.toFixed(2)}`, strong: false }]),
      ...(settings === null ? [] : [{ y: settings.target, label: `target ${settings.target}`, strong: true }]),
    ],
    band,
  };
}

function evidence({ series }: SpanFacts): Panel {
  return {
    title: "Evidence",
    explains: `that quality has changed: 0 is none, at 1 it alarms. Drawn up to ${evidenceDrawnTo}.`,
    unit: "number",
    yMin: 0,
    yMax: evidenceDrawnTo,
    ticks: [0, 1, 2].map((y) => ({ y, label: String(y) })),
    lines: lines(series, (one) => one.evidence),
    levels: [{ y: 1, label: "alarm", strong: true }],
    band: null,
  };
}

function latency({ series, settings }: SpanFacts): Panel {
  const limit = settings === null ? null : settings.latencyLimitMs / 1_000;
  const drawn = series.flatMap(({ latency }) => latency.flatMap((value) => value?.y ?? []));
  const highest = Math.max(0.1, (limit ?? 0) * 1.25, ...drawn);
  const step = [0.1, 0.5, 1, 2, 5, 10, 20, 50].find((s) => highest / s <= 5) ?? highest / 4;
  const yMax = Math.ceil(highest / step) * step;
  return {
    title: "Latency",
    explains: "nine answers of ten take at most so many seconds.",
    unit: "seconds",
    yMin: 0,
    yMax,
    ticks: Array.from({ length: Math.round(yMax / step) + 1 }, (_, k) => k * step).map((y) => ({
      y,
      label: `${Number(y.toFixed(2))} s`,
    })),
    lines: lines(series, (one) => one.latency),
    levels: limit === null ? [] : [{ y: limit, label: `alarm over ${limit} s`, strong: true }],
    band: null,
  };
}

function traffic({ series }: SpanFacts): Panel {
  return {
    title: "Traffic",
    explains: "share of the captured requests that each variant answers.",
    unit: "share",
    yMin: 0,
    yMax: 1,
    ticks: [0, 0.5, 1].map((y) => ({ y, label: `${y * 100} %` })),
    lines: lines(series, (one) => one.traffic),
    levels: [],
    band: null,
  };
}

export function variantsSection(facts: SpanFacts): Section {
  const { books, estimates, comparisons, settings } = facts;
  const overall = estimates.filter(({ segment }) => segment === null);
  const axis = axisOf(overall, settings?.target ?? null);
  const criteria = [...new Set(overall.map(({ criterion }) => criterion))];
  const scorers = Object.keys(books.total.scores);
  const rows = [...books.variants].map(([variant, summary]): Cell[] => {
    const { counts, tokens, hardFailures } = summary;
    const each = (total: number) => (counts.answered === 0 ? unknown : count(Math.round(total / counts.answered)));
    return [
      variant,
      ...criteria.map((criterion) =>
        ranged(
          overall.find((of) => of.variant === variant && of.criterion === criterion),
          axis,
        ),
      ),
      count(counts.answered),
      count(counts.modelErrors),
      counts.answered === 0 ? unknown : percent(hardFailures / counts.answered),
      `${each(tokens.prompt)} + ${each(tokens.completion)}`,
    ];
  });
  const head = [
    text("variant"),
    ...criteria.map(text),
    number("answers"),
    number("model errors"),
    number("hard failures"),
    number("tokens, question + answer"),
  ];
  const corrected = overall.filter((of) => of.variant !== null && of.corrected !== null);
  const last = comparisons.at(-1);
  const blocks: Block[] = [
    { kind: "table", caption: "Over the whole span", head, rows, folded: false },
    ...corrected.map(
      (of): Block => ({
        kind: "text",
        text: `Corrected by ${of.corrected!.labels} labels of people, ${of.criterion} of ${of.variant} is ${withInterval(of.corrected)}; the judge gives ${signed(of.corrected!.bias)} more.`,
      }),
    ),
    ...(last === undefined ? [] : comparisonBlocks(last)),
    {
      kind: "table",
      caption: "Mean of each score (1 is good)",
      head: [text("variant"), ...scorers.map(number)],
      rows:
        scorers.length === 0
          ? []
          : [...books.variants].map(([variant, { scores }]) => [variant, ...scorers.map((name) => meanScore(scores[name]))]),
      folded: true,
    },
    {
      kind: "how",
      figures: [
        {
          name: "Quality and other criteria",
          how: "The estimate over all windows of the span together, with its 95 % interval; unknown under 30 judged answers. The line across each drawing is the target.",
        },
        {
          name: "Hard failures",
          how: "Share of the answers that fail a cheap hard check: empty, a refusal, cut off, or repeating itself, as assay.yml says.",
        },
        {
          name: "Cost of 1,000 good answers",
          how: "What the variant's instances cost on that day, idle hours and all, for each answer, divided by the mean grade, where a half-good answer is half a good one; the interval is that of the quality.",
        },
        {
          name: "Differences",
          how: "Live variants get different questions, so nothing is paired; a shadow gets the same as the variant that it mirrors, and is compared answer by answer. The intervals hold at all looks of a day together. See docs/statistics.md, “Live variants” and “Shadow variants”.",
        },
      ],
    },
  ];
  return { title: "Variants side by side", blocks };
}

/** More rows nobody reads. */
const mostSegments = 40;

export function segmentsSection({ estimates, settings }: SpanFacts): Section {
  const own = estimates
    .filter(({ segment, variant }) => segment !== null && variant !== null)
    .sort((a, b) => (a.quality?.mean ?? 2) - (b.quality?.mean ?? 2) || b.answers - a.answers);
  if (new Set(own.map(({ segment }) => segment)).size < 2) return { title: "Segments", blocks: [] };
  const axis = axisOf(own, settings?.target ?? null);
  return {
    title: "Segments",
    blocks: [
      {
        kind: "table",
        caption: `The lowest first${own.length > mostSegments ? `, ${mostSegments} of ${own.length}` : ""}`,
        head: [text("segment"), text("variant"), text("criterion"), text("mean grade"), number("answers"), number("judged")],
        rows: own
          .slice(0, mostSegments)
          .map((of) => [of.segment!, of.variant!, of.criterion, ranged(of, axis), count(of.answers), count(of.judged)]), // both were looked for
        folded: false,
      },
    ],
  };
}

export function distributionsSection({ distributions, rates }: SpanFacts): Section {
  const table: Block = {
    kind: "table",
    caption: "How often something bad happened, beside the baseline",
    head: [text("signal"), text("variant"), number("in the baseline"), number("now"), number("n")],
    rows: rates.map(({ signal, variant, before, now, n }) => [signal, variant ?? "all", percent(before), percent(now), count(n)]),
    folded: rates.length > 12,
  };
  return { title: "Distributions beside the baseline", blocks: [...(rates.length === 0 ? [] : [table]), ...distributions] };
}

function axisOf(estimates: readonly SpanEstimate[], marked: number | null): Axis {
  const lows = estimates.flatMap(({ quality }) => (quality === null ? [] : [quality.lower]));
  return { min: Math.max(0, Math.floor(10 * Math.min(0.8, ...lows, ...(marked === null ? [] : [marked]))) / 10), max: 1, marked };
}

function ranged(estimate: SpanEstimate | undefined, axis: Axis): Cell {
  if (estimate === undefined) return unknown;
  const { quality, judged, bounds } = estimate;
  if (quality === null) return `${unknown} (${judged} judged)`;
  const failed =
    bounds && bounds.failedShare > 0.05
      ? `; ${percent(bounds.failedShare, 0)} of the chosen have no grade: ${score(bounds.lower)} to ${score(bounds.upper)} whatever they were`
      : "";
  return {
    text: `${withInterval(quality)}, n ${judged}${failed}`,
    low: quality.lower,
    mid: quality.mean,
    high: quality.upper,
    axis,
  };
}

/** No mean is not a mean of 0. */
function meanScore(histogram: Record<string, number> | undefined): string {
  const { count: n, sum } = moments(histogram ?? {});
  return n === 0 ? unknown : (sum / n).toFixed(3);
}
