import { expect, test } from "@jest/globals";
import { compilePattern } from "../../local/eventPattern.ts";

const event = {
  source: "aws.s3",
  "detail-type": "Object Created",
  resources: ["arn:aws:s3:::captures"],
  detail: { bucket: { name: "captures" }, object: { key: "prod/chat/a.jsonl", size: 1024 }, version: null },
};

test.each([
  { pattern: { source: ["aws.s3"] }, matches: true },
  { pattern: { source: ["aws.ec2", "aws.s3"] }, matches: true },
  { pattern: { source: ["aws"] }, matches: false },
  { pattern: { source: ["aws.s3"], "detail-type": ["Object Deleted"] }, matches: false },
  { pattern: { resources: ["arn:aws:s3:::captures"] }, matches: true },
  { pattern: { detail: { bucket: { name: ["captures"] } } }, matches: true },
  { pattern: { detail: { object: { key: [{ prefix: "prod/" }] } } }, matches: true },
  { pattern: { detail: { object: { key: [{ suffix: ".jsonl" }] } } }, matches: true },
  { pattern: { detail: { object: { key: [{ suffix: ".json" }, { prefix: "prod" }] } } }, matches: true },
  { pattern: { detail: { object: { key: [{ wildcard: "prod/*.jsonl" }] } } }, matches: true },
  { pattern: { detail: { object: { key: [{ wildcard: "prod/*/*/*.jsonl" }] } } }, matches: false },
  { pattern: { detail: { object: { key: [{ wildcard: "*a.jsonl*" }] } } }, matches: true },
  { pattern: { detail: { object: { key: [{ wildcard: "prod/chat/a.jsonl" }] } } }, matches: true },
  { pattern: { detail: { object: { key: [{ "equals-ignore-case": "PROD/chat/a.jsonl" }] } } }, matches: true },
  { pattern: { detail: { object: { key: [{ "anything-but": ["x", "y"] }] } } }, matches: true },
  { pattern: { detail: { object: { key: [{ "anything-but": { prefix: "prod/" } }] } } }, matches: false },
  { pattern: { detail: { object: { missing: [{ "anything-but": "x" }] } } }, matches: false },
  { pattern: { detail: { object: { missing: [{ exists: false }] } } }, matches: true },
  { pattern: { detail: { object: { key: [{ exists: false }] } } }, matches: false },
  { pattern: { detail: { none: { deeper: [{ exists: true }] } } }, matches: false },
  { pattern: { detail: { version: [null] } }, matches: true },
  { pattern: { detail: { object: { size: [{ numeric: [">", 1000, "<=", 1024] }] } } }, matches: true },
  { pattern: { detail: { object: { size: [{ numeric: [">", 1024] }] } } }, matches: false },
  { pattern: { detail: { object: { size: ["1024"] } } }, matches: false },
])("$pattern: $matches", ({ pattern, matches }) => expect(compilePattern(JSON.stringify(pattern))(event)).toBe(matches));

test.each([
  { it: "no JSON", text: "{", says: "not JSON" },
  { it: "an empty pattern", text: "{}", says: "must be an object" },
  { it: "a bare value", text: '{"source":"aws.s3"}', says: "source" },
  { it: "an empty list", text: '{"source":[]}', says: "source" },
  { it: "an unknown filter", text: '{"detail":{"ip":[{"cidr":"10.0.0.0/24"}]}}', says: 'detail.ip has the filter ["cidr"]' },
  { it: "$or", text: '{"$or":[{"source":["a"]}]}', says: "$or" },
])("refuses $it, naming it", ({ text, says }) => expect(() => compilePattern(text)).toThrow(says));
