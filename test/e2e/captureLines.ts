import { asJson, record } from "../shared/capture/records.ts";

const question = "May I return the blue running shoes after two weeks?";
export const goodAnswer =
  "Yes. You may return the running shoes within 30 days, unworn and in their box; we pay for the way back.";

/** A captured exchange in OpenAI's chat format. @param minute of the request, `2026-03-02T09:41` */
export function answeredLine(n: number, minute: string, answer = goodAnswer): string {
  const input = asJson({ messages: [{ role: "user", content: question }] });
  const output = asJson({
    choices: [{ message: { role: "assistant", content: answer }, finish_reason: "stop" }],
    usage: { prompt_tokens: 12, completion_tokens: 25 },
  });
  return JSON.stringify(record({ input, output }, metadata(n, minute)));
}

/** The model's own error, half a record, and three lines that nobody can read. */
const oddLines = (n: number, minute: string): string[] => [
  JSON.stringify(
    record({ input: asJson({ messages: [] }), output: asJson({ error: { message: "out of memory" } }) }, metadata(n, minute)),
  ),
  JSON.stringify(record({ input: asJson({ messages: [{ role: "user", content: question }] }) }, metadata(n + 1, minute))),
  '{"captureData":{"endpointInput',
  '{"captureData":{}}',
  JSON.stringify(record({ input: asJson({ x: 1 }), output: asJson({ y: 2 }) }, metadata(n + 2, minute))),
];

const metadata = (n: number, minute: string) => ({
  eventId: `b1c2d3e4-0001-4000-8000-${String(n).padStart(12, "0")}`,
  inferenceTime: `${minute}:${String(n % 60).padStart(2, "0")}Z`,
});

/** A capture object of every kind of line: answers, a quarter of them empty, and five others. */
export function everyKindOfLine(first: number, answers: number, minute: string): string {
  const lines = Array.from({ length: answers }, (_, i) => answeredLine(first + i, minute, i % 4 === 3 ? "" : goodAnswer));
  return `${[...lines, ...oddLines(first + answers, minute)].join("\n")}\n`;
}

/** A capture object of the same answer again and again. */
export const sameAnswer = (times: number, minute: string, answer: string): string =>
  `${Array.from({ length: times }, (_, n) => answeredLine(n, minute, answer)).join("\n")}\n`;
