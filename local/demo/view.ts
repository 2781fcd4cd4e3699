import type { StateChange } from "../cloudwatch/alarms.ts";

/** What one line of the live view says about a variant. */
export type VariantLine = { variant: string; weight: number; answered: number; hardFailures: number };

export type Snapshot = {
  nowMs: number;
  captured: number;
  read: number;
  quarantined: number;
  chosen: number;
  variants: VariantLine[];
  alarms: string[];
};

export type View = { say(nowMs: number, text: string): void; update(snapshot: Snapshot): void; end(): void };

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
      out.write(`${clock(snapshot.nowMs)}  ${summaryLine(snapshot)}\n`);
    },
    end: () => {},
  };
}

/** On a terminal: what happened scrolls, and the state of things stays below it. */
export function liveView(out: NodeJS.WritableStream): View {
  let drawn = 0;
  const wipe = () => {
    if (drawn > 0) out.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  let last: string[] = [];
  const draw = () => {
    out.write(last.map((line) => `${line}\n`).join(""));
    drawn = last.length;
  };
  return {
    say(nowMs, text) {
      wipe();
      out.write(`${clock(nowMs)}  ${text}\n`);
      draw();
    },
    update(snapshot) {
      wipe();
      last = ["", `  ${clock(snapshot.nowMs)}  ${summaryLine(snapshot)}`, ...snapshot.variants.map(variantLine)];
      if (snapshot.alarms.length > 0) last.push(`  in ALARM: ${snapshot.alarms.join(", ")}`);
      draw();
    },
    end: () => wipe(),
  };
}

const summaryLine = ({ captured, read, quarantined, chosen }: Snapshot) =>
  `captured ${captured} · answered ${read} · quarantined ${quarantined} · chosen for judging ${chosen}`;

function variantLine({ variant, weight, answered, hardFailures }: VariantLine): string {
  const share = answered === 0 ? "   –" : `${((100 * hardFailures) / answered).toFixed(1).padStart(4)} %`;
  const bar = "█".repeat(Math.round(weight * 20)).padEnd(20, "·");
  return `  ${variant.padEnd(12)} traffic ${bar} ${String(Math.round(weight * 100)).padStart(3)} %   hard failures ${share} of ${answered}`;
}
