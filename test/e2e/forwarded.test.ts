import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { npmStart } from "./command.ts";

type Asked = { path?: string; key?: string; model?: string; judging: boolean };

const asked: Asked[] = [];
let server: Server;
let url: string;
beforeAll(async () => {
  // What an OpenAI-compatible server does, as far as it matters: a judge's request wants a JSON schema, a customer's does not.
  server = createServer(async (request, response) => {
    if (request.method !== "POST") return void response.writeHead(404).end();
    const body = (await json(request)) as { model?: string; response_format?: object };
    const judging = body.response_format !== undefined;
    asked.push({ path: request.url!, key: request.headers.authorization!, model: body.model!, judging });
    const content = judging ? '{"quality":0.75}' : "You may return them within 30 days, and we pay for the way back.";
    response.setHeader("content-type", "application/json").end(
      JSON.stringify({
        choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
        usage: { prompt_tokens: 40, completion_tokens: 12, total_tokens: 52 },
      }),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(() => void server.close());

test("a live server answers for a variant and the judge: its answers are captured, scored and judged", async () => {
  const who = ["--openai-for", "stable", "--openai-for", "judge", "--openai-model", "tiny"];
  const { code, stdout, stderr } = await npmStart(["--openai", url, ...who, "--minutes", "0.5", "--json", "--port", "0"], {
    OPENAI_API_KEY: "not-a-secret",
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`stable and judge forwarded to ${url}`) });
  const { counts, findings, spend } = JSON.parse(stdout);
  const [judgings, answers] = [asked.filter(({ judging }) => judging), asked.filter(({ judging }) => !judging)];
  expect(answers.length).toBeGreaterThan(0);
  expect(judgings.length).toBeGreaterThan(0);
  expect(counts).toMatchObject({ judged: judgings.length, modelErrors: 0, quarantined: 0, lost: 0 });
  expect(counts.answered).toBeGreaterThan(answers.length); // with those of the recorded candidate
  expect(spend.evaluationMicroUsd).toBeGreaterThan(0);
  expect(findings).toEqual([]);
  const call = { path: "/v1/chat/completions", key: "Bearer not-a-secret", model: "tiny" };
  expect(asked).toEqual(asked.map(({ judging }) => ({ ...call, judging })));
});

test("a server that does not answer is told before anything is deployed", async () => {
  const { code, stderr } = await npmStart(["--openai", "http://127.0.0.1:1/v1", "--port", "0"]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("nobody answers on http://127.0.0.1:1/v1") });
});
