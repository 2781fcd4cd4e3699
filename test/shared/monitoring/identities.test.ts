import { expect, test } from "@jest/globals";
import { objectIdOf } from "../../../shared/monitoring/claim.ts";
import { findingFrom } from "../../../shared/monitoring/finding.ts";
import { quarantineKey, scoredKey, summaryKey } from "../../../shared/monitoring/resultKeys.ts";
import { windowAfter, windowOf } from "../../../shared/monitoring/windows.ts";

test.each([
  { at: "2026-03-02T09:30:00.000Z", window: "2026-03-02T09:30:00Z", next: "2026-03-02T09:45:00Z" },
  { at: "2026-03-02T09:44:59.999Z", window: "2026-03-02T09:30:00Z", next: "2026-03-02T09:45:00Z" },
  { at: "2026-12-31T23:59:59.000Z", window: "2026-12-31T23:45:00Z", next: "2027-01-01T00:00:00Z" },
])("$at lies in $window, before $next", ({ at, window, next }) => {
  expect(windowOf(Date.parse(at))).toBe(window);
  expect(windowAfter(Date.parse(at))).toBe(next);
});

test("an object's id is its version's: another etag, key or bucket is another object", () => {
  const object = { bucket: "b", key: "k", etag: "e" };
  const ids = [object, { ...object, etag: "f" }, { ...object, key: "l" }, { bucket: "bk", key: "", etag: "e" }].map(objectIdOf);
  expect(new Set(ids).size).toBe(4);
  expect(ids[0]).toBe(objectIdOf({ ...object }));
  expect(ids[0]).toMatch(/^[0-9a-f]{64}$/);
});

test("keys of the results bucket keep SageMaker's names and encode all others", () => {
  const capture = { endpoint: "chat-prod", variant: "a/b=c", hour: "2026-03-02T09", startedAt: "2026-03-02T09:41:07.118Z" };
  expect(scoredKey(capture, "id")).toBe("scored/endpoint=chat-prod/variant=a%2Fb%3Dc/date=2026-03-02/hour=09/id.jsonl.gz");
  expect(quarantineKey(capture, "id")).toBe("quarantine/date=2026-03-02/id.jsonl.gz");
  expect(summaryKey("2026-03-02T09:30:00Z", capture, "id")).toBe(
    "summaries/window=2026-03-02T09:30:00Z/endpoint=chat-prod/variant=a%2Fb%3Dc/id.json",
  );
});

test.each([
  { kind: "latency", cause: "capacity" },
  { kind: "errors", cause: "capacity" },
  { kind: "hard-failures", cause: "model" },
  { kind: "slow-and-failing", cause: "model" },
] as const)("an alarm on $kind is about $cause", ({ kind, cause }) => {
  const finding = findingFrom({ name: "a", endpoint: "chat", variant: "stable", kind }, Date.parse("2026-03-02T09:41:07.431Z"));
  expect(finding).toMatchObject({ cause, since: "2026-03-02T09:41:07Z", id: expect.stringMatching(/^[0-9a-f]{32}$/) });
});
