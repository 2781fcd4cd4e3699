import type { GoldenItem } from "./goldenSet.ts";

/** How an endpoint is asked: as an OpenAI chat model, or with `{"inputs": "…"}`, as TGI and LMI take it. */
export const payloads = ["openai-chat", "text"] as const;
export type Payload = (typeof payloads)[number];

/**
 * The body of the request that asks a variant one item.
 * @param parameters of generation, where each payload has its place for them
 */
export function requestBody(
  { messages }: GoldenItem,
  payload: Payload,
  parameters: Record<string, unknown>,
): Record<string, unknown> {
  switch (payload) {
    case "openai-chat":
      return { ...parameters, messages };
    case "text":
      return { inputs: messages.at(-1)!.content, parameters }; // the only turn: an item with several is broken in this payload
  }
}
