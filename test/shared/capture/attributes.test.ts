import { expect, test } from "@jest/globals";
import { attributesOf } from "../../../shared/capture/attributes.ts";

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
