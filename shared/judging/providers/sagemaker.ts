import { chatRequest, readChatReply } from "./openaiChat.ts";
import type { Provider } from "./provider.ts";

/** A chat model behind a SageMaker endpoint. The endpoint is the model: a container calls it what it likes, and is not asked by name. */
export const sagemaker: Provider = {
  requestBody: (prompt, judge) => JSON.stringify(chatRequest(prompt, judge)),
  readReply: (body) => {
    const reply = readChatReply(body);
    return reply && { ...reply, model: null };
  },
  answers: "an OpenAI chat completion: its endpoint must serve a chat model",
};
