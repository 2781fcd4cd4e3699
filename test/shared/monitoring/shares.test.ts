import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { type Chance, chanceFrom } from "../../../bench/chance.ts";
import { conclude } from "../../../shared/monitoring/conclude.ts";
import { freezeBaseline } from "../../../shared/monitoring/freezeBaseline.ts";
import { startMonitor } from "../../../shared/monitoring/monitor.ts";
import type { MonitorState, SignalLine } from "../../../shared/monitoring/monitorState.ts";
import { countRules, dayMs, type MonitorSettings } from "../../../shared/monitoring/rules.ts";
import { signalNames } from "../../../shared/monitoring/signals/registry.ts";
import { addAnswered, emptySummary, type Traits } from "../../../shared/monitoring/summary.ts";
import type { WindowRecord } from "../../../shared/monitoring/windowRecord.ts";
import { iso, windowMs } from "../../../shared/monitoring/windows.ts";
import { foldAndTell } from "./played.ts";

const endpoint = "chat";
const startMs = Date.parse("2026-11-02T00:00:00Z");
const watched = {
  variants: ["stable", "candidate"],
  criteria: ["quality"],
  signals: signalNames(false, ["refusal", "relevance", "injection"], true),
};
const settings: MonitorSettings = {
  ...watched,
  windowMs,
  tolerance: 0.02,
  fold: "window",
  falseAlarms: { count: 1, days: 90 },
  fleetRules: countRules([watched]),
};

/** What one variant's answers are like. */
type Kind = {
  refused: number;
  characters: number;
  relevance: number;
  german: number;
  attacks: number;
  unjudged: number;
  slow: number;
};
const sound: Kind = { refused: 0.02, characters: 400, relevance: 0.8, german: 0.1, attacks: 0.01, unjudged: 0.02, slow: 1 };

/** Of every judged answer that was drawn. */
const traitsOf = new Map<string, Traits>();

function window(chance: Chance, n: number, variant: string, kind: Kind): WindowRecord {
  const summary = emptySummary();
  const record: WindowRecord = {
    window: iso(startMs + n * windowMs),
    endpoint,
    variant,
    summary,
    rows: [],
    failed: [],
    pending: [],
    piRef: 0.5,
  };
  for (let i = 0; i < 40; i++) {
    const scores = {
      refusal: chance() < kind.refused ? 0 : 1,
      relevance: Math.min(1, kind.relevance + 0.2 * (chance() - 0.5)),
      injection: chance() < kind.attacks ? 0 : 1,
    };
    const answer = {
      ...{
        eventId: `${n}/${variant}/${i}`,
        time: record.window,
        outcome: "answered" as const,
        tokensEstimated: false,
        segment: "all",
        scores,
      },
      completion: "x".repeat(Math.ceil(kind.characters * (0.5 + chance()))),
      completionTokens: Math.ceil((kind.characters / 4) * (0.5 + chance())),
      promptTokens: Math.ceil(100 * (0.5 + chance())),
      latencyMs: 900 * kind.slow * (0.5 + chance()),
      question: { language: chance() < kind.german ? "de" : "en", cluster: String(1 + Math.floor(8 * chance())) },
    };
    const chosen = chance() < 0.5;
    addAnswered(summary, answer, { hardFailure: false, pi: 0.5, piRef: 0.5, chosen, f: {} });
    if (!chosen) continue;
    const { eventId, time, segment } = answer;
    if (chance() < kind.unjudged) record.failed.push({ eventId, pi: 0.5, segment, f: {}, status: "failed" });
    else {
      const { traits } = summary.chosen.at(-1)!;
      record.rows.push({ eventId, time, segment, pi: 0.5, f: {}, scores, y: { quality: 0.9 }, traits: traits! });
      traitsOf.set(eventId, traits!);
    }
  }
  return record;
}

const days = (chance: Chance, n: number) =>
  Array.from({ length: (n * dayMs) / windowMs }, (_, i) => i - (n * dayMs) / windowMs).flatMap((i) =>
    watched.variants.map((variant) => window(chance, i, variant, sound)),
  );
const freeze = (records: readonly WindowRecord[]) =>
  freezeBaseline(
    { endpoint, madeFrom: "a test", judgeVersion: null, system: null, records, anchors: [] },
    settings,
    iso(startMs),
  );
const baseline = freeze(days(chanceFrom(1), 1));

/** Two sound hours, and what happens then. */
function play(change: Partial<Record<string, Partial<Kind>>>, hours: number, seed = 2) {
  const chance = chanceFrom(seed);
  let state: MonitorState = startMonitor(endpoint, baseline);
  let lines: SignalLine[] = [];
  for (let n = 0; n < hours * 4; n++) {
    const records = watched.variants.map((variant) =>
      window(chance, n, variant, { ...sound, ...(n >= 8 ? change[variant] : {}) }),
    );
    const folded = foldAndTell(state, { window: iso(startMs + n * windowMs), records, late: [] }, baseline, settings);
    lines = folded.lines;
    const concluded = conclude(folded.state, baseline, settings, startMs + (n + 1) * windowMs);
    state = concluded.state;
  }
  return { state, lines, open: state.findings.map(({ finding }) => finding) };
}

