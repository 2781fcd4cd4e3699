import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { captureTo, chat, model, type Tiny, take, tinyWorld, variant, withConfig } from "./world.ts";

const minute = 60_000;
let tiny: Tiny;
beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse("2026-03-02T09:37:07.250Z"), doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
  tiny = tinyWorld();
});
afterEach(() => void jest.useRealTimers());

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
const prompt = "Where is my parcel?";
const invoke = (more: Record<string, unknown> = {}) =>
  tiny.ask("InvokeEndpoint", { EndpointName: "chat", Body: chat(prompt), ContentType: "application/json", ...more });
/** The clock stands at 09:41:07.250 afterwards, and nothing is due. */
async function serve(config: Record<string, unknown> = {}): Promise<void> {
  await withConfig(tiny, config);
  await tiny.ask("CreateEndpoint", { EndpointName: "chat", EndpointConfigName: "one" });
  await pass(4 * minute);
}
async function shares(calls: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < calls; i++) {
    const { InvokedProductionVariant } = await invoke();
    counts[String(InvokedProductionVariant)] = (counts[String(InvokedProductionVariant)] ?? 0) + 1;
  }
  return counts;
}
const twoVariants = (a: number, b: number) => ({
  ProductionVariants: [variant("a", "good", { InitialVariantWeight: a }), variant("b", "other", { InitialVariantWeight: b })],
});

test("an answer is what was recorded, and says so", async () => {
  await serve();
  const { Body, ...rest } = await invoke();
  expect(rest).toEqual({ ContentType: "application/json", InvokedProductionVariant: "a", CustomAttributes: "recorded" });
  expect(JSON.parse(String(Body))).toEqual({
    id: "chatcmpl-00000000-0000-4000-8000-000000000001",
    object: "chat.completion",
    created: 1772444467,
    model: "good",
    system_fingerprint: "recorded",
    choices: [{ index: 0, message: { role: "assistant", content: "On its way." }, logprobs: null, finish_reason: "stop" }],
    usage: { prompt_tokens: 7, completion_tokens: 11, total_tokens: 18 },
  });
});

test.each([
  { payload: "openai", body: { messages: [{ role: "user", content: prompt }] }, contentType: "text/event-stream", parts: 6 },
  { payload: "tgi", body: { inputs: prompt }, contentType: "text/event-stream", parts: 3 },
  { payload: "lmi", body: { inputs: prompt }, contentType: "application/jsonlines", parts: 3 },
])("$payload streams the recorded answer, which is then not captured", async ({ payload, body, contentType, parts }) => {
  await withConfig(tiny, { DataCaptureConfig: captureTo("s3://captured") });
  await tiny.ask("DeleteModel", { ModelName: "good" });
  await tiny.ask("CreateModel", model("good", payload));
  await tiny.ask("CreateEndpoint", { EndpointName: "chat", EndpointConfigName: "one" });
  await pass(4 * minute);
  const Body = Buffer.from(JSON.stringify({ ...body, stream: true }));
  const streamed = await tiny.ask("InvokeEndpointWithResponseStream", { EndpointName: "chat", Body });
  const bytes = Buffer.concat(streamed.Body as Buffer[]);
  expect([streamed.ContentType, (streamed.Body as Buffer[]).length]).toEqual([contentType, parts]);
  expect(String((await invoke({ Body })).Body).replaceAll(/chatcmpl-[-0-9]+/g, "")).toBe(
    String(bytes).replaceAll(/chatcmpl-[-0-9]+/g, ""),
  );
  const records = [...tiny.objects].filter(([key]) => key.startsWith("captured/"));
  await pass(2 * minute);
  const later = [...tiny.objects].filter(([key]) => key.startsWith("captured/"));
  expect([records.length, later.map(([, text]) => text.split("\n").length - 1)]).toEqual([0, [1]]); // of the other call
});

