import { stateText } from "../../../monitoring/signalLines.ts";
import { inWords } from "../../../remediation/decision.ts";
import { count, signed, timeText, unknown } from "../../figures.ts";
import type { Block, Cell, Section } from "../../report.ts";
import type { SignalEvidence, SpanFacts } from "../facts.ts";

const text = (name: string) => ({ name, isNumber: false });
const number = (name: string) => ({ name, isNumber: true });

/** What was found and what was decided about it, a table each; the evidence of each signal has a section of its own. */
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
          text: "The monitor has not looked yet, or the report was made without assay.yml: it begins once a baseline is approved.",
        },
      ],
    };
  const unknownYet = signals.lines.filter(({ state }) => state === "needs_data").length;
  return {
    title,
    blocks: [
      ...(unknownYet === 0
        ? []
        : [
            {
              kind: "text",
              text: `${unknownYet} of ${signals.lines.length} signals have not enough data to be compared yet: that is neither quiet nor an alarm.`,
            } as const,
          ]),
      {
        kind: "table",
        caption: `As the monitor knew them at ${timeText(signals.asOf)}. Those first that have gone furthest; at 1 a signal alarms`,
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
        rows: signals.lines.toSorted((a, b) => b.evidence - a.evidence).map(signalRow),
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

const tones = { alarm: "bad", quiet: "good", needs_data: "unsure" } as const;

function signalRow(line: SignalEvidence): Cell[] {
  const { signal, variant, state, evidence, most, oneIn, estimate, lower, upper, n } = line;
  const interval = lower === null || upper === null ? "" : ` (${lower.toFixed(3)} to ${upper.toFixed(3)})`;
  return [
    signal,
    variant ?? "all",
    { text: stateText(line), tone: tones[state] },
    evidence.toFixed(2),
    most === null ? unknown : most.toFixed(2),
    `1 (${Number(oneIn.toPrecision(2)).toLocaleString("en-US")} to 1)`,
    estimate === null ? unknown : `${estimate.toFixed(3)}${interval}`,
    count(n),
  ];
}
