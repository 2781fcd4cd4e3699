import { expect, test } from "@jest/globals";
import {
  addLine,
  endpointsOf,
  newStream,
  readingsOf,
  UnusableStream,
  windowsOf,
} from "../../../shared/monitoring/recordedStream.ts";
import { windowMs } from "../../../shared/monitoring/windows.ts";

const line = (fields: object) =>
  JSON.stringify({
    eventId: "e1",
    time: "2026-03-02T09:41:07Z",
    endpoint: "chat",
    variant: "stable",
    scores: { relevance: 0.9, refusal: null },
    pi: 0.2,
    judgement: null,
    ...fields,
  });
const graded = { status: "graded", grades: { quality: 0.8 } };
const anchor = (time: string, id: string, grade: number | null, stored = 0.5) =>
  JSON.stringify({ time, endpoint: "chat", anchor: { id, stored, grade } });

function read(...lines: string[]) {
  const stream = newStream(windowMs);
  lines.forEach((text, i) => {
    addLine(stream, text, `s.jsonl:${i + 1}`);
  });
  return stream;
}

test("answers become windows by their own time, in whatever order they come", () => {
  const stream = read(
    line({ eventId: "late", time: "2026-03-02T10:00:00Z", judgement: graded, segment: "orders", conversation: "c1" }),
    line({}),
    line({ eventId: "e2", pi: 0.1, judgement: { status: "refused" } }),
    line({ eventId: "e3", outcome: "model_error", pi: null }),
  );
  const [first, second] = windowsOf(stream, "chat");
  expect(first).toMatchObject({
    window: "2026-03-02T09:30:00Z",
    variant: "stable",
    piRef: 0.1,
    rows: [],
    failed: [{ eventId: "e2", pi: 0.1 }],
  });
  expect(first!.summary.counts).toMatchObject({ captured: 3, answered: 2, modelErrors: 1 });
  expect(first!.summary.scores).toEqual({ relevance: { "90": 2 } });
  expect(second).toMatchObject({
    window: "2026-03-02T10:00:00Z",
    rows: [{ eventId: "late", segment: "orders", conversation: "c1", pi: 0.2, y: { quality: 0.8 } }],
  });
  expect(endpointsOf(stream)).toEqual(["chat"]);
});

test("a line that comes twice counts once, a quarantined record and an empty line not at all", () => {
  const quarantined = JSON.stringify({ outcome: "quarantined", reason: { code: "not_json", message: "" }, time: null });
  const [only] = windowsOf(read(line({}), line({}), quarantined, " "), "chat");
  expect(only!.summary.counts.captured).toBe(1);
});

test("what is judged with its text can become an anchor", () => {
  const stream = read(
    line({ judgement: graded, prompt: "May I?", completion: "Yes." }),
    line({ eventId: "e2", judgement: graded }),
  );
  expect(stream.candidates).toEqual([
    { endpoint: "chat", id: "e1", prompt: "May I?", completion: "Yes.", readings: [{ quality: 0.8 }] },
  ]);
});

test("anchors become readings: one begins with an anchor that was read already, or after an hour", () => {
  const stream = read(
    anchor("2026-03-02T09:00:02Z", "b", 0.4),
    anchor("2026-03-02T09:00:01Z", "a", 0.6),
    anchor("2026-03-02T09:00:03Z", "c", null),
    anchor("2026-03-02T09:30:00Z", "a", 0.7),
    anchor("2026-03-02T11:00:00Z", "b", 0.8),
  );
  expect(readingsOf(stream, "chat").map(({ time, anchors }) => [time, anchors.map(({ id }) => id)])).toEqual([
    ["2026-03-02T09:00:02Z", ["a", "b"]],
    ["2026-03-02T09:30:00Z", ["a"]],
    ["2026-03-02T11:00:00Z", ["b"]],
  ]);
  expect(readingsOf(stream, "chat")[0]!.anchors[0]).toEqual({ id: "a", stored: { quality: 0.5 }, grades: { quality: 0.6 } });
  expect(readingsOf(stream, "other")).toEqual([]);
});

test.each([
  { it: "a line that was cut off", text: '{"eventId":', says: "s.jsonl:1 is not JSON" },
  { it: "a line without variant", text: line({ variant: undefined }), says: "s.jsonl:1: variant: " },
  { it: "a time that is none", text: line({ time: "yesterday" }), says: "time: " },
  { it: "a grade over 1", text: line({ judgement: { status: "graded", grades: { quality: 80 } } }), says: "judgement" },
  { it: "grades of what was not graded", text: line({ judgement: { status: "lost" } }), says: "judgement" },
  { it: "π of 0", text: line({ pi: 0 }), says: "pi: " },
  { it: "an answer without π", text: line({ pi: null }), says: "pi is missing" },
  { it: "an anchor without its stored grade", text: anchor("2026-03-02T09:00:00Z", "a", 0.5, 2), says: "anchor.stored" },
])("says where and why it refuses $it", ({ text, says }) => {
  expect(() => read(text)).toThrow(UnusableStream);
  expect(() => read(text)).toThrow(says);
});

test("one event with two judgements is refused, and no text is quoted", () => {
  const secret = "my password is hunter2";
  const twice = () => read(line({ prompt: secret }), line({ prompt: secret, judgement: graded }));
  expect(twice).toThrow("s.jsonl:2: event e1 came before");
  expect(twice).not.toThrow(secret);
  expect(() => read(`{"prompt":"${secret}"`)).not.toThrow(secret);
});
