import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { createRecorder, type RecorderDeps } from "../../capture/recorder.ts";
import { parseCaptureKey } from "../../shared/capture/captureKey.ts";
import { readLine } from "../../shared/capture/readLine.ts";
import { defaultSettings } from "../../shared/config/schema.ts";

type Event = { PayloadPart?: { Bytes: Uint8Array } };
const part = (text: string): Event => ({ PayloadPart: { Bytes: Buffer.from(text) } });
const delta = (content: string) =>
  `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"finish_reason":null}]}\n\n`;
const whole = [delta("Hel"), delta("lo."), "data: [DONE]\n\n"];
const Body = Buffer.from('{"stream":true,"messages":[{"role":"user","content":"Hello?"}]}');
const input = { EndpointName: "support-chat", ContentType: "application/json", Body };
const named = (name: string, more: object = {}) => Object.assign(new Error("it broke"), { name, ...more });

async function* streamOf(parts: readonly (string | Error)[]): AsyncGenerator<Event> {
  for (const each of parts) {
    if (each instanceof Error) throw each;
    yield part(each);
  }
}

/** A recorder whose S3 is a map, and a caller who reads streams to their end. */
function watched(deps: Partial<RecorderDeps> = {}) {
  const objects = new Map<string, string>();
  const clock = { nowMs: Date.parse("2026-03-02T09:41:07.250Z") };
  const recorder = createRecorder({
    prefix: "prod/",
    share: 1,
    put: async (key, body) => void objects.set(key, body),
    warn: () => {},
    nowMs: () => clock.nowMs,
    chance: () => 0,
    ...deps,
  });
  const open = (body: AsyncIterable<Event>, more: object = {}) =>
    recorder.watch({ ...input, ...more }, async () => ({
      output: { Body: body, ContentType: "text/event-stream", InvokedProductionVariant: "stable" },
    }));
  const read = async (parts: readonly (string | Error)[], more: object = {}) => {
    const { output } = await open(streamOf(parts), more);
    const got: string[] = [];
    for await (const { PayloadPart } of output.Body) got.push(String(PayloadPart?.Bytes));
    return got;
  };
  const lines = () => [...objects.values()].flatMap((text) => text.trimEnd().split("\n"));
  const inferences = () =>
    lines().flatMap((line) => {
      const bytes = Buffer.from(line);
      const origin = { bucket: "captures", key: "k", endpoint: "support-chat", variant: "stable" };
      return readLine({ bytes, offset: 0, length: bytes.length, number: 1, isGzip: false, flaw: null }, origin, defaultSettings);
    });
  return { recorder, objects, clock, open, read, lines, inferences };
}

test("the line is SageMaker's, under its key", async () => {
  const { recorder, read, lines, objects } = watched();
  await read(whole, { InferenceId: "order-7", CustomAttributes: "segment=billing" });
  await recorder.flush();
  expect(JSON.parse(lines()[0]!)).toEqual({
    captureData: {
      endpointInput: { observedContentType: "application/json", mode: "INPUT", data: String(Body), encoding: "JSON" },
      endpointOutput: { observedContentType: "text/event-stream", mode: "OUTPUT", data: whole.join(""), encoding: "JSON" },
    },
    eventMetadata: {
      eventId: expect.stringMatching(/^[-0-9a-f]{36}$/),
      customAttributes: ["segment=billing"],
      inferenceId: "order-7",
      inferenceTime: "2026-03-02T09:41:07Z",
    },
    eventVersion: "0",
  });
  const [key] = objects.keys();
  expect(key).toMatch(/^prod\/support-chat\/stable\/2026\/03\/02\/09\/41-07-250-/);
  expect(parseCaptureKey(key!)).toMatchObject({
    endpoint: "support-chat",
    variant: "stable",
    startedAt: "2026-03-02T09:41:07.250Z",
  });
});

