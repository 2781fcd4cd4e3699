import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { encodeEvent } from "../../local/protocols/eventStream.ts";

/** Tokens of one answer, each an event of its own, as containers stream them. */
const parts = 300;
const chunk = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_772_444_467, model: "m" };
const event = encodeEvent(
  "PayloadPart",
  Buffer.from(
    `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta: { content: " word" }, finish_reason: null }] })}\n\n`,
  ),
);

// In a thread of its own, so that its work is in no figure: streams for calls of a model, and nothing for what is put into S3.
const server = createServer((request, response) => {
  request.resume().on("end", async () => {
    if (request.method === "PUT") return void response.end();
    response.writeHead(200, {
      "content-type": "application/vnd.amazon.eventstream",
      "x-amzn-sagemaker-content-type": "text/event-stream",
      "x-amzn-invoked-production-variant": "stable",
    });
    for (let n = 0; n < parts; n++) {
      response.write(event);
      if (n % 10 === 0) await turn();
    }
    response.end();
  });
});
server.listen(0, "127.0.0.1", () => parentPort!.postMessage((server.address() as AddressInfo).port));
