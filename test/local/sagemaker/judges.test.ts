import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { parseReply } from "../../../shared/judging/parse.ts";
import { judgeRequest } from "../../../shared/judging/request.ts";
import { judge } from "../../shared/judging/settings.ts";
import { chat, type Tiny, tinyWorld, variant } from "./world.ts";

let tiny: Tiny;
beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse("2026-03-02T09:37:07Z"), doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
  tiny = tinyWorld();
});
afterEach(() => void jest.useRealTimers());

const model = (PrimaryContainer: object) => ({
  ModelName: "judge",
  ExecutionRoleArn: "arn:aws:iam::000000000000:role/models",
  PrimaryContainer,
});
async function serve(PrimaryContainer: object): Promise<void> {
  await tiny.ask("CreateModel", model(PrimaryContainer));
  await tiny.ask("CreateEndpointConfig", { EndpointConfigName: "one", ProductionVariants: [variant("only", "judge")] });
  await tiny.ask("CreateEndpoint", { EndpointName: "grader", EndpointConfigName: "one" });
  await jest.advanceTimersByTimeAsync(240_000);
}
const invoke = (Body: Buffer) => tiny.ask("InvokeEndpoint", { EndpointName: "grader", Body, ContentType: "application/json" });

describe("a recorded judge", () => {
  const recording = (...lines: [string, string, number][]) =>
    lines
      .map(([prompt, completion, quality]) => JSON.stringify({ id: "q", prompt, completion, grades: { quality, tone: 1 } }))
      .join("\n");
  const long = `It begins. ${"word ".repeat(9_000)}It ends.`;
  const known: [string, string, number][] = [
    ["Where is my parcel?", "On its way.", 0.8],
    ["Where is my parcel?", "Who knows.", 0.1],
    ["Where is my refund?", "On its way.", 0.3],
    ["Mail anna@example.com?\n<|im_end|>", " Call +49 30 1234567.\r\n", 0.5],
    ["Tell all.", long, 0.7],
  ];
  const container = { Image: "assay-local/recorded-judge", ModelDataUrl: "s3://models/grades.jsonl" };
  const grade = async (prompt: string, completion: string, earlier: string[] = []) => {
    const messages = [...earlier, prompt].map((content) => ({ role: "user" as const, content }));
    const { Body, CustomAttributes } = await invoke(Buffer.from(judgeRequest({ id: "event-1", messages, completion }, judge)));
    expect(CustomAttributes).toBe("recorded");
    expect(JSON.parse(String(Body))).toMatchObject({ system_fingerprint: "recorded", model: "judge" });
    return parseReply(String(Body), judge, 99_999);
  };
  beforeEach(async () => {
    tiny.objects.set("models/grades.jsonl", recording(...known));
    await serve(container);
  });

  test.each(known)("grades what was recorded for %j", async (prompt, completion, quality) => {
    const judgement = await grade(prompt, completion);
    expect(judgement).toMatchObject({ status: "graded", grades: { quality, tone: 1 } });
    const { costMicroUsd } = judgement as { costMicroUsd: number };
    expect(costMicroUsd).toBeGreaterThan(30);
    expect(costMicroUsd).toBeLessThan(1_500);
  });

  test("looks at the last turn of the user", async () =>
    expect(await grade("Where is my refund?", "On its way.", ["Where is my parcel?"])).toMatchObject({
      grades: { quality: 0.3 },
    }));

  test.each([
    {
      it: "another answer",
      body: () => judgeRequest({ id: "e", messages: [], completion: "Soon." }, judge),
      status: 404,
      says: "none is made up",
    },
    {
      it: "a chat that judges nothing",
      body: () => String(chat("Where is my parcel?")),
      status: 422,
      says: "no answer inside a fence",
    },
    { it: "no request", body: () => "hello", status: 422, says: "no answer inside a fence" },
  ])("makes nothing up for $it", async ({ body, status, says }) => {
    await expect(invoke(Buffer.from(body()))).rejects.toMatchObject({
      code: "ModelError",
      status: 424,
      message: expect.stringContaining(says),
      extra: { OriginalStatusCode: status },
    });
  });

  test("moves when its recording is replaced", async () => {
    tiny.objects.set("models/stricter.jsonl", recording(["Where is my parcel?", "On its way.", 0.6]));
    await tiny.sagemaker.replaceRecording("grader", "only", "s3://models/stricter.jsonl");
    expect(await grade("Where is my parcel?", "On its way.")).toMatchObject({ grades: { quality: 0.6 } });
  });

  test.each([
    { it: "a grade over 1", text: recording(["a", "b", 8]), says: /grades.jsonl, line 1: grades.quality/ },
    { it: "nothing", text: "", says: /grades.jsonl is empty/ },
  ])("does not start from $it", async ({ text, says }) => {
    tiny = tinyWorld();
    tiny.objects.set("models/grades.jsonl", text);
    await serve(container);
    expect(await tiny.ask("DescribeEndpoint", { EndpointName: "grader" })).toMatchObject({
      EndpointStatus: "Failed",
      FailureReason: expect.stringMatching(says),
    });
  });
});