const answered = { outcome: "answered", finishReason: "unknown" };
test.each([
  { it: "a whole stream", parts: whole, reads: { ...answered, completion: "Hello." } },
  {
    it: "a stream of JSON lines",
    parts: whole.map((p) => p.replace("data: ", "").replace("\n\n", "\n")).slice(0, 2),
    reads: { ...answered, completion: "Hello." },
  },
  { it: "a connection that broke", parts: [whole[0]!, named("TimeoutError")], reads: { ...answered, completion: "Hel" } },
  { it: "a caller who aborts", parts: [whole[0]!, named("AbortError")], reads: { ...answered, completion: "Hel" } },
  {
    it: "a model that failed between events",
    parts: [whole[0]!, named("ModelStreamError", { ErrorCode: "ModelInvocationTimeExceeded" })],
    reads: { outcome: "model_error" },
  },
  {
    it: "a model that failed within an event",
    parts: [whole[0]!, 'data: {"cho', named("ModelStreamError")],
    reads: { outcome: "model_error" },
  },
  {
    it: "a model that failed within a JSON line",
    parts: ['{"token":{"id":1,"text":"a","log_prob":0}}\n{"tok', named("InternalStreamFailure")],
    reads: { outcome: "model_error" },
  },
  { it: "a model that failed at once", parts: [named("ModelStreamError")], reads: { outcome: "model_error" } },
  {
    it: "a letter cut in two by the parts",
    parts: [],
    bytes: Buffer.from(delta("Grüß")),
    reads: { ...answered, completion: "Grüß" },
  },
])("Assay reads $it", async ({ parts, bytes, reads }) => {
  const { recorder, read, open, inferences } = watched();
  if (bytes === undefined) {
    const error = parts.find((each) => each instanceof Error);
    const reading = read(parts);
    // The caller hears of it what the client would have said.
    await (error ? expect(reading).rejects.toBe(error) : expect(reading).resolves.toEqual(parts));
  } else {
    const { output } = await open(
      (async function* () {
        for (const byte of bytes) yield { PayloadPart: { Bytes: Uint8Array.of(byte) } };
      })(),
    );
    for await (const _ of output.Body);
  }
  await recorder.flush();
  expect(inferences()).toEqual([expect.objectContaining({ prompt: "Hello?", ...reads })]);
  expect(recorder.counts()).toMatchObject({ captured: 1, written: 1, dropped: 0 });
});

test("a caller who stops reading in the middle ends the stream below, and what it read is captured", async () => {
  const { recorder, open, inferences } = watched();
  let ended = false;
  const { output } = await open(
    (async function* () {
      try {
        yield* streamOf(whole);
      } finally {
        ended = true;
      }
    })(),
  );
  for await (const _ of output.Body) break;
  await recorder.flush();
  expect([ended, inferences()]).toEqual([true, [expect.objectContaining({ completion: "Hel", finishReason: "unknown" })]]);
});

test("each part is asked for when the caller asks, and no earlier", async () => {
  const { open } = watched();
  const asked: string[] = [];
  const { output } = await open(
    (async function* () {
      for (const text of whole) {
        asked.push(text);
        yield part(text);
      }
    })(),
  );
  const events = output.Body[Symbol.asyncIterator]();
  await turn();
  expect(asked).toEqual([]);
  await events.next();
  await turn();
  expect(asked).toEqual(whole.slice(0, 1));
});

const failed = { OriginalStatusCode: 500, OriginalMessage: '{"error":"CUDA out of memory"}' };
const logs = "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/sagemaker/Endpoints/support-chat:log-stream:stable/i-0";
test.each([
  {
    it: "the model's error is a captured answer",
    error: named("ModelError", { ...failed, LogStreamArn: logs }),
    says: { captured: 1 },
  },
  { it: "without a variant there is no key for it", error: named("ModelError", failed), says: { captured: 0, unattributed: 1 } },
  {
    it: "a refusal by SageMaker never reached the model",
    error: named("ThrottlingException"),
    says: { captured: 0, unattributed: 0 },
  },
])("a call that fails, fails: $it", async ({ error, says }) => {
  const { recorder, inferences } = watched();
  await expect(recorder.watch(input, () => Promise.reject(error))).rejects.toBe(error);
  await recorder.flush();
  expect(recorder.counts()).toMatchObject(says);
  expect(inferences().map(({ outcome }) => outcome)).toEqual(Array(says.captured).fill("model_error"));
});

