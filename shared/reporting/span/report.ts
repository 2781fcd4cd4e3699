import { isRunning, type RemediationRecord } from "../../remediation/record.ts";
import { percent, usd } from "../figures.ts";
import type { ReportedAction, Spend } from "../outcome.ts";
import type { Report, Section, Tile, Tone } from "../report.ts";
import { verdict } from "../verdict.ts";
import type { SpanFacts } from "./facts.ts";
import { booksSection, budgetsSection, coverageSection, judgeSection } from "./sections/books.ts";
import { findingsSection, signalsSection } from "./sections/findings.ts";
import { curvesSection, distributionsSection, segmentsSection, variantsSection } from "./sections/quality.ts";

/** What a report says of a span of an endpoint. */
export function spanReport(facts: SpanFacts): Report {
  const { title, origin, from, until, books, findings, remediations } = facts;
  return {
    title,
    verdict: verdict({
      counts: books.total.counts,
      findings,
      actions: actionsOf(remediations),
      spend: spendOf(facts),
      standing: standingOf(facts),
    }),
    tone: toneOf(facts),
    about: [`${from.slice(0, 16).replace("T", " ")} to ${until.slice(0, 16).replace("T", " ")} (UTC).`, ...origin],
    sections: [
      { title: "At a glance", blocks: [{ kind: "tiles", tiles: tilesOf(facts) }] },
      curvesSection(facts),
      findingsSection(facts),
      variantsSection(facts),
      segmentsSection(facts),
      distributionsSection(facts),
      signalsSection(facts),
      budgetsSection(facts),
      coverageSection(facts),
      judgeSection(facts),
      examplesSection(facts),
      booksSection(facts),
    ],
  };
}

/** What was decided, but for what is being done at this moment. */
export function actionsOf(remediations: readonly RemediationRecord[]): ReportedAction[] {
  return remediations.flatMap(({ decision, variant, status }) =>
    status === "acting"
      ? []
      : [{ kind: decision.kind, variant, to: decision.kind === "shift_traffic" ? decision.to : null, outcome: status }],
  );
}

function spendOf({ days }: SpanFacts): Spend | null {
  if (days.length === 0) return null;
  return {
    evaluationMicroUsd: days.reduce((sum, { judgeMicroUsd }) => sum + judgeMicroUsd, 0),
    budgetMicroUsd: days.reduce((sum, { judgeBudgetMicroUsd }) => sum + judgeBudgetMicroUsd, 0),
  };
}

/** The mean grade of each variant over the span. */
/** The variants whose answers nobody gets, as the newest comparison knows. */
const shadowsOf = ({ comparisons }: SpanFacts): string[] =>
  (comparisons.at(-1)?.variants ?? []).filter(({ shadow }) => shadow).map(({ variant }) => variant);

const qualities = ({ estimates }: SpanFacts) =>
  estimates.flatMap(({ variant, segment, criterion, quality, judged }) =>
    variant !== null && segment === null && criterion === "quality" && quality !== null ? [{ variant, judged, ...quality }] : [],
  );

/** Of what users get: a shadow may be as bad as it likes. */
const served = (facts: SpanFacts) => qualities(facts).filter(({ variant }) => !shadowsOf(facts).includes(variant));

function standingOf(facts: SpanFacts): string | null {
  const known = served(facts);
  if (known.length === 0) return null;
  const each = known.map(
    ({ variant, mean, lower, upper }) => `${mean.toFixed(2)} (${lower.toFixed(2)} to ${upper.toFixed(2)}) of ${variant}`,
  );
  const target = facts.settings === null ? "" : `, where ${facts.settings.target} is aimed at`;
  return `over the whole span quality was ${each.join(" and ")}${target}`;
}

/** Attention where something was found and is open, or an action failed, or quality is under its target beyond doubt. */
function toneOf(facts: SpanFacts): Tone {
  const { findings, remediations, settings, books } = facts;
  const target = settings?.target ?? 0;
  const isLow = served(facts).some(({ upper }) => upper < target);
  const open = findings.some(({ closedAt }) => closedAt === null);
  if (open || isLow || remediations.some((record) => record.status === "failed" || isRunning(record))) return "bad";
  return served(facts).length === 0 || books.total.counts.captured === 0 ? "unsure" : "good";
}

function tilesOf(facts: SpanFacts): Tile[] {
  const { books, settings, findings, judge, coverage } = facts;
  const { counts } = books.total;
  const open = findings.filter(({ closedAt }) => closedAt === null).length;
  const requests = coverage.reduce((sum, row) => sum + row.requests, 0);
  const records = coverage.reduce((sum, row) => sum + row.records, 0);
  const spend = spendOf(facts);
  const known = new Map(qualities(facts).map((of) => [of.variant, of]));
  const shadows = shadowsOf(facts);
  const tileOf = (variant: string): Tile => {
    const of = known.get(variant);
    const note = of
      ? `quality of ${of.judged} judged, ${of.lower.toFixed(2)} to ${of.upper.toFixed(2)}`
      : "quality: under 30 judged answers";
    const tone =
      of === undefined || settings === null || shadows.includes(variant)
        ? "unsure"
        : of.upper < settings.target
          ? "bad"
          : of.lower >= settings.target
            ? "good"
            : "unsure";
    return {
      name: shadows.includes(variant) ? `${variant} (shadow)` : variant,
      value: of ? of.mean.toFixed(2) : "—",
      note: settings ? `${note}; target ${settings.target}` : note,
      tone,
    };
  };
  return [
    ...[...books.variants.keys()].slice(0, 6).map(tileOf),
    {
      name: "Findings",
      value: String(findings.length),
      note: open === 0 ? "none is open" : `${open} open`,
      tone: open > 0 ? "bad" : "good",
    },
    {
      name: "Answers scored",
      value: counts.answered.toLocaleString("en-US"),
      note: `of ${counts.captured.toLocaleString("en-US")} captured`,
      tone: null,
    },
    {
      name: "Answers judged",
      value: judge.graded.toLocaleString("en-US"),
      note: `${judge.failed + judge.refused + judge.unparseable} in vain, ${judge.skipped} skipped for budget`,
      tone: null,
    },
    ...(spend === null
      ? []
      : [
          {
            name: "Judging cost",
            value: usd(spend.evaluationMicroUsd / 1e6),
            note: `of a budget of ${usd(spend.budgetMicroUsd / 1e6)}`,
            tone: null,
          },
        ]),
    ...(requests === 0
      ? []
      : [
          {
            name: "Requests captured",
            value: percent(records / requests, 0),
            note: `${records} records of ${requests} requests`,
            tone: null,
          },
        ]),
  ];
}

export function examplesSection({ examples }: SpanFacts): Section {
  const blocks: Section["blocks"] =
    examples.length === 0
      ? []
      : [
          {
            kind: "examples",
            caption: "The lowest grades, those first that a finding names. Personal data and secrets are taken out.",
            examples,
          },
        ];
  return { title: "Worst answers", blocks };
}
