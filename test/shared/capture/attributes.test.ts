import { expect, test } from "@jest/globals";
import { attributesOf, latencyOf } from "../../../shared/capture/attributes.ts";

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

test.each([
  { it: "a number", attributes: ['{"latencyMs":812.5}'], ms: 812.5 },
  { it: "a number as text", attributes: ["segment=billing;latencyMs=812"], ms: 812 },
  { it: "no number", attributes: ['{"latencyMs":"fast"}'], ms: undefined },
  { it: "less than nothing", attributes: ['{"latencyMs":-1}'], ms: undefined },
  { it: "nothing", attributes: ["latencyMs="], ms: undefined },
  { it: "another thing", attributes: ["accept_eula=true"], ms: undefined },
])("reads how long an answer took: $it", ({ attributes, ms }) => {
  expect(latencyOf({ attributes }, "latencyMs")).toBe(ms);
  expect(latencyOf({ attributes }, null)).toBeUndefined();
});