describe("a model that forwards", () => {
  let server: Server;
  let base: string;
  const got: { url: string | undefined; authorization: string | undefined; body: unknown }[] = [];
  let answer = { status: 200, body: '{"choices":[]}' };
  beforeEach(async () => {
    got.length = 0;
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { url, headers } = request;
      got.push({ url, authorization: headers.authorization, body: JSON.parse(Buffer.concat(chunks).toString()) });
      response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  });
  afterEach(() => {
    delete process.env.OPENAI_API_KEY;
    server.closeAllConnections();
    server.close();
  });
  const container = (more: object = {}) => ({ Image: "assay-local/openai", Environment: { OPENAI_BASE_URL: base, ...more } });

  test("hands the request on, with its model and the key of this process, and says so", async () => {
    process.env.OPENAI_API_KEY = "key-1";
    answer = { status: 200, body: '{"choices":[{"message":{"content":"Hi"}}]}' };
    await serve(container({ OPENAI_MODEL: "qwen" }));
    const { Body, CustomAttributes } = await invoke(chat("Hello"));
    expect([String(Body), CustomAttributes]).toEqual([answer.body, "forwarded"]);
    expect(got).toEqual([
      {
        url: "/v1/chat/completions",
        authorization: "Bearer key-1",
        body: { messages: [{ role: "user", content: "Hello" }], model: "qwen" },
      },
    ]);
    expect(await tiny.ask("DescribeModel", { ModelName: "judge" })).not.toMatchObject({
      PrimaryContainer: { OPENAI_API_KEY: "key-1" },
    });
  });

  test("without a model and a key it adds neither", async () => {
    answer = { status: 200, body: "{}" };
    await serve(container());
    await invoke(chat("Hello"));
    expect(got).toEqual([
      { url: "/v1/chat/completions", authorization: undefined, body: { messages: [{ role: "user", content: "Hello" }] } },
    ]);
  });

  test("an error of the server is the model's error, with its status", async () => {
    answer = { status: 429, body: '{"error":{"message":"slow down"}}' };
    await serve(container());
    await expect(invoke(chat("Hello"))).rejects.toMatchObject({
      code: "ModelError",
      extra: { OriginalStatusCode: 429, OriginalMessage: answer.body },
    });
  });

  test("a server that is not there is a 503 that names it", async () => {
    await serve(container({ OPENAI_BASE_URL: "http://127.0.0.1:9/v1" }));
    await expect(invoke(chat("Hello"))).rejects.toMatchObject({
      code: "ModelError",
      message: expect.stringContaining("http://127.0.0.1:9/v1 did not answer"),
      extra: { OriginalStatusCode: 503 },
    });
  });

  test("without a URL there is nothing to forward to", async () => {
    await expect(tiny.ask("CreateModel", model({ Image: "assay-local/openai" }))).rejects.toMatchObject({
      message: expect.stringContaining("PrimaryContainer.Environment.OPENAI_BASE_URL"),
    });
  });
});
