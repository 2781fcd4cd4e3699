import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type AccessRequest, evaluate, matchesWildcards, parsePolicy } from "../../../local/iam/policy.ts";

const accountId = "000000000000";
const role = "arn:aws:iam::000000000000:role/sample";
const request = (over: Partial<AccessRequest> = {}): AccessRequest => ({
  action: "s3:GetObject",
  resource: "arn:aws:s3:::captures/prod/a.jsonl",
  principal: { arn: role, service: null, accountId },
  context: { "aws:securetransport": "true" },
  ...over,
});
const allow = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::captures/*" };
const identity = (statements: unknown, asked = request()) => evaluate(parsePolicy({ Statement: statements }), asked, "identity");
const resource = (statements: unknown, asked = request()) => evaluate(parsePolicy({ Statement: statements }), asked, "resource");

test.each([
  { it: "what is listed", statements: [allow], verdict: "allow" },
  { it: "an action in other letters", statements: [{ ...allow, Action: "S3:getobject" }], verdict: "allow" },
  { it: "a wildcard in the action", statements: [{ ...allow, Action: ["sqs:*", "s3:Get*"] }], verdict: "allow" },
  { it: "a question mark", statements: [{ ...allow, Resource: "arn:aws:s3:::captures/prod/?.jsonl" }], verdict: "allow" },
  { it: "nothing about another action", statements: [{ ...allow, Action: "s3:PutObject" }], verdict: "none" },
  {
    it: "nothing about the bucket's objects when the bucket is named",
    statements: [{ ...allow, Resource: "arn:aws:s3:::captures" }],
    verdict: "none",
  },
  {
    it: "a resource in other letters is another",
    statements: [{ ...allow, Resource: "arn:aws:s3:::Captures/*" }],
    verdict: "none",
  },
  { it: "Deny wins, wherever it stands", statements: [{ ...allow, Effect: "Deny" }, allow], verdict: "deny" },
  { it: "NotAction", statements: [{ Effect: "Allow", NotAction: "s3:Put*", Resource: "*" }], verdict: "allow" },
  { it: "NotAction that names it", statements: [{ Effect: "Allow", NotAction: "s3:Get*", Resource: "*" }], verdict: "none" },
  {
    it: "NotResource that names it",
    statements: [{ Effect: "Allow", Action: "*", NotResource: "arn:aws:s3:::captures/*" }],
    verdict: "none",
  },
])("an identity's policy: $it", ({ statements, verdict }) => expect(identity(statements)).toBe(verdict));

const service = (name: string) => request({ principal: { arn: null, service: name, accountId } });
const admin = request({ principal: { arn: null, service: null, accountId } });
test.each([
  { it: "everybody", Principal: "*", asked: request(), verdict: "allow" },
  { it: "the role by name", Principal: { AWS: role }, asked: request(), verdict: "allow" },
  { it: "another role", Principal: { AWS: `${role}2` }, asked: request(), verdict: "none" },
  { it: "the service", Principal: { Service: "events.amazonaws.com" }, asked: service("events.amazonaws.com"), verdict: "allow" },
  { it: "another service", Principal: { Service: "events.amazonaws.com" }, asked: service("sns.amazonaws.com"), verdict: "none" },
  { it: "the account, which is its administrators", Principal: { AWS: accountId }, asked: admin, verdict: "allow" },
  { it: "the account, which is no role", Principal: { AWS: accountId }, asked: request(), verdict: "none" },
  { it: "nobody", Principal: undefined, asked: request(), verdict: "none" },
])("a resource's policy names $it", ({ Principal, asked, verdict }) =>
  expect(resource([{ ...allow, ...(Principal ? { Principal } : {}) }], asked)).toBe(verdict),
);
test("a Deny of the account is a Deny of its roles", () =>
  expect(resource([{ ...allow, Effect: "Deny", Principal: { AWS: `arn:aws:iam::${accountId}:root` } }])).toBe("deny"));

const arnOfRule = "arn:aws:events:eu-west-1:000000000000:rule/captures";
test.each([
  {
    it: "equal",
    condition: { StringEquals: { "aws:SourceAccount": accountId } },
    context: { "aws:sourceaccount": accountId },
    holds: true,
  },
  {
    it: "one of several",
    condition: { StringEquals: { "aws:SourceAccount": ["1", accountId] } },
    context: { "aws:sourceaccount": accountId },
    holds: true,
  },
  {
    it: "unequal",
    condition: { StringEquals: { "aws:SourceAccount": "1" } },
    context: { "aws:sourceaccount": accountId },
    holds: false,
  },
  { it: "a missing key", condition: { StringEquals: { "aws:SourceAccount": "1" } }, context: {}, holds: false },
  {
    it: "a missing key with IfExists",
    condition: { StringEqualsIfExists: { "aws:SourceAccount": "1" } },
    context: {},
    holds: true,
  },
  { it: "a missing key in a negation", condition: { StringNotEquals: { "aws:SourceAccount": "1" } }, context: {}, holds: true },
  {
    it: "none of several",
    condition: { StringNotEquals: { "aws:SourceAccount": ["1", accountId] } },
    context: { "aws:sourceaccount": accountId },
    holds: false,
  },
  {
    it: "a pattern of a namespace",
    condition: { StringLike: { "cloudwatch:namespace": "Ass*" } },
    context: { "cloudwatch:namespace": "Assay" },
    holds: true,
  },
  {
    it: "StringEquals takes a star for a star",
    condition: { StringEquals: { "cloudwatch:namespace": "Ass*" } },
    context: { "cloudwatch:namespace": "Assay" },
    holds: false,
  },
  {
    it: "an ARN",
    condition: { ArnEquals: { "aws:SourceArn": arnOfRule } },
    context: { "aws:sourcearn": arnOfRule },
    holds: true,
  },
  {
    it: "an ARN pattern",
    condition: { ArnLike: { "AWS:sourcearn": "arn:aws:events:*:*:rule/cap*" } },
    context: { "aws:sourcearn": arnOfRule },
    holds: true,
  },
  {
    it: "a star that would reach over a colon",
    condition: { ArnLike: { "aws:SourceArn": "arn:*:rule/captures" } },
    context: { "aws:sourcearn": arnOfRule },
    holds: false,
  },
  { it: "TLS", condition: { Bool: { "aws:SecureTransport": false } }, context: { "aws:securetransport": "true" }, holds: false },
  {
    it: "two operators, one of which fails",
    condition: { StringEquals: { "aws:SourceAccount": accountId }, ArnLike: { "aws:SourceArn": "arn:aws:s3:::x" } },
    context: { "aws:sourceaccount": accountId, "aws:sourcearn": arnOfRule },
    holds: false,
  },
])("a condition: $it", ({ condition, context, holds }) =>
  expect(identity([{ ...allow, Condition: condition }], request({ context }))).toBe(holds ? "allow" : "none"),
);

test.each([
  {
    it: "an operator",
    statement: { ...allow, Condition: { NumericLessThan: { "aws:SourceAccount": "1" } } },
    says: "NumericLessThan",
  },
  { it: "a key", statement: { ...allow, Condition: { StringEquals: { "aws:username": "a" } } }, says: "aws:username" },
  { it: "a variable", statement: { ...allow, Resource: "arn:aws:s3:::x/${aws:username}" }, says: "${aws:username}" },
  { it: "a member", statement: { ...allow, Actions: "s3:*" }, says: "Actions" },
  { it: "a statement without an action", statement: { Effect: "Allow", Resource: "*" }, says: "Action" },
])("refuses $it that it does not evaluate, by name", ({ statement, says }) =>
  expect(() => parsePolicy({ Statement: [statement] })).toThrow(says),
);

test("wildcards match as a regular expression made of them would", () => {
  const words = fc.array(fc.constantFrom("a", "b", "*", "?", ":"), { maxLength: 8 }).map((letters) => letters.join(""));
  fc.assert(
    fc.property(words, words, (pattern, text) => {
      const expected = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(text);
      expect(matchesWildcards(pattern, text)).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
});
