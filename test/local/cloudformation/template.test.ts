import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { creationOrder, exists, type Made, parseTemplate, resolve, settle } from "../../../local/cloudformation/template.ts";

const pseudo = { region: "eu-west-1", accountId: "000000000000", stackName: "assay-dev", stackId: "arn:stack" };
const made: Made = { ref: (id) => `ref-of-${id}`, attribute: (id, name) => `${name}-of-${id}` };
const bucket = { Type: "AWS::S3::Bucket" };
const template = parseTemplate(
  JSON.stringify({
    Parameters: { Stage: { Type: "String", Default: "dev" }, Zones: { Type: "CommaDelimitedList", Default: "a, b" } },
    Conditions: {
      IsProd: { "Fn::Equals": [{ Ref: "Stage" }, "prod"] },
      IsDev: { "Fn::Not": [{ Condition: "IsProd" }] },
      Both: { "Fn::And": [{ Condition: "IsProd" }, { Condition: "IsDev" }] },
      Either: { "Fn::Or": [{ Condition: "IsProd" }, { Condition: "IsDev" }] },
    },
    Resources: { A: bucket },
  }),
);
const settled = settle(template, pseudo, {});

test.each([
  { it: "a resource's Ref", value: { Ref: "A" }, gives: "ref-of-A" },
  { it: "a parameter's Ref", value: { Ref: "Stage" }, gives: "dev" },
  { it: "a list parameter", value: { Ref: "Zones" }, gives: ["a", "b"] },
  { it: "pseudo parameters", value: { Ref: "AWS::AccountId" }, gives: "000000000000" },
  { it: "GetAtt as a pair", value: { "Fn::GetAtt": ["A", "Arn"] }, gives: "Arn-of-A" },
  { it: "GetAtt with a dot", value: { "Fn::GetAtt": "A.Nested.Name" }, gives: "Nested.Name-of-A" },
  {
    it: "Sub of names and attributes",
    value: { "Fn::Sub": "${AWS::Region}/${A}/${A.Arn}" },
    gives: "eu-west-1/ref-of-A/Arn-of-A",
  },
  { it: "Sub with its own variables", value: { "Fn::Sub": ["${x}-${Stage}", { x: { Ref: "A" } }] }, gives: "ref-of-A-dev" },
  { it: "Sub leaves ${!literal} to others", value: { "Fn::Sub": "${!Token}" }, gives: "${Token}" },
  { it: "Join", value: { "Fn::Join": ["-", ["a", { Ref: "Stage" }, 3]] }, gives: "a-dev-3" },
  { it: "Join of a list that is itself made", value: { "Fn::Join": ["+", { Ref: "Zones" }] }, gives: "a+b" },
  { it: "Split and Select", value: { "Fn::Select": [1, { "Fn::Split": [":", "a:b:c"] }] }, gives: "b" },
  { it: "If, whose other branch is not looked at", value: { "Fn::If": ["IsDev", 1, { "Fn::GetAZs": "" }] }, gives: 1 },
  { it: "NoValue takes a property away", value: { a: 1, b: { Ref: "AWS::NoValue" } }, gives: { a: 1 } },
  { it: "NoValue takes a list item away", value: [1, { "Fn::If": ["IsProd", 2, { Ref: "AWS::NoValue" }] }], gives: [1] },
  {
    it: "a policy's Condition beside other keys is data",
    value: { Effect: "Deny", Condition: { Bool: {} } },
    gives: { Effect: "Deny", Condition: { Bool: {} } },
  },
])("resolves $it", ({ value, gives }) => expect(resolve(value, settled, made)).toEqual(gives));

test.each([
  { it: "an import", value: { "Fn::ImportValue": "x" }, says: "Fn::ImportValue is not evaluated" },
  { it: "a function it does not have", value: { "Fn::Base64": "x" }, says: "Fn::Base64 is not evaluated" },
  { it: "an index past the end", value: { "Fn::Select": [7, ["a"]] }, says: "nonexistent value at index 7" },
  { it: "a list where a text belongs", value: { "Fn::Join": ["", [["a"]]] }, says: "Fn::Join needs texts" },
  { it: "an unknown pseudo parameter", value: { Ref: "AWS::Nothing" }, says: "AWS::Nothing" },
])("refuses $it by name", ({ value, says }) => expect(() => resolve(value, settled, made)).toThrow(says));

