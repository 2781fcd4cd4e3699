import { expect, test } from "@jest/globals";
import { attributesOf, conversationOf, segmentOf } from "../../../shared/capture/attributes.ts";

test.each([
  { it: "nothing", captured: [], attributes: {} },
  { it: "JSON", captured: ['{"segment":"billing","tier":2}'], attributes: { segment: "billing", tier: 2 } },
  { it: "a pair", captured: ["segment=billing"], attributes: { segment: "billing" } },
  {
    it: "pairs",
    captured: ["segment=billing; tier=gold,eu=true&q=a=b"],
    attributes: { segment: "billing", tier: "gold", eu: "true", q: "a=b" },
  },
  { it: "several strings, of which the later hold", captured: ['{"a":1,"b":1}', "b=2"], attributes: { a: 1, b: "2" } },
  { it: "what is neither", captured: ["hello", "[1]", "17", "null", '{"cut'], attributes: {} },
])("reads $it", ({ captured, attributes }) => expect(attributesOf(captured)).toEqual(attributes));

test("a name that JavaScript knows is a name like any other", () => {
  expect(Object.entries(attributesOf(['{"__proto__":{"x":1}}', "constructor=y"]))).toEqual([
    ["__proto__", { x: 1 }],
    ["constructor", "y"],
  ]);
});

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
])("$it names the segment", ({ expression, segment }) => expect(segmentOf(expression, { attributes, request })).toBe(segment));

test("a request that was not captured has no segment of its own", () =>
  expect(segmentOf("request.model", { attributes, request: undefined })).toBe("all"));

test.each(["attributes.[", "nosuch(attributes)"])("the wrong expression %s is the configuration's error", (expression) =>
  expect(() => segmentOf(expression, { attributes, request })).toThrow(),
);

test.each([
  { attributes: { conversation: "c-1", sessionId: "s-1" }, conversation: "c-1" },
  { attributes: { conversationId: "c-2" }, conversation: "c-2" },
  { attributes: { sessionId: "s-1" }, conversation: "s-1" },
  { attributes: { conversation: 17 }, conversation: null },
  { attributes: {}, conversation: null },
])("$attributes names the conversation $conversation", ({ attributes, conversation }) =>
  expect(conversationOf(attributes)).toBe(conversation),
);
