import { expect, test } from "@jest/globals";
import { readFindings } from "../../../../shared/reporting/span/findings.ts";
import type { Alarmed, ReportSource } from "../../../../shared/reporting/span/source.ts";

const [fromMs, untilMs] = [Date.parse("2026-03-02"), Date.parse("2026-03-03")];
const slow = { id: "f1", cause: "capacity", variant: "candidate", since: "2026-03-02T13:01Z", alarm: "latency" };
const source: ReportSource = {
  items: async () => [slow],
  keys: async () => [],
  read: async () => "",
  json: async () => ({}) as never,
  metrics: async () => null,
  alarms: async () => [],
  text: async () => null,
};
const alarmed = (at: string, until: string | null, text = "latency"): Alarmed => ({ at, until, text });

test.each<{ it: string; alarms: Alarmed[]; closedAt: string | null }>([
  {
    it: "is over when the alarm is",
    alarms: [alarmed("2026-03-02T13:01:20Z", "2026-03-02T14:03:00Z")],
    closedAt: "2026-03-02T14:03:00Z",
  },
  { it: "is open while the alarm is on", alarms: [alarmed("2026-03-02T13:01:20Z", null)], closedAt: null },
  { it: "is open where the alarm's history is gone", alarms: [], closedAt: null },
  {
    it: "is not over when another alarm is, or that alarm was over before",
    alarms: [
      alarmed("2026-03-02T11:00:00Z", "2026-03-02T11:30:00Z"),
      alarmed("2026-03-02T13:01:30Z", "2026-03-02T13:30:00Z", "errors"),
    ],
    closedAt: null,
  },
])("what an alarm found $it", async ({ alarms, closedAt }) => {
  const found = await readFindings(source, "chat", fromMs, untilMs, [], alarms);
  expect(found).toEqual([expect.objectContaining({ because: "alarm latency", closedAt })]);
});
