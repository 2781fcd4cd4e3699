import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Reading } from "../../../shared/capture/inference.ts";
import { unreadableCodes } from "../../../shared/capture/inference.ts";
import { splitLines } from "../../../shared/capture/lines.ts";
import { readLine } from "../../../shared/capture/readLine.ts";
import { addQuarantined, addUnanswered, emptySummary } from "../../../shared/monitoring/summary.ts";
import { asBase64, asJson, origin, record } from "./records.ts";

const settings = {
  segment: "attributes.segment",
  conversation: null,
  custom: null,
  scorers: { off: [], rules: {}, plugIns: {} },
};
const question = "May I return the blue running shoes after two weeks?";
const reply = "Yes, you may return them within 30 days. Größe egal.";
const turns = [{ role: "user", content: question }];
const chat = { model: "support-7b", messages: turns };
const asText = (data: string) => ({ data, encoding: "JSON" });
const lines = (...documents: unknown[]) => documents.map((document) => `${JSON.stringify(document)}\n`).join("");
const events = (...documents: unknown[]) => `${documents.map((d) => `data: ${JSON.stringify(d)}\n\n`).join("")}data: [DONE]\n\n`;

/** A record of each family and encoding. */
const whole = [
  record(
    { input: asJson(chat), output: asBase64({ choices: [{ message: { content: reply }, finish_reason: "stop" }] }) },
    { customAttributes: ["segment=a"] },
  ),
  record({
    input: asJson(chat),
    output: asText(events({ choices: [{ delta: { content: reply } }] }, { choices: [], usage: { prompt_tokens: 9 } })),
  }),
  record({
    input: asJson({ prompt: [question, question] }),
    output: asJson({
      choices: [
        { text: reply, index: 0 },
        { text: reply, index: 1 },
      ],
    }),
  }),
  record({ input: asJson({ inputs: question }), output: asJson([{ generated_text: question + reply }]) }),
  record({
    input: asJson({ inputs: question }),
    output: asText(
      lines(
        { token: { text: "Yes", log_prob: -1 } },
        { token: { text: "." }, generated_text: "Yes.", details: { finish_reason: "length" } },
      ),
    ),
  }),
  record({
    input: asJson({ inputs: [question, question] }),
    output: asJson([{ generated_text: reply }, { code: 424, message: "too long" }]),
  }),
  record({ input: asJson({ inputs: [turns] }), output: asJson([{ generation: { role: "assistant", content: reply } }]) }),
  record({
    input: asJson({ inputs: `<s>[INST] <<SYS>>Be kind.<</SYS>> ${question} [/INST]` }),
    output: asJson({ generated_text: reply }),
  }),
  record({ input: asJson(chat), output: asJson({ error: { message: "CUDA out of memory" } }) }),
  record({ input: asJson(chat) }),
  record({ output: asJson({ generated_text: reply }) }),
  record({ input: { data: "28,2", encoding: "CSV" }, output: { data: "0.5", encoding: "CSV" } }),
].map((value) => JSON.stringify(value));

const mutation = fc.record({
  at: fc.nat(),
  length: fc.nat(12),
  text: fc.oneof(
    fc.string({ maxLength: 8, unit: "binary" }),
    fc.constantFrom('"', "\\", "{", "}", "null", "[]", "-1", "\n", "\ufeff", "data:"),
  ),
});
const mutated = fc.tuple(fc.constantFrom(...whole), fc.array(mutation, { maxLength: 4 })).map(([line, mutations]) =>
  mutations.reduce((line, { at, length, text }) => {
    const from = at % line.length || 0;
    return line.slice(0, from) + text + line.slice(from + length);
  }, line),
);
/** A whole envelope around any two sides. */
const anySide = fc.option(
  fc.record({
    data: fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => JSON.stringify({ messages: turns, choices: json })),
    ),
    encoding: fc.constantFrom("JSON", "BASE64", "CSV", "NONE", ""),
  }),
  { nil: undefined },
);
const anyRecord = fc
  .tuple(anySide, anySide)
  .map(([input, output]) => JSON.stringify(record({ ...(input ? { input } : {}), ...(output ? { output } : {}) })));
const anyLine = fc.oneof(
  { weight: 8, arbitrary: mutated },
  { weight: 1, arbitrary: anyRecord },
  { weight: 1, arbitrary: fc.constantFrom("", " \t\r") },
);

const linesPerObject = 20;

test("10,000 mutated lines end as inferences, in quarantine or ignored; none throws, and the counts add up", async () => {
  let lines = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyLine, { minLength: linesPerObject, maxLength: linesPerObject }), async (drawn) => {
      const object = Buffer.from(drawn.join("\n"));
      const captured = (async function* () {
        yield object;
      })();
      const total = object.toString().split("\n").length;
      const blank = object
        .toString("latin1")
        .replace("\u00ef\u00bb\u00bf", (bom, at) => (at === 0 ? "" : bom))
        .split("\n")
        .filter((line) => /^[ \t\r]*$/.test(line)).length;
      const { counts } = emptySummary();
      const summary = { ...emptySummary(), counts };
      let read = 0;
      const ids = new Set<string>();
      for await (const line of splitLines(captured)) {
        read++;
        const readings = readLine(line, origin, settings);
        expect(readings.length).toBeGreaterThan(0);
        for (const reading of readings) {
          check(reading);
          if (reading.outcome === "quarantined") addQuarantined(summary, reading, "2026-03-02T09:41:07Z");
          else addUnanswered(summary, reading);
          if (readings.length > 1 && "eventId" in reading) ids.add(`${line.number} ${reading.eventId}`);
        }
        if (readings.length > 1) expect([...ids].filter((id) => id.startsWith(`${line.number} `)).length).toBe(readings.length);
      }
      expect(read + blank).toBe(total);
      expect(counts.captured).toBeGreaterThanOrEqual(read);
      expect(counts.answered + counts.modelErrors + counts.inputOnly + counts.outputOnly + counts.quarantined + counts.lost).toBe(
        counts.captured,
      );
      lines += total;
    }),
    { numRuns: 10_000 / linesPerObject },
  );
  expect(lines).toBeGreaterThanOrEqual(10_000);
});

function check(reading: Reading): void {
  if (reading.outcome === "quarantined") expect(unreadableCodes).toContain(reading.reason.code);
  else
    for (const score of Object.values(reading.scores))
      if (score !== null && !(score >= 0 && score <= 1)) throw new Error(`score ${score}`);
}
