import type { GateVerdict } from "../evaluation/gates.ts";
import type { EvaluationResult, ItemResult } from "../evaluation/result.ts";
import type { ItemComparison } from "../evaluation/sideBySide.ts";
import { primary } from "../judging/rubric.ts";
import { besideSentences, facts } from "./evaluationFacts.ts";
import { count, percent, signed, timeText, unknown, usd } from "./figures.ts";
import type { Axis, Block, Cell, Column, Report, Section, ShownExample, Tone } from "./report.ts";

const text = (name: string): Column => ({ name, isNumber: false });
const number = (name: string): Column => ({ name, isNumber: true });

/** What a report says of an evaluation. `examples`: its worst answers, redacted. */
export function evaluationReport(result: EvaluationResult, gates: readonly GateVerdict[], examples: ShownExample[]): Report {
  const { id, endpoint, variants, judge, concludedAt } = result;
  return {
    title: `Evaluation ${id} of ${endpoint}`,
    verdict: verdictOf(result, gates),
    tone: toneOf(result, gates),
    about: [
      `Concluded ${timeText(concludedAt)} (UTC). Targets: ${variants.join(", ")}. Judge: ${judge.model}, version ${judge.version}.`,
    ],
    sections: [
      gatesSection(gates),
      { title: "Targets side by side", blocks: [measured(result), criteria(result)] },
      differencesSection(result),
      healthSection(result),
      {
        title: "Worst answers",
        blocks:
          examples.length === 0
            ? []
            : [{ kind: "examples", caption: "The lowest grades. Personal data and secrets are taken out.", examples }],
      },
    ],
  };
}

function verdictOf(result: EvaluationResult, gates: readonly GateVerdict[]): string {
  const { items, unfinished, failure, variants } = result;
  const [first] = besideSentences(result);
  const alone = result.byVariant[variants[0]!]!.grades[primary] ?? null; // there is a first
  const said =
    first ??
    (alone
      ? `quality of ${variants[0]} is ${alone.mean.toFixed(3)} (${alone.lower.toFixed(3)} to ${alone.upper.toFixed(3)}) on ${alone.n} items.`
      : "nothing was graded.");
  const failed = gates.filter(({ outcome }) => outcome !== "passed").length;
  const more = [
    ...(gates.length === 0 ? [] : [gatesText(failed, gates.length)]),
    ...(unfinished === 0 ? [] : [`${unfinished} of ${items} items are unfinished`]),
    ...(failure === null ? [] : [`it ended early (${failure})`]),
  ];
  return [said.replace(/\.$/, ""), ...more]
    .join("; ")
    .replace(/^./, (letter) => letter.toUpperCase())
    .concat(".");
}

function gatesText(failed: number, of: number): string {
  if (of === 1) return failed === 0 ? "its gate passes" : "its gate does not pass";
  return failed === 0 ? `all ${of} gates pass` : `${failed} of ${of} gates do not pass`;
}

function toneOf({ verdict, unfinished, failure, byVariant }: EvaluationResult, gates: readonly GateVerdict[]): Tone {
  if (verdict === "worse" || gates.some(({ outcome }) => outcome === "failed")) return "bad";
  const graded = Object.values(byVariant).every(({ judgements }) => judgements.graded > 0);
  const known = graded && unfinished === 0 && failure === null && gates.every(({ outcome }) => outcome === "passed");
  return known && verdict !== "undecided" ? "good" : "unsure";
}

function gatesSection(gates: readonly GateVerdict[]): Section {
  const tones = { passed: "good", failed: "bad", unknown: "unsure" } as const;
  const rows = gates.map(({ gate, outcome, because }): Cell[] => [
    gate,
    { text: outcome === "unknown" ? "not shown" : outcome, tone: tones[outcome] },
    because,
  ]);
  return {
    title: "Gates",
    blocks:
      gates.length === 0
        ? []
        : [
            {
              kind: "table",
              caption: "What was asked for",
              head: [text("gate"), text("outcome"), text("because")],
              rows,
              folded: false,
            },
          ],
  };
}

function measured(result: EvaluationResult): Block {
  const { variants, byVariant } = result;
  const rows = facts(result).map(({ name, of }): Cell[] => [name, ...variants.map((variant) => of(byVariant[variant]!))]); // there is one for each
  return { kind: "table", caption: "What was measured", head: [text("figure"), ...variants.map(number)], rows, folded: false };
}

/** Every target's mean grade, drawn with its interval. */
function criteria({ variants, byVariant }: EvaluationResult): Block {
  const all = variants.flatMap((variant) =>
    Object.entries(byVariant[variant]!.grades).map(([criterion, mean]) => ({ variant, criterion, mean })),
  );
  const lows = all.flatMap(({ mean }) => mean?.lower ?? []);
  const axis: Axis = { min: Math.max(0, Math.floor(10 * Math.min(0.8, ...lows)) / 10), max: 1, marked: null };
  const rows = all.map(({ variant, criterion, mean }): Cell[] => [
    criterion,
    variant,
    mean === null
      ? unknown
      : {
          text: `${mean.mean.toFixed(3)} (${mean.lower.toFixed(3)} to ${mean.upper.toFixed(3)})`,
          low: mean.lower,
          mid: mean.mean,
          high: mean.upper,
          axis,
        },
    mean === null ? "0" : count(mean.n),
  ]);
  return {
    kind: "table",
    caption: "Mean grades",
    head: [text("criterion"), text("target"), text("mean grade"), number("n")],
    rows,
    folded: false,
  };
}

