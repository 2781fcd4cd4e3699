import { expect, test } from "@jest/globals";
import { liveLines, logView, type Snapshot } from "../../../local/demo/view.ts";

const snapshot: Snapshot = {
  nowMs: Date.parse("2026-03-02T14:15:00Z"),
  captured: 5_612,
  scored: 5_610,
  quarantined: 2,
  judged: 1_122,
  spentMicroUsd: 412_345,
  budgetMicroUsd: 5_000_000,
  variants: [
    {
      variant: "stable",
      weight: 1,
      answered: 3_000,
      hardFailures: 15,
      quality: { estimate: 0.921, lower: 0.904, upper: 0.936 },
      evidence: 0,
    },
    { variant: "candidate", weight: 0, answered: 0, hardFailures: 0, quality: null, evidence: null },
  ],
  alarms: ["assay-local-support-chat-candidate-evidence"],
  findings: [{ cause: "model", variant: "candidate" }],
  actions: [
    { kind: "hold", variant: null, outcome: "held" },
    { kind: "shift_traffic", variant: "candidate", outcome: "acted" },
  ],
};

test("the live view, line by line", () => {
  expect(liveLines(snapshot)).toEqual([
    "14:15  captured 5612 · scored 5610 · judged 1122 · $0.41 of $5.00",
    "                     traffic           failing   quality           evidence",
    "       stable        ██████████ 100 %    0.5 %   0.92 (0.90–0.94)  0.00",
    "       candidate     ··········   0 %        –   –                 –",
    "       quarantined: 2",
    "       in ALARM: assay-local-support-chat-candidate-evidence",
    "       found: model candidate",
    "       done: hold (held), shift traffic candidate (acted)",
  ]);
});

test.each([
  { it: "long names", change: { variants: [{ ...snapshot.variants[0]!, variant: "v".repeat(63), evidence: 123.456 }] } },
  { it: "many alarms", change: { alarms: Array.from({ length: 9 }, (_, k) => `assay-local-support-chat-${k}-latency`) } },
  { it: "large counts", change: { captured: 1e9, scored: 1e9, judged: 1e9, quarantined: 1e9 } },
])("stays within 80 columns with $it", ({ change }) => {
  for (const line of liveLines({ ...snapshot, ...change })) expect(line.length).toBeLessThan(80);
});

test("the log says the state of things every half hour", () => {
  const written: string[] = [];
  const view = logView({ write: (text: string) => written.push(text) } as unknown as NodeJS.WritableStream);
  for (let minutes = 0; minutes <= 60; minutes += 5) view.update({ ...snapshot, nowMs: snapshot.nowMs + minutes * 60_000 });
  expect(written.map((line) => line.slice(0, 5))).toEqual(["14:15", "14:45", "15:15"]);
  expect(written[0]).toContain("candidate 0 % quality – evidence –");
});
