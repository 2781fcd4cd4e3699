import { expect, test } from "@jest/globals";
import { unclaimed } from "../../../../shared/capture/adapters/registry.ts";

const secret = "my password is hunter2";
const asked = { messages: [{ role: "user", content: secret }] };

test.each([
  {
    it: "the side that does not fit, with its path",
    exchange: { request: asked, response: { choices: [{ message: { content: 7 }, finish_reason: "stop" }] } },
    says: /nearest is openai-chat, which objects to the response \(choices\.0\.message\.content: /,
  },
  {
    it: "a request that has the right key and the wrong value",
    exchange: { request: { messages: secret }, response: undefined },
    says: /nearest is openai-chat, which objects to the request \(messages: .*expected array/,
  },
  {
    it: "an answer of another family to a request of its own",
    exchange: { request: asked, response: { verdict: secret } },
    says: /nearest is openai-chat, which objects to the response \(choices: /,
  },
])("says of what nobody reads $it", ({ exchange, says }) => {
  expect(unclaimed(exchange)).toMatch(says);
  expect(unclaimed(exchange)).not.toContain(secret);
});

test("names no family where none comes near", () => {
  expect(unclaimed({ request: { instances: [[1, 2]] }, response: { predictions: [0.4] } })).not.toContain("nearest");
});
