import { splitLines } from "../../shared/capture/lines.ts";
import { readLine } from "../../shared/capture/readLine.ts";
import { defaultSettings } from "../../shared/config/schema.ts";

// One process of its own for each figure: the memory of a process never shrinks back.
// node bench/reading/lines.ts assay|parse COUNT CHARACTERS: reads COUNT lines, each with a prompt and an answer of CHARACTERS.
const [by, count, characters] = process.argv.slice(2);

const mebibyte = 1024 * 1024;
const sentence = (i: number) =>
  `${i} May I return the blue "running" shoes after two weeks? Yes, within ${i % 60} days, in their box.\n`;

function text(length: number): string {
  const sentences: string[] = [];
  for (let made = 0; made < length; made += sentences.at(-1)!.length) sentences.push(sentence(sentences.length));
  return sentences.join("").slice(0, length);
}

const base64 = (body: unknown) => Buffer.from(JSON.stringify(body)).toString("base64");
const said = text(Number(characters));
const line = Buffer.from(
  `${JSON.stringify({
    captureData: {
      endpointInput: { data: base64({ messages: [{ role: "user", content: said }] }), encoding: "BASE64" },
      endpointOutput: { data: base64({ choices: [{ message: { content: said }, finish_reason: "stop" }] }), encoding: "BASE64" },
    },
    eventMetadata: { eventId: "event", inferenceTime: "2026-03-02T09:41:07Z" },
  })}\n`,
);

/** The object as S3 sends it. */
async function* chunks(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < Number(count); i++) {
    for (let at = 0; at < line.length; at += 65_536) yield Buffer.from(line.subarray(at, at + 65_536));
  }
}

function parse(bytes: Uint8Array): void {
  const { captureData } = JSON.parse(Buffer.from(bytes).toString());
  for (const { data } of [captureData.endpointInput, captureData.endpointOutput])
    JSON.parse(Buffer.from(data, "base64").toString());
}

const origin = { bucket: "", key: "object", endpoint: "endpoint", variant: "variant" };
const before = process.resourceUsage();
const beforeMiB = process.memoryUsage.rss() / mebibyte;
for await (const read of splitLines(chunks())) {
  if (by === "parse") parse(read.bytes);
  else if (readLine(read, origin, defaultSettings)[0]?.outcome !== "answered") throw new Error("The line was not read.");
}
const after = process.resourceUsage();
const seconds = (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1e6;
const lineMiB = line.length / mebibyte;
// maxRSS is in KiB.
process.stdout.write(
  JSON.stringify({
    lineMiB,
    growthMiB: after.maxRSS / 1024 - beforeMiB,
    mebibytesPerSecond: (lineMiB * Number(count)) / seconds,
  }),
);
