import { inWords } from "../../../remediation/decision.ts";
import { count, signed, timeText, unknown } from "../../figures.ts";
import type { Block, Cell, Section } from "../../report.ts";
import type { SignalEvidence, SpanFacts } from "../facts.ts";

const text = (name: string) => ({ name, isNumber: false });
const number = (name: string) => ({ name, isNumber: true });

export function findingsSection({ findings, remediations }: SpanFacts): Section {
  const moved = findings.flatMap(({ cause, segments }) =>
    segments.length === 0
      ? []
      : [
          `${cause.replace("_", " ")}: segments that moved by themselves are ${segments.map(({ segment, size }) => `${segment} ${signed(size)}`).join(", ")}.`,
        ],
  );
  return {
    title: "What was found, and what was done",
    blocks: [
      {
        kind: "table",
        caption: "Findings",
        head: [
          text("found"),
          text("cause"),
          text("variant"),
          number("change"),
          number("judged"),
          text("since"),
          text("state"),
          text("because"),
        ],
        rows: findings.map((of): Cell[] => [
          timeText(of.at),
          of.cause.replace("_", " "),
          of.variant ?? "all",
          of.size === null
            ? unknown
            : `${signed(of.size)}${of.interval ? ` (${signed(of.interval.lower)} to ${signed(of.interval.upper)})` : ""}`,
          of.judged === 0 ? unknown : count(of.judged),
          timeText(of.since),
          of.closedAt === null ? { text: "open", tone: "bad" } : { text: `closed ${timeText(of.closedAt)}`, tone: "good" },
          of.because,
        ]),
        folded: false,
      },
      ...moved.map((said): Block => ({ kind: "text", text: said })),
      {
        kind: "table",
        caption: "Decisions",
        head: [text("decided"), text("decision"), text("variant"), text("status"), text("because")],
        rows: remediations.map(({ decidedAt, decision, variant, status, failure }): Cell[] => [
          timeText(decidedAt),
          inWords(decision),
          variant ?? "all",
          status,
          failure ?? decision.because,
        ]),
        folded: false,
      },
    ],
  };
}

export function signalsSection({ signals, endpoint }: SpanFacts): Section {
  const title = "Evidence of each signal";
  if (endpoint === null) return { title, blocks: [] };
  if (signals === null)
    return {
      title,
      blocks: [
        {
          kind: "text",
          text: "The state of the monitor is not known here: there is no approved baseline, or the report was made of a folder, which holds the findings only.",
        },
      ],
    };
  return {
    title,
    blocks: [
      {
        kind: "table",
        caption: "Those first that have gone furthest; at 1 a signal alarms",
        head: [
          text("signal"),
          text("variant"),
          text("state"),
          number("evidence"),
          number("most in the span"),
          number("threshold"),
          number("figure"),
          number("n"),
        ],
        rows: signals.toSorted((a, b) => b.evidence - a.evidence).map(signalRow),
        folded: false,
      },
      {
        kind: "how",
        figures: [
          {
            name: "Evidence",
            how: "The logarithm of a likelihood ratio, divided by that of the threshold. It counts every window since the change that it believes in.",
          },
          {
            name: "Threshold",
            how: "By how much the data must be likelier under a change than without one before the signal alarms. It follows from the fleet's budget of false alarms, how many signals share it, and how often each is looked at: docs/statistics.md, “From a budget to a threshold”.",
          },
        ],
      },
    ],
  };
}

function signalRow({ signal, variant, state, evidence, most, oneIn, estimate, lower, upper, n, needs }: SignalEvidence): Cell[] {
  const interval = lower === null || upper === null ? "" : ` (${lower.toFixed(3)} to ${upper.toFixed(3)})`;
  return [
    signal,
    variant ?? "all",
    state === "alarm"
      ? { text: "alarm", tone: "bad" }
      : state === "quiet"
        ? { text: "quiet", tone: "good" }
        : { text: needs ? `needs ${needs.n} more ${needs.of}` : "needs data", tone: "unsure" },
    evidence.toFixed(2),
    most === null ? unknown : most.toFixed(2),
    `1 (${Number(oneIn.toPrecision(2)).toLocaleString("en-US")} to 1)`,
    estimate === null ? unknown : `${estimate.toFixed(3)}${interval}`,
    count(n),
  ];
}