test("decides conditions from parameters, also through one another", () => {
  expect(settled.conditions).toEqual({ IsProd: false, IsDev: true, Both: false, Either: true });
  expect(settle(template, pseudo, { Stage: "prod" }).conditions).toEqual({
    IsProd: true,
    IsDev: false,
    Both: false,
    Either: true,
  });
  expect(exists({ Condition: "IsProd" }, settled)).toBe(false);
});

test.each([
  { it: "what is not JSON", text: "Resources:\n  A:", says: "JSON templates only" },
  { it: "a section it does not know", text: { Mappings: {}, Resources: {} }, says: "Mappings" },
  {
    it: "a resource attribute it does not know",
    text: { Resources: { A: { ...bucket, CreationPolicy: {} } } },
    says: "CreationPolicy",
  },
  { it: "a dangling Ref", text: { Resources: { A: { ...bucket, Properties: { x: { Ref: "B" } } } } }, says: "[B] in resource A" },
  {
    it: "a dangling Sub",
    text: { Resources: { A: { ...bucket, Properties: { x: { "Fn::Sub": "${B.Arn}" } } } } },
    says: "[B] in resource A",
  },
  { it: "a dangling DependsOn", text: { Resources: { A: { ...bucket, DependsOn: "B" } } }, says: "[B] in resource A" },
  {
    it: "a dangling output",
    text: { Resources: { A: bucket }, Outputs: { O: { Value: { Ref: "B" } } } },
    says: "[B] in output O",
  },
  {
    it: "a condition nobody defined",
    text: { Resources: { A: { ...bucket, Condition: "No" } } },
    says: "undefined condition No",
  },
  {
    it: "a circle",
    text: { Resources: { A: { ...bucket, DependsOn: "B" }, B: { ...bucket, DependsOn: ["A"] } } },
    says: "[A, B]",
  },
])("refuses a template with $it", ({ text, says }) =>
  expect(() => parseTemplate(typeof text === "string" ? text : JSON.stringify(text))).toThrow(says),
);

test.each([
  { it: "a parameter without a value", parameters: { P: { Type: "String" } }, given: {}, says: "[P] must have values" },
  { it: "a value for no parameter", parameters: {}, given: { Q: "1" }, says: "[Q] do not exist" },
  {
    it: "a value that is not allowed",
    parameters: { P: { Type: "String", AllowedValues: ["a"] } },
    given: { P: "b" },
    says: "AllowedValues",
  },
])("refuses $it", ({ parameters, given, says }) => {
  const parsed = parseTemplate(JSON.stringify({ Parameters: parameters, Resources: { A: bucket } }));
  expect(() => settle(parsed, pseudo, given)).toThrow(says);
});

test("every resource comes after all that it needs, however they are written down", () => {
  // Edges only lead to lower numbers, so there is no circle; the order in the template is any.
  const graph = fc.integer({ min: 1, max: 8 }).chain((n) =>
    fc.record({
      edges: fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1)), { maxLength: 16 }),
      written: fc.shuffledSubarray([...Array(n).keys()], { minLength: n }),
    }),
  );
  fc.assert(
    fc.property(graph, ({ edges, written }) => {
      const needs = (id: number) => edges.filter(([from, to]) => from === id && to < from).map(([, to]) => to);
      const Resources = Object.fromEntries(
        written.map((id) => [
          `R${id}`,
          { ...bucket, Properties: { needs: needs(id).map((to) => ({ "Fn::Sub": `x\${R${to}}` })) } },
        ]),
      );
      const order = creationOrder(parseTemplate(JSON.stringify({ Resources })));
      expect(order.toSorted()).toEqual(Object.keys(Resources).toSorted());
      for (const id of written) for (const to of needs(id)) expect(order.indexOf(`R${to}`)).toBeLessThan(order.indexOf(`R${id}`));
    }),
  );
});
