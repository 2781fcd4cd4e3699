import { differencesOf } from "../../../monitoring/anchors.ts";
import type { Summary } from "../../../monitoring/summary.ts";
import { judgeShift } from "../../../statistics/anchors.ts";
import { count, percent, signed, timeText, unknown, usd } from "../../figures.ts";
import type { Block, Cell, Section } from "../../report.ts";
import type { JudgeHealth, SpanFacts } from "../facts.ts";

const text = (name: string) => ({ name, isNumber: false });
const number = (name: string) => ({ name, isNumber: true });

export function budgetsSection({ days, settings }: SpanFacts): Section {
  if (days.length === 0) return { title: "Budgets", blocks: [] };
  const budget = settings?.servingBudgetMicroUsd ?? null;
  return {
    title: "Budgets",
    blocks: [
      {
        kind: "table",
        caption: "By day (UTC)",
        head: [text("day"), number("judging"), number("of its budget"), number("serving"), number("of its budget")],
        rows: days.map(({ date, judgeMicroUsd, judgeBudgetMicroUsd, servingMicroUsd }) => [
          date,
          usd(judgeMicroUsd / 1e6),
          judgeBudgetMicroUsd === 0
            ? unknown
            : `${percent(judgeMicroUsd / judgeBudgetMicroUsd, 0)} of ${usd(judgeBudgetMicroUsd / 1e6)}`,
          servingMicroUsd === null ? unknown : usd(servingMicroUsd / 1e6),
          servingMicroUsd === null || budget === null
            ? unknown
            : `${percent(servingMicroUsd / budget, 0)} of ${usd(budget / 1e6)}`,
        ]),
        folded: false,
      },
      {
        kind: "how",
        figures: [
          {
            name: "Judging",
            how: "The ledger's sum of what each judge call cost, sampled answers, anchors, evaluations and verifications together. A call is made only where its bound still fits the day.",
          },
          { name: "Serving", how: "Instance hours as they were seen running, at the prices of assay.yml, whole days." },
        ],
      },
    ],
  };
}

const countNames = [
  ["captured", "captured"],
  ["answered", "answered"],
  ["modelErrors", "model errors"],
  ["inputOnly", "input only"],
  ["outputOnly", "output only"],
  ["quarantined", "quarantined"],
  ["lost", "lost"],
] as const;

export function coverageSection(facts: SpanFacts): Section {
  const { books, coverage } = facts;
  const { captured, answered, modelErrors, inputOnly, outputOnly, quarantined, lost } = books.total.counts;
  const adds = captured === answered + modelErrors + inputOnly + outputOnly + quarantined + lost;
  const row = (name: string, { counts }: Summary, chosen: number): Cell[] => [
    name,
    ...countNames.map(([key]) => count(counts[key])),
    count(chosen),
  ];
  const totalChosen = [...books.chosen.values()].reduce((a, b) => a + b, 0);
  return {
    title: "Coverage: nothing lost",
    blocks: [
      {
        kind: "text",
        text: adds
          ? `Of ${count(captured)} captured records every one is accounted for: the columns add up.`
          : `The columns do not add up to ${count(captured)} captured records. This is a defect: please report it.`,
      },
      {
        kind: "table",
        caption: "What became of every captured record",
        head: [text("variant"), ...countNames.map(([, name]) => number(name)), number("chosen")],
        rows: [
          ...[...books.variants].map(([name, summary]) => row(name, summary, books.chosen.get(name) ?? 0)),
          row("all", books.total, totalChosen),
        ],
        folded: false,
      },
      {
        kind: "table",
        caption: "Quarantined, by reason",
        head: [text("reason"), number("records")],
        rows: Object.entries(books.total.quarantinedBy).map(([code, n]) => [code, count(n)]),
        folded: false,
      },
      ...(coverage.length === 0
        ? []
        : [
            {
              kind: "table" as const,
              caption: "Requests beside their records, of the hours that were compared",
              head: [
                text("variant"),
                number("hours"),
                number("requests"),
                number("records"),
                number("records a request"),
                number("judged"),
              ],
              rows: coverage.map(({ variant, hours, requests, records, judged }) => [
                variant,
                count(hours),
                count(requests),
                count(records),
                requests === 0 ? unknown : percent(records / requests),
                count(judged),
              ]),
              folded: false,
            },
          ]),
    ],
  };
}

