import { chatRequest, readChatReply } from "./openaiChat.ts";
import type { Provider } from "./provider.ts";

/** A server that speaks OpenAI's API. It has several models, is asked by name, and says which one answered. */
export const openai: Provider = {
  requestBody: (prompt, judge) => JSON.stringify({ model: judge.model, ...chatRequest(prompt, judge) }),
  readReply: readChatReply,
  answers: "an OpenAI chat completion: judge.url must be the base of an OpenAI-compatible API",
};