const details = { finish_reason: "eos_token", generated_tokens: 11, inputs: null, tokens: [], prefill: [] };
test.each([
  { payload: "tgi", body: { inputs: prompt }, answers: [{ generated_text: "On its way." }] },
  {
    payload: "tgi",
    body: { inputs: prompt, parameters: { details: true } },
    answers: [{ generated_text: "On its way.", details }],
  },
  { payload: "lmi", body: { inputs: prompt, parameters: { max_new_tokens: 9 } }, answers: { generated_text: "On its way." } },
  {
    payload: "openai",
    body: {
      messages: [
        { role: "system", content: "Be kind." },
        { role: "user", content: "Hello" },
        { role: "assistant", content: null },
        { role: "user", content: [{ type: "text", text: prompt }] },
      ],
    },
    answers: expect.objectContaining({ object: "chat.completion" }),
  },
])("$payload is spoken: $body", async ({ payload, body, answers }) => {
  await withConfig(tiny);
  await tiny.ask("DeleteModel", { ModelName: "good" });
  await tiny.ask("CreateModel", model("good", payload));
  await tiny.ask("CreateEndpoint", { EndpointName: "chat", EndpointConfigName: "one" });
  await pass(4 * minute);
  expect(JSON.parse(String((await invoke({ Body: Buffer.from(JSON.stringify(body)) })).Body))).toEqual(answers);
});

test("a shadow answers a share of the same requests; its answers are captured under the same inference ids, and nobody hears them", async () => {
  await serve({
    ShadowProductionVariants: [variant("next", "other", { InitialVariantWeight: 0.5 })],
    DataCaptureConfig: captureTo("s3://captured"),
  });
  for (let i = 0; i < 40; i++) {
    const { Body, InvokedProductionVariant } = await invoke({ InferenceId: `asked-${i}` });
    expect([InvokedProductionVariant, String(Body).includes("On its way.")]).toEqual(["a", true]);
  }
  await pass(2 * minute);
  const captured = (of: string) =>
    [...tiny.objects]
      .filter(([key]) => key.includes(`/${of}/`))
      .flatMap(([, text]) => text.trim().split("\n"))
      .map((line) => JSON.parse(line) as { eventMetadata: { inferenceId: string; eventId: string } });
  const idsOf = (of: string) => captured(of).map(({ eventMetadata }) => eventMetadata.inferenceId);
  expect(idsOf("a")).toHaveLength(40);
  expect(idsOf("next").length).toBeGreaterThan(10);
  expect(idsOf("next").length).toBeLessThan(30);
  expect(idsOf("a")).toEqual(expect.arrayContaining(idsOf("next")));
  expect(JSON.stringify(captured("next"))).toContain("In the van.");
  expect(await tiny.ask("DescribeEndpoint", { EndpointName: "chat" })).toMatchObject({
    ProductionVariants: [{ VariantName: "a" }],
    ShadowProductionVariants: [{ VariantName: "next", CurrentWeight: 0.5 }],
  });
});

test("inference components share a variant's instances; each answers with its own model, and is captured under the variant", async () => {
  const { ModelName: _, ...shared } = variant("shared", "");
  await serve({ ProductionVariants: [shared], DataCaptureConfig: captureTo("s3://captured") });
  await expect(invoke()).rejects.toThrow(/has inference components: name one/);
  const of = { EndpointName: "chat", VariantName: "shared" };
  for (const ModelName of ["good", "other"])
    await tiny.ask("CreateInferenceComponent", {
      ...of,
      InferenceComponentName: `with-${ModelName}`,
      Specification: { ModelName },
    });
  await expect(invoke({ InferenceComponentName: "with-good" })).rejects.toThrow(/not found, or not in service/);
  await pass(2 * minute);
  const said = async (InferenceComponentName: string) => {
    const { Body, InvokedProductionVariant } = await invoke({ InferenceComponentName });
    return [InvokedProductionVariant, JSON.parse(String(Body)).choices[0].message.content];
  };
  expect([await said("with-good"), await said("with-other")]).toEqual([
    ["shared", "On its way."],
    ["shared", "In the van."],
  ]);
  const InferenceComponentName = "with-good";
  await tiny.ask("UpdateInferenceComponent", { InferenceComponentName, Specification: { ModelName: "other" } });
  const copies = { InferenceComponentName, DesiredRuntimeConfig: { CopyCount: 3 } };
  await expect(tiny.ask("UpdateInferenceComponentRuntimeConfig", copies)).rejects.toThrow(/in-progress/);
  expect(await said("with-good")).toEqual(["shared", "On its way."]); // until the update is done
  await pass(2 * minute);
  expect(await said("with-good")).toEqual(["shared", "In the van."]);
  await tiny.ask("UpdateInferenceComponentRuntimeConfig", copies);
  await pass(2 * minute);
  expect(await tiny.ask("DescribeInferenceComponent", { InferenceComponentName })).toMatchObject({
    ...{ ...of, InferenceComponentStatus: "InService", Specification: { ModelName: "other" } },
    RuntimeConfig: { CurrentCopyCount: 3, DesiredCopyCount: 3 },
  });
  expect([...tiny.objects.keys()].filter((key) => key.includes("/chat/shared/"))).not.toEqual([]);
  await tiny.ask("DeleteInferenceComponent", { InferenceComponentName });
  await pass(2 * minute);
  expect(await tiny.ask("ListInferenceComponents", { EndpointNameEquals: "chat" })).toMatchObject({
    InferenceComponents: [{ InferenceComponentName: "with-other" }],
  });
});

