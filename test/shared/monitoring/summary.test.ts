import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Outcome, type Quarantined, type ScoredInference, unreadableCodes } from "../../../shared/capture/inference.ts";
import {
  addAnswered,
  addQuarantined,
  addRecord,
  addUnanswered,
  emptySummary,
  type Fate,
  merge,
  moments,
  type Summary,
} from "../../../shared/monitoring/summary.ts";

const source = { bucket: "captures", key: "k", offset: 0, length: 1 };

function inference(fields: Partial<ScoredInference>): ScoredInference {
  return {
    eventId: "e1",
    endpoint: "chat",
    variant: "stable",
    time: "2026-03-02T09:41:07Z",
    adapter: "openai-chat",
    outcome: "answered",
    prompt: "May I return shoes?",
    messages: [],
    completion: "Yes, within 30 days.",
    finishReason: "stop",
    promptTokens: 5,
    completionTokens: 6,
    tokensEstimated: false,
    segment: "returns",
    attributes: [],
    source,
    scores: {},
    ...fields,
  };
}

const startedAt = "2026-02-02T02:40:00.000Z";
const unchosen: Fate = { hardFailure: false, pi: 0.2, piRef: 0.2, chosen: false, f: {} };

type Captured =
  | { kind: "answered"; it: ScoredInference; fate: Fate }
  | { kind: "unanswered"; it: ScoredInference }
  | { kind: "quarantined"; it: Quarantined };

function summarise(records: readonly Captured[]): Summary {
  const summary = emptySummary();
  for (const record of records) {
    if (record.kind === "answered") addAnswered(summary, record.it, record.fate);
    else if (record.kind === "unanswered") addUnanswered(summary, record.it);
    else addQuarantined(summary, record.it, startedAt);
    addRecord(summary, record.it.time ?? startedAt);
  }
  return summary;
}

const score = fc.option(fc.double({ min: 0, max: 1, noNaN: true }));
/** Nearly three hours. */
const time = fc
  .integer({ min: 0, max: 10_000 })
  .map((s) => `${new Date(1_770_000_000_000 + s * 1000).toISOString().slice(0, 19)}Z`);
const name = fc.constantFrom("orders", "billing", "__proto__", "constructor", "");
const answered = fc.record({
  kind: fc.constant("answered" as const),
  it: fc
    .record({
      eventId: fc.uuid(),
      time,
      segment: name,
      promptTokens: fc.nat(9000),
      scores: fc.record({ empty: score, relevance: score }),
    })
    .map(inference),
  fate: fc.record({
    hardFailure: fc.boolean(),
    pi: fc.double({ min: 0.01, max: 1, noNaN: true }),
    piRef: fc.double({ min: 0.01, max: 1, noNaN: true }),
    chosen: fc.boolean(),
    f: fc.constantFrom<Fate["f"][]>({}, { quality: 0.81 }, { quality: 0.5, tone: 1 }),
  }),
});
const unanswered = fc.record({
  kind: fc.constant("unanswered" as const),
  it: fc.record({ time, outcome: fc.constantFrom<Outcome>("model_error", "input_only", "output_only") }).map(inference),
});
const quarantined = fc.record({
  kind: fc.constant("quarantined" as const),
  it: fc
    .constantFrom(...unreadableCodes)
    .map((code): Quarantined => ({ outcome: "quarantined", reason: { code, message: "" }, time: null, source })),
});
const records = fc.array(fc.oneof(answered, unanswered, quarantined), { maxLength: 12 });

test("neither order nor grouping of merges changes a byte", () => {
  fc.assert(
    fc.property(records, records, records, (a, b, c) => {
      const [x, y, z] = [summarise(a), summarise(b), summarise(c)];
      const bytes = JSON.stringify(merge(merge(x, y), z));
      expect(JSON.stringify(merge(x, merge(y, z)))).toBe(bytes);
      expect(JSON.stringify(merge(z, merge(y, x)))).toBe(bytes);
    }),
  );
});

