import { expect, test } from "@jest/globals";
import { conversationOf, segmentOf } from "../../../shared/capture/segment.ts";
import type { Segmenting } from "../../../shared/config/assay.ts";

const attributes = { segment: "billing", tier: 2, trial: false, tags: ["vip"], blank: "" };
const request = { model: "support-7b", messages: [{ role: "user", content: "Refund?" }] };
test.each([
  { it: "no expression", expression: null, segment: "all" },
  { it: "an attribute", expression: "attributes.segment", segment: "billing" },
  { it: "a number", expression: "attributes.tier", segment: "2" },
  { it: "a boolean", expression: "attributes.trial", segment: "false" },
  { it: "something of the request", expression: "request.model", segment: "support-7b" },
  { it: "a fallback", expression: "attributes.shop || request.model", segment: "support-7b" },
  { it: "an attribute that is not there", expression: "attributes.shop", segment: "all" },
  { it: "a list", expression: "attributes.tags", segment: "all" },
  { it: "empty text", expression: "attributes.blank", segment: "all" },
  { it: "a function that does not take what it finds", expression: "join('-', attributes.tier)", segment: "all" },
  { it: "a name every object inherits", expression: "attributes.constructor", segment: "all" },
  {
    it: "a whole question, cut",
    expression: `join('', [attributes.segment, '${"x".repeat(200)}'])`,
    segment: `billing${"x".repeat(93)}`,
  },
])("$it names the segment", ({ expression, segment }) =>
  expect(segmentOf(expression, { attributes, request }, "", null)).toBe(segment),
);

test.each([
  { it: "a listed name", given: "billing", segment: "billing" },
  { it: "a name that a caller invents", given: "x7f3", segment: "other" },
  { it: "no name", given: undefined, segment: "all" },
  { it: "a name every object inherits", given: "constructor", segment: "other" },
])("where names are listed, $it is $segment", ({ given, segment }) => {
  const by: Segmenting = { by: "name", of: "attributes.segment", names: ["orders", "billing"] };
  expect(segmentOf(by, { attributes: given === undefined ? {} : { segment: given }, request }, "", null)).toBe(segment);
});

test("a name that would steer a terminal has spaces instead", () => {
  const said = "mail\u001b[2J\nPaid\u202e";
  expect(segmentOf({ by: "model" }, { attributes, request }, "", said)).toBe("mail [2J Paid ");
  expect(segmentOf("attributes.segment", { attributes: { segment: said }, request }, "", null)).toBe("mail [2J Paid ");
});

test("a request that was not captured has no segment of its own", () =>
  expect(segmentOf("request.model", { attributes, request: undefined }, "", null)).toBe("all"));

test.each(["attributes.[", "nosuch(attributes)"])("the wrong expression %s is the configuration's error", (expression) =>
  expect(() => segmentOf(expression, { attributes, request }, "", null)).toThrow(),
);

test.each([
  { attributes: { conversation: "c-1", sessionId: "s-1" }, conversation: "c-1" },
  { attributes: { conversationId: "c-2" }, conversation: "c-2" },
  { attributes: { sessionId: "s-1" }, conversation: "s-1" },
  { attributes: { conversation: 17 }, conversation: null },
  { attributes: {}, conversation: null },
])("$attributes names the conversation $conversation", ({ attributes, conversation }) =>
  expect(conversationOf(null, { attributes, request })).toBe(conversation),
);

test.each([
  { by: { by: "language" }, prompt: "Wo ist denn mein Paket, und wann kommt es endlich an?", segment: "de" },
  { by: { by: "language" }, prompt: "Where is my parcel, and when will it be here?", segment: "en" },
  { by: { by: "language" }, prompt: "12345", segment: "all" },
  { by: { by: "cluster", clusters: 8 }, prompt: "Where is my parcel?", segment: expect.stringMatching(/^cluster [1-8]$/) },
  { by: { by: "cluster", clusters: 8 }, prompt: "?", segment: "all" },
] satisfies { by: Segmenting; prompt: string; segment: unknown }[])("$by of $prompt is $segment", ({ by, prompt, segment }) =>
  expect(segmentOf(by, { attributes: {}, request: undefined }, prompt, null)).toEqual(segment),
);

test.each([
  { by: "attributes.thread", attributes: { thread: "t-1", sessionId: "s-1" }, conversation: "t-1" },
  { by: "attributes.thread", attributes: { sessionId: "s-1" }, conversation: null },
  { by: "request.user", attributes: {}, conversation: "u-7" },
  { by: "attributes.turn", attributes: { turn: 17 }, conversation: "17" },
])("$by of $attributes names the conversation $conversation", ({ by, attributes, conversation }) =>
  expect(conversationOf(by, { attributes, request: { user: "u-7" } })).toBe(conversation),
);

test.each([
  { it: "the model that the response names", model: "chat-2", segment: "chat-2" },
  { it: "all where it names none", model: null, segment: "all" },
])("by model: $it", ({ model, segment }) =>
  expect(segmentOf({ by: "model" }, { attributes: {}, request: undefined }, "", model)).toBe(segment),
);
