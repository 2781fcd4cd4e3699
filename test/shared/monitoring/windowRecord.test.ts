import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { emptySummary, type Summary } from "../../../shared/monitoring/summary.ts";
import { type JudgedAnswer, lateRowsOf, windowRecordOf } from "../../../shared/monitoring/windowRecord.ts";

const identity = { window: "2026-11-02T09:00:00Z", endpoint: "chat", variant: "stable" };
const books = (ids: string[], piMin = 0.2): Summary => ({
  ...emptySummary(),
  chosen: ids.map((eventId) => ({ eventId, pi: 0.2, segment: "orders", f: { quality: 0.7 }, traits: { length: "35" } })),
  piMin,
});
const judged = (eventId: string, judgement: JudgedAnswer["judgement"]): JudgedAnswer => ({
  eventId,
  time: "2026-11-02T09:01:00Z",
  segment: "orders",
  pi: 0.2,
  scores: { relevance: 0.4 },
  judgement,
});
const graded = { status: "graded", grades: { quality: 0.8 } } as const;

test("each chosen answer is judged, failed or pending; what no summary chose is left out", () => {
  const judgements = [judged("a", graded), judged("b", { status: "skipped" }), judged("stranger", graded)];
  const record = windowRecordOf(identity, [books(["a", "b"]), books(["c"], 0.1)], judgements);
  const chosen = { segment: "orders", pi: 0.2, f: { quality: 0.7 } };
  expect(record.rows).toEqual([
    {
      ...chosen,
      eventId: "a",
      time: "2026-11-02T09:01:00Z",
      y: { quality: 0.8 },
      scores: { relevance: 0.4 },
      traits: { length: "35" },
    },
  ]);
  expect([record.failed, record.pending]).toEqual([
    [{ ...chosen, eventId: "b", status: "skipped" }],
    [{ ...chosen, eventId: "c" }],
  ]);
  expect(record.piRef).toBe(0.1);
});

test("neither the order of summaries and judgements nor a repetition of them changes it", () => {
  const ids = ["a", "b", "c", "d", "e"];
  const judgements = ids.slice(1).map((id, i) => judged(id, i % 2 === 0 ? graded : { status: "refused" }));
  const expected = JSON.stringify(
    windowRecordOf(
      identity,
      ids.map((id) => books([id])),
      judgements,
    ),
  );
  fc.assert(
    fc.property(
      fc.shuffledSubarray(ids, { minLength: 5 }),
      fc.shuffledSubarray(judgements, { minLength: 4 }),
      (order, shuffled) => {
        const summaries = order.map((id) => books([id]));
        expect(JSON.stringify(windowRecordOf(identity, summaries, [...shuffled, ...shuffled]))).toBe(expected);
      },
    ),
  );
});

test("a late row is a pending answer that was graded since, once", () => {
  const record = windowRecordOf(identity, [books(["a", "b", "c"])], [judged("a", graded)]);
  const later = [judged("a", graded), judged("b", graded), judged("c", { status: "failed" })];
  expect(lateRowsOf(record, later, new Set())).toMatchObject([
    { eventId: "b", window: identity.window, variant: "stable", piRef: 0.2, f: { quality: 0.7 } },
  ]);
  expect(lateRowsOf(record, later, new Set(["b"]))).toEqual([]);
});
