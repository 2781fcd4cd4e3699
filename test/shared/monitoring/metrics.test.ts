import { expect, test } from "@jest/globals";
import type { Quarantined, ScoredInference } from "../../../shared/capture/inference.ts";
import { datumsOf, type Tally, tallyInference, tallyQuarantined } from "../../../shared/monitoring/metrics.ts";

const nowMs = Date.parse("2026-03-02T10:00:00Z");
const variant = { endpoint: "chat", variant: "stable" };

const answered = (time: string, scores: ScoredInference["scores"]): ScoredInference => ({
  eventId: "e1",
  ...variant,
  time,
  adapter: "tgi",
  outcome: "answered",
  prompt: "",
  messages: [],
  completion: "",
  finishReason: "stop",
  promptTokens: 7,
  completionTokens: 11,
  tokensEstimated: false,
  segment: "all",
  attributes: [],
  source: { bucket: "b", key: "k", offset: 0, length: 1 },
  scores,
});
const quarantined: Quarantined = {
  outcome: "quarantined",
  reason: { code: "not_json", message: "" },
  time: null,
  source: answered("", {}).source,
};

function published(fill: (tally: Tally) => void) {
  const tally: Tally = new Map();
  fill(tally);
  return datumsOf(tally, variant, nowMs);
}
const named = (datums: { name: string }[], name: string) => datums.filter((datum) => datum.name === name);

test("an inference counts in its own minute, its scores as values to 0.01 with their frequencies", () => {
  const { datums } = published((tally) => {
    tallyInference(tally, answered("2026-03-02T09:41:07Z", { relevance: 0.501, refusal: null }), false);
    tallyInference(tally, answered("2026-03-02T09:41:59Z", { relevance: 0.499 }), true);
    tallyInference(tally, answered("2026-03-02T09:42:00Z", { relevance: 0.2 }), false);
  });
  const minute = Date.parse("2026-03-02T09:41:00Z");
  const dimensions = { Endpoint: "chat", Variant: "stable" };
  expect(named(datums, "Relevance")).toEqual([
    { name: "Relevance", dimensions, timestampMs: minute, unit: "None", values: [0.5], counts: [2] },
    { name: "Relevance", dimensions, timestampMs: minute + 60_000, unit: "None", values: [0.2], counts: [1] },
  ]);
  expect(named(datums, "HardFailures")[0]).toMatchObject({ values: [0, 1], counts: [1, 1] });
  expect(named(datums, "CompletionTokens")[0]).toMatchObject({ unit: "Count", values: [22], counts: [1] });
  expect(named(datums, "Refusal")).toEqual([]);
  expect(named(datums, "ModelErrors")).toEqual([]);
});

test.each([
  { outcome: "model_error", metric: "ModelErrors" },
  { outcome: "input_only", metric: "InputOnly" },
  { outcome: "output_only", metric: "OutputOnly" },
] as const)("$outcome is $metric and has no tokens and no share in HardFailures", ({ outcome, metric }) => {
  const { datums } = published((tally) => tallyInference(tally, { ...answered("2026-03-02T09:41:07Z", {}), outcome }, null));
  expect(datums.map(({ name, values }) => [name, values])).toEqual([
    ["Captured", [1]],
    [metric, [1]],
  ]);
});

test.each([
  { it: "its own time", record: { ...quarantined, time: "2026-03-02T09:45:10Z" }, minute: "2026-03-02T09:45:00Z" },
  {
    it: "its file's start where the time could not be read",
    record: quarantined,
    minute: "2026-03-02T09:30:00Z",
  },
])("a quarantined record counts at $it", ({ record, minute }) => {
  const { datums } = published((tally) => tallyQuarantined(tally, record, "2026-03-02T09:30:41.118Z"));
  expect(datums.map(({ name, timestampMs }) => [name, timestampMs])).toEqual([
    ["Captured", Date.parse(minute)],
    ["Quarantined", Date.parse(minute)],
  ]);
});

test.each([
  { it: "13 days old", time: "2026-02-17T10:00:00Z", recordsOutside: 0 },
  { it: "two weeks old", time: "2026-02-16T10:00:00Z", recordsOutside: 1 },
  { it: "an hour ahead", time: "2026-03-02T11:00:00Z", recordsOutside: 0 },
  { it: "three hours ahead", time: "2026-03-02T13:00:00Z", recordsOutside: 1 },
])("data $it: $recordsOutside in the books only", ({ time, recordsOutside }) => {
  const metrics = published((tally) => tallyInference(tally, answered(time, {}), false));
  expect(metrics.recordsOutside).toBe(recordsOutside);
  expect(metrics.datums.length > 0).toBe(recordsOutside === 0);
});

test("names that CloudWatch would refuse are encoded", () => {
  const tally: Tally = new Map();
  tallyQuarantined(tally, quarantined, "2026-03-02T09:30:41Z");
  expect(datumsOf(tally, { endpoint: "prüfung", variant: "a b" }, nowMs).datums[0]?.dimensions).toEqual({
    Endpoint: "pr%C3%BCfung",
    Variant: "a%20b",
  });
});