test("weights are shares of the traffic", async () => {
  await serve(twoVariants(3, 1));
  const { a = 0, b = 0 } = await shares(1_000);
  expect(a + b).toBe(1_000);
  expect(b).toBeGreaterThan(200);
  expect(b).toBeLessThan(300);
});

test("a variant with weight 0 gets none, but for who names it", async () => {
  await serve(twoVariants(1, 0));
  expect(await shares(50)).toEqual({ a: 50 });
  expect(await invoke({ TargetVariant: "b" })).toMatchObject({ InvokedProductionVariant: "b" });
});

test("new weights rule when the update is done, not before", async () => {
  await serve(twoVariants(1, 0));
  await tiny.ask("UpdateEndpointWeightsAndCapacities", {
    EndpointName: "chat",
    DesiredWeightsAndCapacities: [
      { VariantName: "a", DesiredWeight: 0 },
      { VariantName: "b", DesiredWeight: 1 },
    ],
  });
  expect(await shares(20)).toEqual({ a: 20 });
  await pass(minute);
  expect(await shares(20)).toEqual({ b: 20 });
});

test("several takes of a prompt all get their turn", async () => {
  await serve();
  tiny.objects.set("models/takes.jsonl", ["One", "Two", "Three"].map((completion) => take(prompt, completion)).join("\n"));
  await tiny.sagemaker.replaceRecording("chat", "a", "s3://models/takes.jsonl");
  const seen = new Set<string>();
  for (let i = 0; i < 50; i++) seen.add(JSON.parse(String((await invoke()).Body)).choices[0].message.content);
  expect([...seen].sort()).toEqual(["One", "Three", "Two"]);
});

test.each([
  { it: "an unknown endpoint", input: { EndpointName: "none" }, says: "Endpoint none of account 000000000000 not found." },
  { it: "an unknown variant", input: { TargetVariant: "z" }, says: "Endpoint chat of account 000000000000 has no variant z." },
  { it: "a multi-model target", input: { TargetModel: "m.tar.gz" }, says: 'Request: Unrecognized key: "TargetModel"' },
  { it: "a body over the limit", input: { Body: Buffer.alloc(6_291_457) }, says: "Body: longer than 6291456 bytes" },
])("the runtime refuses $it", async ({ input, says }) => {
  await serve();
  await expect(invoke(input)).rejects.toMatchObject({ code: "ValidationError", status: 400, message: says });
});

test("without any weight nobody answers", async () => {
  await serve(twoVariants(0, 0));
  await expect(invoke()).rejects.toMatchObject({ code: "ValidationError", message: expect.stringContaining("weight 0") });
});

