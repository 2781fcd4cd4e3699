import { createReadStream, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import type { Reading } from "../../../shared/capture/inference.ts";
import { splitLines } from "../../../shared/capture/lines.ts";
import { readLine } from "../../../shared/capture/readLine.ts";
import { asBase64, asJson, lineOf, origin, record } from "./records.ts";

const settings = {
  segment: "attributes.segment",
  conversation: null,
  custom: null,
  scorers: { off: [], rules: {}, plugIns: {} },
};

// Third-party data that is not ours to ship: captures as SageMaker wrote them, and outputs of real models.
const realData = process.env.ASSAY_REAL_DATA;
const testReal = realData ? test : test.skip;
const where = realData ?? "NOT RUN: ASSAY_REAL_DATA is not set";

testReal(`real captures of language models are read, and those of others say why not (${where})`, async () => {
  const folder = join(realData!, "captures");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".jsonl"));
  const outcomes: Record<string, string[]> = {};
  for (const file of files) {
    const kind = file.split("/")[0]!;
    outcomes[kind] ??= [];
    for await (const line of splitLines(createReadStream(join(folder, file)))) {
      for (const reading of readLine(line, { ...origin, bucket: "", key: file }, settings)) outcomes[kind].push(inShort(reading));
    }
  }
  const tables = /^no_adapter: .*the request is a table \(CSV\), the response is a table \(CSV\)/;
  const rows = /^no_adapter: .*an object with features, the response .*an object with predicted_label, score/;
  expect(outcomes).toEqual({
    "llm-jumpstart": ["lmi answered", "lmi answered", "lmi answered"],
    "tabular-csv": [0, 1, 2].map(() => expect.stringMatching(tables)),
    "tabular-json": [0, 1].map(() =>
      expect.stringMatching(/^no_adapter: .*an object with instances, the response is an object with predictions/),
    ),
    "tabular-jsonlines": [expect.stringMatching(rows), expect.stringMatching(rows)],
    "tensorflow-json": [0, 1].map(() =>
      expect.stringMatching(/^no_adapter: .*an object with instances, the response is an object with predictions/),
    ),
  });
});

function inShort(reading: Reading): string {
  return reading.outcome === "quarantined"
    ? `${reading.reason.code}: ${reading.reason.message}`
    : `${reading.adapter} ${reading.outcome}`;
}

const openai = (output: string) => ({
  choices: [{ index: 0, message: { role: "assistant", content: output }, finish_reason: "stop" }],
});
const chat = (instruction: string) => ({ messages: [{ role: "user", content: instruction }], max_tokens: 4096 });
const text = (instruction: string) => ({ inputs: instruction, parameters: { max_new_tokens: 4096 } });

testReal.each([
  {
    shape: "openai",
    adapter: "openai-chat",
    wrap: (i: string, o: string) => record({ input: asJson(chat(i)), output: asJson(openai(o)) }),
  },
  {
    shape: "base64-openai",
    adapter: "openai-chat",
    wrap: (i: string, o: string) => record({ input: asBase64(chat(i)), output: asBase64(openai(o)) }),
  },
  {
    shape: "tgi",
    adapter: "tgi",
    wrap: (i: string, o: string) => record({ input: asJson(text(i)), output: asJson([{ generated_text: o }]) }),
  },
  {
    shape: "lmi",
    adapter: "lmi",
    wrap: (i: string, o: string) => record({ input: asJson(text(i)), output: asJson({ generated_text: o }) }),
  },
])(`real outputs in the shape $shape are read to the byte (${where})`, ({ adapter, wrap }) => {
  const folder = join(realData!, "alpaca");
  const outputs = readdirSync(folder).flatMap((file) =>
    gunzipSync(readFileSync(join(folder, file)))
      .toString()
      .trim()
      .split("\n"),
  );
  // One in fifty: each costs a millisecond of scoring.
  const drawn = outputs.filter((_, i) => i % 50 === 0).map((line) => JSON.parse(line) as { instruction: string; output: string });
  expect(drawn.length).toBeGreaterThan(0);
  for (const { instruction, output } of drawn) {
    const [reading, ...others] = readLine(lineOf(JSON.stringify(wrap(instruction, output))), origin, settings);
    expect(others).toEqual([]);
    expect(reading).toMatchObject({ adapter, outcome: "answered", prompt: instruction, completion: output });
  }
});