export function judgeSection({ judge, endpoint }: SpanFacts): Section {
  if (endpoint === null) return { title: "Health of the judge", blocks: [] };
  const { graded, failed, refused, unparseable, skipped, pending } = judge;
  const asked = graded + failed + refused + unparseable;
  const share = (n: number) => (asked === 0 ? unknown : percent(n / asked));
  const rows: Cell[][] = [
    ["graded", count(graded), share(graded)],
    ["failed", count(failed), share(failed)],
    ["refused", count(refused), share(refused)],
    ["unparseable", count(unparseable), share(unparseable)],
    ["skipped for budget", count(skipped), unknown],
    ["still pending", count(pending), unknown],
  ];
  return {
    title: "Health of the judge",
    blocks: [
      {
        kind: "text",
        text: judge.judge ? `Judge: ${judge.judge.model}, version ${judge.judge.version}.` : "The configuration names no judge.",
      },
      {
        kind: "table",
        caption: "What became of the chosen answers",
        head: [text("outcome"), number("answers"), number("of those asked")],
        rows,
        folded: false,
      },
      ...agreement(judge),
      ...anchors(judge),
    ],
  };
}

function agreement({ agreement: known }: JudgeHealth): Block[] {
  if (known === null)
    return [
      {
        kind: "text",
        text: "Agreement with people is not known: nobody has graded answers of this endpoint. See docs/labels.md.",
      },
    ];
  return [
    {
      kind: "table",
      caption: `Agreement with people, ${timeText(known.from)} to ${timeText(known.to)}: ${known.labelled} of ${known.asked} answers were graded`,
      head: [text("criterion"), number("n"), number("agreement"), number("Cohen's kappa"), number("the judge gives more by")],
      rows: Object.entries(known.criteria).map(([criterion, of]) => [
        criterion,
        of === null ? "0" : count(of.n),
        of === null
          ? unknown
          : `${percent(of.agreement.share, 0)} (${percent(of.agreement.low, 0)} to ${percent(of.agreement.high, 0)})`,
        of?.kappa ? `${of.kappa.value.toFixed(2)} (${of.kappa.low.toFixed(2)} to ${of.kappa.high.toFixed(2)})` : unknown,
        of === null ? unknown : signed(of.bias),
      ]),
      folded: false,
    },
  ];
}

function anchors({ readings }: JudgeHealth): Block[] {
  const rows = readings.flatMap((reading): Cell[][] => {
    const criteria = [...new Set(reading.anchors.flatMap(({ grades }) => Object.keys(grades)))];
    return criteria.map((criterion) => {
      const moved = Object.values(differencesOf(reading, criterion));
      const shift = moved.length < 2 ? null : judgeShift(moved);
      const mean = moved.reduce((a, b) => a + b, 0) / moved.length;
      return [
        timeText(reading.time),
        criterion,
        count(moved.length),
        shift === null ? signed(mean) : `${signed(shift.J)} (± ${(1.96 * shift.seJ).toFixed(3)})`,
      ];
    });
  });
  if (rows.length === 0) return [{ kind: "text", text: "No anchor was read again in this span." }];
  return [
    {
      kind: "table",
      caption: "Anchors: known answers judged again, and how far their grades moved",
      head: [text("read"), text("criterion"), number("anchors"), number("moved by")],
      rows,
      folded: rows.length > 12,
    },
  ];
}

export function booksSection({ events, baseline, settings }: SpanFacts): Section {
  const limits = baseline?.limits ?? [];
  return {
    title: "Background",
    blocks: [
      {
        kind: "text",
        text:
          baseline === null
            ? "No approved baseline: nothing is compared with an earlier time."
            : `Compared with baseline ${baseline.version}, of ${timeText(baseline.span.from)} to ${timeText(baseline.span.to)}.${settings ? ` Target ${settings.target}, tolerance ${settings.tolerance}.` : ""}`,
      },
      ...(limits.length === 0
        ? []
        : [
            {
              kind: "table" as const,
              caption: "What the baseline cannot watch yet",
              head: [text("signal"), text("because")],
              rows: limits.map(({ signal, because }) => [signal, because]),
              folded: true,
            },
          ]),
      ...(events.length === 0
        ? []
        : [
            {
              kind: "table" as const,
              caption: "What happened",
              head: [text("time"), text("what")],
              rows: events.map(({ at, text: what }) => [timeText(at), what]),
              folded: events.length > 15,
            },
          ]),
    ],
  };
}