const both = (kind: Partial<Kind>) => ({ stable: kind, candidate: kind });
test.each([
  { it: "nothing where nothing changed", change: {}, finds: [] },
  { it: "a variant that refuses", change: { candidate: { refused: 0.3 } }, finds: [["model", "candidate", "score-refusal"]] },
  { it: "nothing in fewer refusals", change: both({ refused: 0 }), finds: [] },
  {
    it: "a variant that talks past the question",
    change: { stable: { relevance: 0.5 } },
    finds: [["model", "stable", "score-relevance"]],
  },
  { it: "every variant that refuses", change: both({ refused: 0.4 }), finds: [["model_everywhere", null, "score-refusal"]] },
  { it: "questions in another language", change: both({ german: 0.5 }), finds: [["traffic", null, "input-languages"]] },
  { it: "attacks", change: both({ attacks: 0.2 }), finds: [["traffic", null, "input-injection"]] },
  { it: "a judge that fails", change: both({ unjudged: 0.4 }), finds: [["judge", null, "failed-judgements"]] },
  { it: "a variant that became slow", change: { candidate: { slow: 3 } }, finds: [["capacity", "candidate", "answer-latency"]] },
])("finds $it", ({ change, finds }) => {
  const { open } = play(change, 5);
  expect(open.map(({ cause, variant, signal }) => [cause, variant, signal])).toEqual(finds);
  for (const { since, lower, size, upper, thetaAtAlarm } of open) {
    expect(since >= iso(startMs + 7 * windowMs) && since <= iso(startMs + 9 * windowMs)).toBe(true);
    expect(lower <= size && size <= upper).toBe(true);
    expect(thetaAtAlarm).toBeNull();
  }
});

test("answers that change with the questions are the questions' change, and one finding", () => {
  const { open } = play(both({ german: 0.6, characters: 900 }), 5);
  expect(open).toMatchObject([{ cause: "traffic", variant: null, rules: expect.arrayContaining(["answer-length/stable"]) }]);
});

test.each([
  { it: "the language that more is asked in", change: both({ german: 0.5 }), trait: "language", among: ["de"] },
  // Between 450 and 1,350 characters: from 2 ** (35 / 4) on.
  { it: "lengths that became more frequent", change: { candidate: { characters: 900 } }, trait: "length", from: 35 },
] as const)("shows judged answers of $it", ({ change, trait, ...expected }) => {
  const [found] = play(change, 5).open;
  const values = found!.examples!.map(({ eventId }) => traitsOf.get(eventId)![trait]!);
  expect(values).toHaveLength(5);
  if ("among" in expected) expect(expected.among).toEqual([...new Set(values)]);
  else for (const bin of values) expect(Number(bin)).toBeGreaterThanOrEqual(expected.from);
});

test("of what is bad the size says how many fewer answers are without it", () => {
  const [found] = play({ candidate: { refused: 0.5 } }, 5).open;
  expect(found!.size).toBeCloseTo(-0.48, 1);
  expect(found!.because).toMatch(/^score-refusal of candidate went from \d\.\d % to \d\d\.\d %$/);
});

test("a baseline that is too short says how many windows it needs, and nothing alarms", () => {
  const short = freeze(days(chanceFrom(1), 1).slice(-2 * 20));
  expect(short.limits.map(({ signal }) => signal)).toContainEqual(expect.stringContaining("score-refusal"));
  const records = [window(chanceFrom(3), 0, "candidate", { ...sound, refused: 1 })];
  const { lines, alarms } = foldAndTell(
    startMonitor(endpoint, short),
    { window: iso(startMs), records, late: [] },
    short,
    settings,
  );
  expect(lines.find(({ signal, variant }) => signal === "score-refusal" && variant === "candidate")).toMatchObject({
    state: "needs_data",
    needs: { n: 48, of: "windows in the baseline" },
  });
  expect(alarms).toEqual([]);
});

test("a new variant is held against all others where more of something is bad, and not where it is only different", () => {
  const records = [window(chanceFrom(3), 0, "new", sound)];
  const wider = { ...settings, variants: ["new"] };
  const { lines } = foldAndTell(startMonitor(endpoint, baseline), { window: iso(startMs), records, late: [] }, baseline, wider);
  const stateOf = (name: string) => lines.find(({ signal }) => signal === name)!.state;
  expect([stateOf("score-refusal"), stateOf("answer-length")]).toEqual(["quiet", "needs_data"]);
});

test("what is remembered stays as large as after some hours", () => {
  const size = (hours: number) => gzipSync(JSON.stringify(play({}, hours).state)).length;
  expect(size(16)).toBeLessThan(1.5 * size(8));
});

test("the questions of a variant that is not watched, such as a shadow, do not count a second time", () => {
  const records = watched.variants.map((variant) => window(chanceFrom(3), 0, variant, sound));
  const mirrored = window(chanceFrom(4), 0, "mirrored", { ...sound, german: 1 });
  const fold = (of: readonly WindowRecord[]) =>
    foldAndTell(startMonitor(endpoint, baseline), { window: iso(startMs), records: of, late: [] }, baseline, settings);
  expect(fold([...records, mirrored])).toEqual(fold(records));
});
