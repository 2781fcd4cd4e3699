import { expect, test } from "@jest/globals";
import { parseRule } from "../../../local/cloudwatch/compositeRule.ts";
import { alarmArn } from "./cloudWatch.ts";

const states = { a: "ALARM", b: "OK", c: "INSUFFICIENT_DATA", "with space": "ALARM" } as const;
const parse = (text: string) => parseRule(text, alarmArn(""));
const holds = (text: string) => parse(text).holds((name) => states[name as keyof typeof states]);

test.each([
  { rule: "ALARM(a)", is: true },
  { rule: "ALARM(b)", is: false },
  { rule: "ALARM(c)", is: false },
  { rule: 'ALARM("with space")', is: true },
  { rule: `ALARM("${alarmArn("a")}") AND OK(${alarmArn("b")})`, is: true },
  { rule: "INSUFFICIENT_DATA(c)", is: true },
  { rule: "ALARM(b) AND ALARM(b) OR ALARM(a)", is: true },
  { rule: "ALARM(b) AND (ALARM(b) OR ALARM(a))", is: false },
  { rule: "NOT ALARM(b) AND ALARM(a)", is: true },
  { rule: "NOT (ALARM(b) OR ALARM(a))", is: false },
  { rule: "FALSE OR TRUE", is: true },
  { rule: "AT_LEAST(2, ALARM, (a, b, c))", is: false },
  { rule: "AT_LEAST(2, NOT ALARM, (a, b, c))", is: true },
  { rule: "AT_LEAST(50%, OK, (a, b))", is: true },
  { rule: "AT_LEAST(60%, OK, (a, b))", is: false },
])("$rule is $is", ({ rule, is }) => expect(holds(rule)).toBe(is));

test("knows its children", () => expect(parse(`ALARM(b) AND (OK("a") OR ALARM(${alarmArn("b")}))`).children).toEqual(["b", "a"]));

test.each([
  { rule: "ALARM(a) AND", says: "ends where a condition is expected" },
  { rule: "ALARM(a) ALARM(b)", says: '"ALARM" is not expected' },
  { rule: "FIRING(a)", says: '"FIRING" is no condition' },
  { rule: "ALARM(a", says: 'expected ")"' },
  { rule: "ALARM()", says: "name or ARN" },
  { rule: 'ALARM("a)', says: "character" },
  { rule: "ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:a)", says: "no alarm of this account and region" },
  { rule: "AT_LEAST(many, ALARM, (a))", says: "begins with a number" },
])("refuses $rule", ({ rule, says }) =>
  expect(() => parse(rule)).toThrow(expect.objectContaining({ code: "ValidationError", message: expect.stringContaining(says) })),
);