function differencesSection(result: EvaluationResult): Section {
  const { besides, variants, tolerance, error } = result;
  const of = Object.entries(besides).flatMap(([target, { criteria, scores }]) => [
    ...Object.entries(criteria).map(([name, comparison]) => ({ target, name, comparison })),
    ...Object.entries(scores).map(([name, comparison]) => ({ target, name: `score ${name}`, comparison })),
  ]);
  const known = of.flatMap(({ target, name, comparison }) => (comparison === null ? [] : [{ target, name, ...comparison }]));
  if (known.length === 0) return { title: "Differences", blocks: [] };
  const reach = Math.max(tolerance, ...known.flatMap(({ lower, upper }) => [Math.abs(lower), Math.abs(upper)]));
  const axis: Axis = { min: -reach, max: reach, marked: 0 };
  const tags = Object.entries(besides).flatMap(([target, { tags }]) =>
    tags.filter(({ verdict }) => verdict !== null).map((tag) => ({ target, ...tag })),
  );
  return {
    title: "Differences",
    blocks: [
      ...besideSentences(result).map((said): Block => ({ kind: "text", text: said })),
      {
        kind: "table",
        caption: `Each target beside ${variants[0]}, on the items that both answered`,
        head: [
          text("figure"),
          text("target"),
          text("verdict"),
          text("difference"),
          number("n"),
          number("better / alike / worse"),
        ],
        rows: known.map((row) => [
          row.name,
          row.target,
          verdictCell(row.verdict),
          ranged(row, axis),
          count(row.n),
          `${row.wins} / ${row.ties} / ${row.losses}`,
        ]),
        folded: false,
      },
      {
        kind: "table",
        caption: "Tags that stand out",
        head: [text("tag"), text("target"), text("criterion"), text("verdict"), number("difference"), number("n")],
        rows: tags.map(({ target, criterion, tag, verdict, difference, n }) => [
          tag,
          target,
          criterion,
          verdict ?? unknown,
          signed(difference),
          count(n),
        ]),
        folded: false,
      },
      {
        kind: "how",
        figures: [
          {
            name: "Difference",
            how: `Each item is its own comparison: the target's grade minus that of ${variants[0]}. The interval misses the true mean difference at most ${percent(error, 0)} of the time, whatever the grades look like. “equivalent” means that it lies within the tolerance of ${tolerance}.`,
          },
          {
            name: "Tags",
            how: "All tags and criteria are looked at together, so that of those which stand out few do so by chance.",
          },
          {
            name: "1,000 good answers",
            how: "The price of all calls divided by the sum of the grades: a half-good answer is half a good one.",
          },
        ],
      },
    ],
  };
}

const verdictCell = (verdict: ItemComparison["verdict"]): Cell => {
  const tones: Record<ItemComparison["verdict"], Tone> = {
    better: "good",
    equivalent: "good",
    worse: "bad",
    undecided: "unsure",
  };
  return { text: verdict, tone: tones[verdict] };
};

const ranged = ({ difference, lower, upper }: ItemComparison, axis: Axis): Cell => ({
  text: `${signed(difference)} (${signed(lower)} to ${signed(upper)})`,
  low: lower,
  mid: difference,
  high: upper,
  axis,
});

function healthSection({ variants, byVariant, items, unfinished, spared, broken, judgeMicroUsd }: EvaluationResult): Section {
  const rows = variants.map((variant): Cell[] => {
    const { judgements, judgeMicroUsd: cost, answered, modelErrors, unreadable, missing } = byVariant[variant]!; // there is one for each
    const { graded, failed, refused, unparseable, skipped } = judgements;
    return [
      variant,
      ...[answered, modelErrors, unreadable, missing, graded, failed, refused, unparseable, skipped].map(count),
      usd(cost / 1e6),
    ];
  });
  const names = [
    "answered",
    "model errors",
    "unreadable",
    "missing",
    "graded",
    "judge failed",
    "refused",
    "unparseable",
    "skipped for budget",
    "judging cost",
  ];
  return {
    title: "Coverage, judge and cost",
    blocks: [
      {
        kind: "text",
        text: `${count(items)} items: ${count(items - unfinished - spared)} finished, ${count(unfinished)} unfinished, ${count(spared)} spared since the comparison was decided before; ${count(broken.count)} broken lines were left out. Judging cost ${usd(judgeMicroUsd / 1e6)}.`,
      },
      {
        kind: "table",
        caption: "What became of every question",
        head: [text("target"), ...names.map(number)],
        rows,
        folded: false,
      },
      {
        kind: "table",
        caption: "Lines that were left out",
        head: [number("line"), text("because")],
        rows: broken.first.map(({ line, reason }) => [String(line), reason]),
        folded: true,
      },
    ],
  };
}

/** As many as a reader looks at. */
const worst = 8;

/** Which answers are the worst: target, item and grade, the lowest first. */
export function worstAnswers(items: readonly ItemResult[]): { item: string; target: string; grade: number }[] {
  return items
    .flatMap(({ id, variants }) =>
      Object.entries(variants).flatMap(([target, { judgement }]) => {
        const grade = judgement?.status === "graded" ? judgement.grades[primary] : undefined;
        return grade === undefined ? [] : [{ item: id, target, grade }];
      }),
    )
    .sort((a, b) => a.grade - b.grade || (a.item < b.item ? -1 : 1))
    .slice(0, worst);
}
