import { inWords } from "../remediation/decision.ts";
import { isRunning, type RemediationRecord } from "../remediation/record.ts";
import { timeText, usd } from "./figures.ts";
import type { Block, Cell, Report, Section, Tone } from "./report.ts";
import type { SpanFacts } from "./span/facts.ts";
import { examplesSection } from "./span/report.ts";
import { findingsSection } from "./span/sections/findings.ts";
import { curvesSection, segmentsSection, variantsSection } from "./span/sections/quality.ts";

/** What a report says of one remediation. `around`: what its endpoint did before and after; `null` where its finding is no endpoint's. */
export function remediationReport(record: RemediationRecord, around: SpanFacts | null): Report {
  const { id, endpoint, alarm, decidedAt } = record;
  return {
    title: `Remediation of ${endpoint ?? alarm ?? "an alarm"}`,
    verdict: verdictOf(record),
    tone: toneOf(record),
    about: [`Decided ${timeText(decidedAt)} (UTC). Remediation ${id}, attempt ${record.attempt}.`],
    sections: [decisionSection(record), storySection(record), ...(around === null ? [] : sectionsOf(around))],
  };
}

const sectionsOf = (around: SpanFacts): Section[] => [
  curvesSection(around),
  findingsSection(around),
  variantsSection(around),
  segmentsSection(around),
  examplesSection(around),
];

const endings: Record<RemediationRecord["status"], string> = {
  proposed: "it waits for a person's word",
  rejected: "a person said no",
  acting: "it is being done",
  acted: "it is done, and fresh answers are awaited",
  kept: "it helped, and stays",
  undone: "it was undone",
  held: "nobody knows yet whether it helps, and a person decides",
  failed: "it could not be done",
};

function verdictOf({ decision, status, cause, variant, failure, steps }: RemediationRecord): string {
  const why = cause === null ? "An alarm" : `A finding (${cause.replace("_", " ")}${variant === null ? "" : ` of ${variant}`})`;
  const last = failure ?? steps.at(-1)?.because ?? decision.because;
  if (decision.kind === "hold") return `${why} led to no action: ${last}.`;
  return `${why} led to the decision to ${inWords(decision)}; ${endings[status]}: ${last}.`;
}

function toneOf(record: RemediationRecord): Tone {
  if (record.status === "kept") return "good";
  return isRunning(record) || record.status === "proposed" ? "unsure" : "bad";
}

function decisionSection({ finding, decision, since, openedAt, signal, alarm }: RemediationRecord): Section {
  const text = (said: string): Block => ({ kind: "text", text: said });
  const rows: Cell[][] = [
    ["decision", inWords(decision)],
    ["because", decision.because],
    ["watched by", signal ?? alarm ?? "an alarm of the variant"],
    ["since", timeText(since)],
    ["found", timeText(openedAt)],
    ...(decision.kind === "hold"
      ? [["waits for", decision.until]]
      : [
          ["expected", decision.expected.effect],
          [
            "costs a day",
            decision.expected.microUsdPerDay === null
              ? "not known: assay.yml has no price for it"
              : usd(decision.expected.microUsdPerDay / 1e6),
          ],
          ["verified by", verifiedBy(decision.verify)],
          ["way back", decision.undo === null ? "none: it stays, and a person decides" : "what was before, as it was recorded"],
        ]),
  ];
  return {
    title: "What was decided",
    blocks: [
      ...(finding === undefined ? [] : [text(finding)]),
      { kind: "table", caption: "The decision", head: ["", ""].map((name) => ({ name, isNumber: false })), rows, folded: false },
      {
        kind: "table",
        caption: "What was thought of too, and why it was not done",
        head: ["action", "because"].map((name) => ({ name, isNumber: false })),
        rows: (decision.rejected ?? []).map(({ kind, because }) => [kind.replaceAll("_", " "), because]),
        folded: false,
      },
    ],
  };
}

function verifiedBy(verify: Exclude<RemediationRecord["decision"], { kind: "hold" }>["verify"]): string {
  switch (verify.by) {
    case "quality":
      return `new grades of ${verify.criterion} of ${verify.variant}: it was ${verify.thetaAtAlarm.toFixed(3)}, and from ${verify.refLow.toFixed(3)} on it counts as unchanged`;
    case "calm":
      return `the alarms ${verify.alarms.join(", ")} of ${verify.variant}, which must stay OK for ${verify.forMinutes} minutes`;
    case "return":
      return `the alarms ${verify.alarms.join(", ")} of ${verify.variant}, which must be OK again within ${verify.withinMinutes} minutes`;
  }
}

function storySection({ steps }: RemediationRecord): Section {
  const figuresOf = (figures: Record<string, number> = {}) =>
    Object.entries(figures)
      .map(([name, value]) => `${name} ${Number(value.toFixed(4))}`)
      .join(", ");
  return {
    title: "Step by step",
    blocks: [
      {
        kind: "table",
        caption: "What happened, and what it rests on",
        head: ["time", "what", "because", "figures"].map((name) => ({ name, isNumber: false })),
        rows: steps.map(({ at, what, because, figures }) => [
          timeText(at),
          what.replaceAll("_", " "),
          because,
          figuresOf(figures),
        ]),
        folded: false,
      },
      {
        kind: "how",
        figures: [
          {
            name: "Verification",
            how: "Only answers count that were captured after the changed endpoint was seen in service, judged afresh. See docs/statistics.md, “Did it help”.",
          },
        ],
      },
    ],
  };
}