test.each([
  { it: "a prompt that was not recorded", body: chat("Who are you?"), status: 404, says: /has no answer for this prompt/ },
  { it: "a body that is no JSON", body: Buffer.from("hello"), status: 422, says: /not as an OpenAI chat request has it/ },
  {
    it: "a chat without a user",
    body: Buffer.from('{"messages":[{"role":"system","content":"x"}]}'),
    status: 422,
    says: /no turn of a user/,
  },
])("$it is the model's error", async ({ body, status, says }) => {
  await serve();
  await expect(invoke({ Body: body })).rejects.toMatchObject({
    code: "ModelError",
    status: 424,
    message: expect.stringMatching(/^Received client error/),
    extra: {
      OriginalStatusCode: status,
      OriginalMessage: expect.stringMatching(says),
      LogStreamArn: expect.stringContaining("log-group:/aws/sagemaker/Endpoints/chat"),
    },
  });
  await pass(minute);
  expect(sumOf("Invocation4XXErrors")).toBe(1);
  expect(sumOf("Invocation5XXErrors")).toBe(0);
  expect(sumOf("InvocationModelErrors")).toBe(1);
});

const sumOf = (metric: string, dimension = "a") =>
  tiny.metrics
    .filter(({ MetricName, Dimensions }) => MetricName === metric && Dimensions[1]!.Value === dimension)
    .flatMap(({ Values, Counts }) => Values.map((value, i) => value * Counts[i]!))
    .reduce((a, b) => a + b, 0);

test("metrics are put once a minute and variant, back-dated to their minute", async () => {
  await serve({ ProductionVariants: [variant("a", "good", { InitialInstanceCount: 2 })] });
  for (let i = 0; i < 4; i++) await invoke();
  expect(tiny.metrics).toEqual([]);
  await pass(minute);
  const common = {
    Namespace: "AWS/SageMaker",
    Timestamp: Date.parse("2026-03-02T09:41:00Z") / 1_000,
    Dimensions: [
      { Name: "EndpointName", Value: "chat" },
      { Name: "VariantName", Value: "a" },
    ],
    Counts: [4],
  };
  expect(tiny.metrics).toEqual(
    [
      { MetricName: "Invocations", Values: [1], Unit: "None" },
      { MetricName: "InvocationsPerInstance", Values: [0.5], Unit: "None" },
      { MetricName: "Invocation4XXErrors", Values: [0], Unit: "None" },
      { MetricName: "Invocation5XXErrors", Values: [0], Unit: "None" },
      { MetricName: "InvocationModelErrors", Values: [0], Unit: "None" },
      { MetricName: "ModelLatency", Values: [900_000], Unit: "Microseconds" },
      { MetricName: "OverheadLatency", Values: [20_000], Unit: "Microseconds" },
    ].map((datum) => ({ ...common, ...datum })),
  );
  expect(jest.getTimerCount()).toBe(0);
});

test("more unique latencies than one datum takes go in several", async () => {
  await serve();
  tiny.objects.set(
    "models/many.jsonl",
    Array.from({ length: 200 }, (_, i) => take(`Question ${i}`, "Yes.", { latencyMs: i })).join("\n"),
  );
  await tiny.sagemaker.replaceRecording("chat", "a", "s3://models/many.jsonl");
  for (let i = 0; i < 200; i++) await invoke({ Body: chat(`Question ${i}`) });
  await pass(minute);
  expect(tiny.metrics.filter(({ MetricName }) => MetricName === "ModelLatency").map(({ Values }) => Values.length)).toEqual([
    150, 50,
  ]);
});

test("a disturbed variant is slower and fails for a share of its answers, until that ends", async () => {
  await serve();
  tiny.sagemaker.disturb("chat", "a", { latencyFactor: 5, errorShare: 0.25 });
  let failed = 0;
  for (let i = 0; i < 400; i++)
    await invoke().catch((error) => {
      failed++;
      expect(error).toMatchObject({ code: "ModelError", extra: { OriginalStatusCode: 500 } });
    });
  expect(failed).toBeGreaterThan(70);
  expect(failed).toBeLessThan(130);
  await pass(minute);
  expect(sumOf("Invocation5XXErrors")).toBe(failed);
  expect(sumOf("ModelLatency")).toBe(400 * 4_500_000);

  tiny.sagemaker.disturb("chat", "a", null);
  await invoke();
  await pass(minute);
  expect(sumOf("ModelLatency")).toBe(400 * 4_500_000 + 900_000);
});