test("a summary that went through JSON merges as before", () => {
  fc.assert(
    fc.property(records, records, (a, b) => {
      const stored = (records: Captured[]): Summary => JSON.parse(JSON.stringify(summarise(records)));
      expect(JSON.stringify(merge(stored(a), stored(b)))).toBe(JSON.stringify(merge(summarise(a), summarise(b))));
    }),
  );
});

test("parts merged count what the whole counts, and the counts add up", () => {
  fc.assert(
    fc.property(records, records, (a, b) => {
      const whole = merge(emptySummary(), summarise([...a, ...b]));
      expect(JSON.stringify(merge(summarise(a), summarise(b)))).toBe(JSON.stringify(whole));
      const { captured, answered, modelErrors, inputOnly, outputOnly, quarantined, lost } = whole.counts;
      expect(captured).toBe(a.length + b.length);
      expect(answered + modelErrors + inputOnly + outputOnly + quarantined + lost).toBe(captured);
    }),
  );
});

test("the hours add up to the whole, whichever objects their records came with", () => {
  fc.assert(
    fc.property(records, records, (a, b) => {
      const { counts, hours } = merge(summarise(a), summarise(b));
      const { lost, ...known } = counts;
      const sums = { records: 0, ...known };
      for (const name of Object.keys(sums) as (keyof typeof sums)[])
        sums[name] = Object.values(hours).reduce((sum, hour) => sum + hour[name], 0);
      expect(sums).toEqual({ records: counts.captured, ...known });
    }),
  );
});

test.each([
  {
    it: "an answer with its scores on the grid, a null in none",
    records: [{ kind: "answered", it: inference({ scores: { relevance: 0.976, refusal: null } }), fate: unchosen }],
    reads: {
      counts: { captured: 1, answered: 1 },
      scores: { relevance: { "98": 1 } },
      segments: { returns: 1 },
      piMin: 0.2,
      chosen: [],
    },
  },
  {
    it: "a chosen answer, with its conversation where it has one",
    records: [
      {
        kind: "answered",
        it: inference({ eventId: "b" }),
        fate: { hardFailure: true, pi: 0.5, piRef: 0.1, chosen: true, f: { quality: 0.8 } },
      },
      {
        kind: "answered",
        it: inference({ eventId: "a", conversation: "c9" }),
        fate: { hardFailure: false, pi: 0.25, piRef: 0.2, chosen: true, f: {} },
      },
    ],
    reads: {
      hardFailures: 1,
      piMin: 0.1,
      chosen: [
        { eventId: "b", pi: 0.5, segment: "returns", f: { quality: 0.8 } },
        { eventId: "a", pi: 0.25, segment: "returns", conversation: "c9" },
      ],
      predicted: { quality: { returns: { 80: 1 } } },
    },
  },
  {
    it: "half a record: no tokens, no answer, but a time",
    records: [{ kind: "unanswered", it: inference({ outcome: "input_only" }) }],
    reads: { counts: { inputOnly: 1, answered: 0 }, tokens: { prompt: 0 }, piMin: null, firstTime: "2026-03-02T09:41:07Z" },
  },
  {
    it: "a quarantined record by its code",
    records: [
      { kind: "quarantined", it: { outcome: "quarantined", reason: { code: "not_json", message: "" }, time: null, source } },
    ],
    reads: { counts: { captured: 1, quarantined: 1 }, quarantinedBy: { not_json: 1 }, firstTime: null },
  },
] satisfies { it: string; records: Captured[]; reads: object }[])("counts $it", ({ records, reads }) => {
  expect(JSON.parse(JSON.stringify(summarise(records)))).toMatchObject(reads);
});

test("moments are those of the rounded scores", () => {
  expect(moments({ "0": 1, "50": 2, "100": 1 })).toEqual({ count: 4, sum: 2, sumSquares: 1.5 });
});
