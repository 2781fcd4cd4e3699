import type { Cause } from "../../shared/monitoring/finding.ts";
import type { ActionOutcome } from "../../shared/reporting/outcome.ts";
import { dollars } from "../../shared/reporting/verdict.ts";
import type { StateChange } from "../cloudwatch/alarms.ts";

/** What one line of the live view says about a variant. */
type VariantLine = {
  variant: string;
  /** Share of the traffic that it is given, in [0, 1]. */
  weight: number;
  answered: number;
  /** Answers that fail a hard check. */
  hardFailures: number;
  /** Mean grade with its 95 % interval; `null`: not known yet. */
  quality: { estimate: number; lower: number; upper: number } | null;
  /** 0 = none, 1 = alarm; `null`: not known yet. */
  evidence: number | null;
};

export type Snapshot = {
  nowMs: number;
  captured: number;
  scored: number;
  quarantined: number;
  judged: number;
  spentMicroUsd: number;
  budgetMicroUsd: number;
  variants: VariantLine[];
  alarms: string[];
  findings: { cause: Cause; variant: string | null }[];
  actions: { kind: string; variant: string | null; outcome: ActionOutcome }[];
};

export type View = { say(nowMs: number, text: string): void; update(snapshot: Snapshot): void; end(): void };

/** As wide as the narrowest terminal that people use. */
const columns = 80;
const clock = (nowMs: number) => new Date(nowMs).toISOString().slice(11, 16);

export function alarmText({ name, from, to }: Pick<StateChange, "name" | "from" | "to">): string {
  return `alarm ${name}: ${from} → ${to}`;
}

/** A plain log: what happened, and the state of things every half hour. */
export function logView(out: NodeJS.WritableStream): View {
  let saidAtMs = Number.NEGATIVE_INFINITY;
  return {
    say: (nowMs, text) => void out.write(`${clock(nowMs)}  ${text}\n`),
    update(snapshot) {
      if (snapshot.nowMs - saidAtMs < 1_800_000) return;
      saidAtMs = snapshot.nowMs;
      const variants = snapshot.variants.map(
        ({ variant, weight, quality, evidence }) =>
          `${variant} ${percent(weight)} quality ${qualityText(quality)} evidence ${numberText(evidence)}`,
      );
      out.write(`${clock(snapshot.nowMs)}  ${[countsText(snapshot), ...variants].join(" · ")}\n`);
    },
    end: () => {},
  };
}

/** On a terminal: what happened scrolls, and the state of things stays below it. */
export function liveView(out: NodeJS.WritableStream): View {
  let last: string[] = [];
  let drawn = 0;
  const wipe = () => {
    if (drawn > 0) out.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = () => {
    out.write(last.map((line) => `${line}\n`).join(""));
    drawn = last.length;
  };
  return {
    say(nowMs, text) {
      wipe();
      out.write(`${clock(nowMs)}  ${wrapped(text, columns - 8).join("\n       ")}\n`);
      draw();
    },
    update(snapshot) {
      wipe();
      last = ["", ...liveLines(snapshot)];
      draw();
    },
    end: () => wipe(),
  };
}

/** The state of things in lines of at most 80 columns: a line that the terminal wraps could not be taken back. */
export function liveLines(snapshot: Snapshot): string[] {
  const { variants, quarantined, alarms, findings, actions } = snapshot;
  const lists: [string, string[]][] = [
    ["quarantined", quarantined > 0 ? [String(quarantined)] : []],
    ["in ALARM", alarms],
    ["found", findings.map(({ cause, variant }) => [cause, variant ?? ""].join(" ").trim())],
    [
      "done",
      actions.map(({ kind, variant, outcome }) =>
        [kind.replace("_", " "), ...(variant === null ? [] : [variant]), `(${outcome})`].join(" "),
      ),
    ],
  ];
  return [
    `${clock(snapshot.nowMs)}  ${countsText(snapshot)}`,
    `       ${"".padEnd(14)}${"traffic".padEnd(18)}${"failing".padEnd(10)}${"quality".padEnd(18)}evidence`,
    ...variants.map(variantLine),
    ...lists.flatMap(([name, items]) => (items.length === 0 ? [] : [`       ${name}: ${items.join(", ")}`])),
  ].map((line) => cut(line, columns - 1));
}

const countsText = ({ captured, scored, judged, spentMicroUsd, budgetMicroUsd }: Snapshot) =>
  [
    `captured ${captured}`,
    `scored ${scored}`,
    `judged ${judged}`,
    `${dollars(spentMicroUsd)} of ${dollars(budgetMicroUsd)}`,
  ].join(" · ");

function variantLine({ variant, weight, answered, hardFailures, quality, evidence }: VariantLine): string {
  const bar = "█".repeat(Math.round(weight * 10)).padEnd(10, "·");
  const failing = answered === 0 ? "–" : percent(hardFailures / answered, 1);
  const traffic = `${bar} ${percent(weight).padStart(5)}`;
  return `       ${cut(variant, 13).padEnd(14)}${traffic.padEnd(18)}${failing.padStart(7).padEnd(10)}${qualityText(quality).padEnd(18)}${numberText(evidence)}`;
}

const percent = (share: number, digits = 0) => `${(share * 100).toFixed(digits)} %`;
const numberText = (value: number | null) => (value === null ? "–" : value.toFixed(2));
const qualityText = (quality: VariantLine["quality"]) =>
  quality === null ? "–" : `${quality.estimate.toFixed(2)} (${quality.lower.toFixed(2)}–${quality.upper.toFixed(2)})`;
const cut = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

function wrapped(text: string, length: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= length) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