test("a variant whose disk is full answers as before, and nothing of it is captured until there is room again", async () => {
  await serve({ DataCaptureConfig: captureTo("s3://captures/prod") });
  const captured = () => [...tiny.objects.keys()].filter((key) => key.startsWith("captures/")).length;
  tiny.sagemaker.fillDisks("chat", "a", true);
  await invoke();
  await pass(2 * minute);
  expect(captured()).toBe(0);
  expect(sumOf("Invocations")).toBe(1);
  expect(tiny.sagemaker.lost).toEqual([]); // nothing says so
  tiny.sagemaker.fillDisks("chat", "a", false);
  await invoke();
  await pass(2 * minute);
  expect(captured()).toBe(1);
});

test("the demo's events name a variant that serves, or fail", async () => {
  await serve();
  expect(() => tiny.sagemaker.disturb("chat", "z", null)).toThrow("Endpoint chat has no variant z that serves.");
  await expect(tiny.sagemaker.replaceRecording("chat", "a", "s3://models/none.jsonl")).rejects.toMatchObject({
    code: "NoSuchKey",
  });
  expect(String((await invoke()).Body)).toContain("On its way.");
});

const captures = () => [...tiny.objects].filter(([key]) => key.startsWith("captures/"));
const records = () =>
  captures().flatMap(([, text]) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
const capturing = (more: Record<string, unknown> = {}, uri = "s3://captures/prod/") => ({
  DataCaptureConfig: captureTo(uri, more),
});

test("a captured record has the service's bytes", async () => {
  await serve(capturing());
  await invoke({ InferenceId: "i-1", CustomAttributes: '{"segment":"orders"}' });
  await pass(minute);
  const answer = JSON.stringify({
    id: "chatcmpl-00000000-0000-4000-8000-000000000001",
    object: "chat.completion",
    created: 1772444467,
    model: "good",
    system_fingerprint: "recorded",
    choices: [{ index: 0, message: { role: "assistant", content: "On its way." }, logprobs: null, finish_reason: "stop" }],
    usage: { prompt_tokens: 7, completion_tokens: 11, total_tokens: 18 },
  });
  expect(captures()).toEqual([
    [
      "captures/prod/chat/a/2026/03/02/09/41-07-250-00000000-0000-4000-8000-000000000001.jsonl",
      `{"captureData":{"endpointInput":{"observedContentType":"application/json","mode":"INPUT","data":${JSON.stringify(
        chat(prompt).toString(),
      )},"encoding":"JSON"},"endpointOutput":{"observedContentType":"application/json","mode":"OUTPUT","data":${JSON.stringify(
        answer,
      )},"encoding":"JSON"}},"eventMetadata":{"eventId":"00000000-0000-4000-8000-000000000001","customAttributes":["{\\"segment\\":\\"orders\\"}"],"inferenceId":"i-1","inferenceTime":"2026-03-02T09:41:07Z"},"eventVersion":"0"}\n`,
    ],
  ]);
});

test("a file holds a minute from its first record, and is named by it", async () => {
  await serve(capturing());
  await invoke();
  await pass(59_000);
  await invoke();
  expect(captures()).toEqual([]);
  await pass(1_000);
  await invoke();
  await pass(minute);
  expect(captures().map(([key, text]) => [key.slice(19, 46), text.trimEnd().split("\n").length])).toEqual([
    ["a/2026/03/02/09/41-07-250-0", 2],
    ["a/2026/03/02/09/42-07-250-0", 1],
  ]);
  expect(records().map(({ eventMetadata }) => eventMetadata.inferenceTime)).toEqual([
    "2026-03-02T09:41:07Z",
    "2026-03-02T09:42:06Z",
    "2026-03-02T09:42:07Z",
  ]);
  expect(jest.getTimerCount()).toBe(0);
});

test("each variant and each instance has files of its own", async () => {
  await serve({
    ...capturing({}, "s3://captures"),
    ProductionVariants: [variant("a", "good", { InitialInstanceCount: 2 }), variant("b", "other")],
  });
  await shares(60);
  await pass(minute);
  const folders = captures().map(([key]) => key.split("/").slice(0, 3).join("/"));
  expect(folders.sort()).toEqual(["captures/chat/a", "captures/chat/a", "captures/chat/b"]);
  expect(records()).toHaveLength(60);
});

test.each([
  {
    it: "base64 unless the content type is listed",
    config: { CaptureContentTypeHeader: undefined },
    sent: {},
    encoding: "BASE64",
    type: "application/json",
  },
  {
    it: "base64 for a type that is not quite the listed one",
    config: {},
    sent: { ContentType: "application/json; charset=utf-8" },
    encoding: "BASE64",
    type: "application/json; charset=utf-8",
  },
  { it: "no content type", config: {}, sent: { ContentType: undefined }, encoding: "BASE64", type: null },
  {
    it: "CSV where listed",
    config: { CaptureContentTypeHeader: { CsvContentTypes: ["text/csv"] } },
    sent: { ContentType: "text/csv" },
    encoding: "CSV",
    type: "text/csv",
  },
])("the input is captured as $encoding: $it", async ({ config, sent, encoding, type }) => {
  await serve(capturing(config));
  await invoke(sent);
  await pass(minute);
  const data = chat(prompt).toString(encoding === "BASE64" ? "base64" : "utf8");
  expect(records()[0].captureData.endpointInput).toEqual({ observedContentType: type, mode: "INPUT", data, encoding });
});

test.each([
  { it: "only the input", config: { CaptureOptions: [{ CaptureMode: "Input" }] }, sides: ["endpointInput"] },
  { it: "only the output", config: { CaptureOptions: [{ CaptureMode: "Output" }] }, sides: ["endpointOutput"] },
  {
    it: "both in one word",
    config: { CaptureOptions: [{ CaptureMode: "InputAndOutput" }] },
    sides: ["endpointInput", "endpointOutput"],
  },
])("captures $it", async ({ config, sides }) => {
  await serve(capturing(config));
  await invoke();
  await pass(minute);
  expect(Object.keys(records()[0].captureData)).toEqual(sides);
});

test.each([
  { it: "a quarter", config: { InitialSamplingPercentage: 25 }, least: 70, most: 130 },
  { it: "nothing", config: { InitialSamplingPercentage: 0 }, least: 0, most: 0 },
  { it: "nothing when it is off", config: { EnableCapture: false }, least: 0, most: 0 },
])("captures $it of the traffic", async ({ config, least, most }) => {
  await serve(capturing(config));
  for (let i = 0; i < 400; i++) await invoke();
  await pass(minute);
  expect(records().length).toBeGreaterThanOrEqual(least);
  expect(records().length).toBeLessThanOrEqual(most);
});

test("errors of the model are captured like answers", async () => {
  await serve(capturing());
  await expect(invoke({ Body: chat("Who are you?") })).rejects.toMatchObject({ code: "ModelError" });
  await pass(minute);
  const { data, encoding } = records()[0].captureData.endpointOutput;
  expect([encoding, JSON.parse(data)]).toEqual(["JSON", { error: expect.objectContaining({ code: 404 }) }]);
});

test("a capture that cannot be written is lost, named, and stops nothing", async () => {
  await serve(capturing({}, "s3://gone/prod"));
  await invoke();
  await pass(minute);
  expect(tiny.sagemaker.lost).toEqual([
    { where: expect.stringMatching(/^s3:\/\/gone\/prod\/chat\/a\//), message: "The specified bucket does not exist" },
  ]);
  expect(await invoke()).toMatchObject({ InvokedProductionVariant: "a" });
});

test("the same calls give the same run", async () => {
  const run = async () => {
    tiny = tinyWorld();
    jest.setSystemTime(Date.parse("2026-03-02T09:37:07.250Z"));
    await serve({ ...twoVariants(2, 1), ...capturing() });
    await shares(30);
    await pass(minute);
    return captures();
  };
  expect(await run()).toEqual(await run());
});