test("what cannot be written waits under its key, and nobody but the counts and the log says so", async () => {
  const keys: string[] = [];
  const problems: string[] = [];
  let down = true;
  const put = async (key: string) => {
    keys.push(key);
    if (down) throw named("SlowDown");
  };
  const { recorder, read } = watched({ put, warn: (problem) => void problems.push(problem) });
  await read(whole);
  await recorder.flush();
  expect(recorder.counts()).toMatchObject({ captured: 1, written: 0, failedWrites: 1 });
  down = false;
  await Promise.all([recorder.flush(), recorder.flush()]);
  expect(recorder.counts()).toMatchObject({ captured: 1, written: 1, failedWrites: 1 });
  expect([keys.length, new Set(keys).size, problems]).toEqual([2, 1, [expect.stringContaining("SlowDown")]]);
});

test("memory is bounded: while S3 is down further streams are dropped and counted, and after that captured again", async () => {
  let down = true;
  const put = async () => {
    if (down) throw named("SlowDown");
  };
  const { recorder, read } = watched({ put });
  const mebibytes = "x".repeat(2 ** 20);
  for (let n = 0; n < 24; n++) await read([mebibytes, mebibytes, mebibytes]);
  await recorder.flush();
  const { captured, dropped } = recorder.counts();
  expect([captured + dropped, captured > 10, captured * 3 <= 64]).toEqual([24, true, true]);
  down = false;
  await recorder.flush();
  await read(whole);
  await recorder.flush();
  expect(recorder.counts()).toMatchObject({ captured: captured + 1, written: captured + 1, dropped });
});

test.each([
  { it: "longer than SageMaker captures", parts: Array(9).fill("x".repeat(2 ** 20)) as string[], dropped: 1 },
  { it: "of an answer as long as it may be", parts: Array(8).fill("x".repeat(2 ** 20)) as string[], dropped: 0 },
])("a stream $it: $dropped dropped", async ({ parts, dropped }) => {
  const { recorder, read } = watched();
  expect((await read(parts)).length).toBe(parts.length);
  await recorder.flush();
  expect(recorder.counts()).toMatchObject({ dropped, captured: 1 - dropped });
});

test("a stream that nobody reads to its end is let go of", async () => {
  const { recorder, open, clock } = watched();
  const { output } = await open(streamOf(whole));
  const events = output.Body[Symbol.asyncIterator]();
  await events.next();
  await recorder.flush();
  expect(recorder.counts().dropped).toBe(0);
  clock.nowMs += 16 * 60_000;
  await recorder.flush();
  expect(recorder.counts()).toMatchObject({ dropped: 1, captured: 0 });
  expect((await events.next()).value).toEqual(part(whole[1]!)); // the caller may go on
});

test("one variant's streams share an object, and a large one is written before its minute is over", async () => {
  const { recorder, read, objects } = watched();
  for (let n = 0; n < 3; n++) await read(whole);
  expect(objects.size).toBe(0);
  await read(["x".repeat(5 * 2 ** 20)]);
  await turn();
  await turn();
  expect([...objects.values()].map((text) => text.trimEnd().split("\n").length)).toEqual([4]);
  await recorder.flush();
  expect(objects.size).toBe(1);
});

test("a share of the calls is captured", async () => {
  const chances = [0.1, 0.5, 0.24, 0.25];
  const { recorder, read } = watched({ share: 0.25, chance: () => chances.shift()! });
  for (let n = 0; n < 4; n++) expect(await read(whole)).toEqual(whole);
  await recorder.flush();
  expect(recorder.counts()).toMatchObject({ skipped: 2, captured: 2 });
});

test("whatever the parts are, the caller gets the same, and the body of the line is all of them", async () => {
  const bytes = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(bytes, async (parts) => {
      const { recorder, open, lines } = watched();
      const events = parts.map((Bytes) => ({ PayloadPart: { Bytes } }));
      const { output } = await open(
        (async function* () {
          yield* events;
        })(),
      );
      const got: unknown[] = [];
      for await (const event of output.Body) got.push(event);
      await recorder.flush();
      const { data, encoding } = JSON.parse(lines()[0]!).captureData.endpointOutput;
      expect(got.every((event, n) => event === events[n]) && got.length === events.length).toBe(true);
      expect(Buffer.from(data, encoding === "BASE64" ? "base64" : "utf8")).toEqual(Buffer.concat(parts));
    }),
    { numRuns: 50 },
  );
});
