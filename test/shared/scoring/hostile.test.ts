import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { checkSync } from "recheck";
import { satisfies } from "../../../shared/scoring/jsonSchema.ts";
import { scorers } from "../../../shared/scoring/registry.ts";
import "../../../shared/scoring/regexEngine.ts";
import { scoreRule } from "../../../shared/scoring/rules.ts";
import { sensitive } from "../../../shared/scoring/sensitive.ts";
import { textsAsSubject } from "./labelled.ts";

// The checker's own implementation in JavaScript: without this it would start another process.
process.env.RECHECK_BACKEND = "pure";
/** Searches for attack strings for long enough to find textbook ones in every pattern of this size, and gives up after that. */
const effort = {
  attackLimit: 150_000,
  maxIteration: 6,
  crossoverSize: 12,
  mutationSize: 12,
  incubationLimit: 5_000,
  timeout: null,
};

/** Every regular expression literal in the scorers' sources. */
const literals = readdirSync(new URL("../../../shared/scoring", import.meta.url)).flatMap((file) => {
  const source = readFileSync(new URL(`../../../shared/scoring/${file}`, import.meta.url), "utf8");
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\/\/ .*/g, "");
  return [...code.matchAll(/(?<=[(=:,!]\s*|return )\/((?![*/ ])(?:\[(?:\\.|[^\]\\\n])*\]|\\.|[^/\\\n[])+)\/([dgimsuvy]*)/g)].map(
    ([, pattern, flags]) => ({ file, source: pattern!, flags: flags! }),
  );
});

test("the search for patterns finds those of the table", () => {
  const found = new Set(literals.map(({ source }) => source));
  for (const { found: pattern } of sensitive) expect(found).toContain(pattern.source);
});

test.each(literals)("$file: /$source/$flags cannot be made to backtrack exponentially", ({ source, flags }) => {
  expect(checkSync(source, flags, effort)).not.toMatchObject({ status: "vulnerable" });
});

test("the checker knows one that can", () => {
  expect(checkSync("(?:a+)+$", "", effort)).toMatchObject({ status: "vulnerable", complexity: { type: "exponential" } });
});

/** Pieces that patterns begin to match and then do not. */
const piece = fc.oneof(
  fc.constantFrom(
    "a",
    "@",
    "a@",
    "a.",
    "1",
    "1 ",
    "+1",
    "0 ",
    "(0",
    "eyJ",
    "sk-",
    "ghp_",
    "password:",
    "bearer ",
    "AKIA",
    "DE89",
    "-",
    "```",
  ),
  fc.constantFrom(
    "json ",
    "{",
    "[",
    '"',
    "ignore all ",
    "i can't ",
    "in french ",
    "f",
    "sh1t",
    "ass",
    "漢",
    "\u0301",
    "\ud83d",
    "\n",
    "|",
  ),
  fc.string({ unit: "binary", maxLength: 4 }),
);

test.each(scorers)("$name ends on hostile repetitions, with a score or none", ({ score }) => {
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 3 }), fc.constantFrom(1, 40, 3_000), (pieces, times) => {
      const text = pieces.join("").repeat(times);
      const found = score(textsAsSubject(text, text, text, { response_format: { type: "json_object" } }));
      expect(found === null || (found >= 0 && found <= 1)).toBe(true);
    }),
    { numRuns: 15 },
  );
});

test("rules of a user's own run on an engine that cannot backtrack", () => {
  const subject = textsAsSubject("", `${"a".repeat(9_000)}!`, null);
  // On a backtracking engine these 9,000 letters take longer than the universe has.
  expect(scoreRule({ regex: "(a+)+$", absent: false }, subject)).toBe(0);
});

const deep = (levels: number) => {
  const $defs: Record<string, object> = { d0: { type: "string" } };
  for (let n = 1; n <= levels; n++) $defs[`d${n}`] = { allOf: [{ $ref: `#/$defs/d${n - 1}` }, { $ref: `#/$defs/d${n - 1}` }] };
  return { $defs, $ref: `#/$defs/d${levels}` };
};
test.each([
  { it: "a schema whose work doubles with every level", schema: deep(40), value: "x", fits: null },
  { it: "the same with few levels, which is honest", schema: deep(4), value: "x", fits: true },
  { it: "a schema that refers to itself", schema: { $ref: "#" }, value: 1, fits: null },
  { it: "a schema that refers to nowhere", schema: { $ref: "#/$defs/none" }, value: 1, fits: null },
  {
    it: "somebody else's regular expression, which is not looked at",
    schema: { type: "string", pattern: "(a+)+$" },
    value: "aaa!",
    fits: true,
  },
  { it: "names by patterns, which cannot be told", schema: { patternProperties: { "(a+)+$": false } }, value: {}, fits: null },
  {
    it: "a property that is called pattern",
    schema: { properties: { pattern: { type: "number" } } },
    value: { pattern: "x" },
    fits: false,
  },
  {
    it: "what it should have",
    schema: { type: "object", required: ["a"], properties: { a: { type: "integer" } } },
    value: { a: 1 },
    fits: true,
  },
  { it: "what it lacks", schema: { type: "object", required: ["a"] }, value: {}, fits: false },
  {
    it: "more than it should have",
    schema: { properties: { a: {} }, additionalProperties: false },
    value: { a: 1, b: 2 },
    fits: false,
  },
  {
    it: "a tree that is as deep as its answer",
    schema: { type: "object", properties: { next: { $ref: "#" } } },
    value: { next: { next: {} } },
    fits: true,
  },
  { it: "no schema", schema: "json", value: {}, fits: null },
])("a schema from a request: $it", ({ schema, value, fits }) => expect(satisfies(value, schema)).toBe(fits));
