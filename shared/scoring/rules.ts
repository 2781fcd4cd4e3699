import { find } from "../capture/find.ts";
import type { Rule } from "../config/assay.ts";
import type { Subject } from "./scorer.ts";

/** RE2 needs a time that grows with the text; ten thousand characters of it are some milliseconds at worst. */
const readCharacters = 10_000;

/**
 * What a rule of assay.yml says of an answer.
 *
 * `regex`: 1 where the expression (RE2's syntax, linear in the text) is found in its first 10,000 characters, else 0. `contains`: 1 where one of the texts is in it,
 * whatever their case, else 0. `jmespath` over `{ prompt, completion, answer, request, attributes }`, where `answer` is the answer as JSON: true is 1,
 * false 0, a number in [0, 1] itself; whatever else it finds, or nothing, is `null`. `absent: true` turns 1 into 0 and back.
 * Cost: linear; `contains` is cheapest. Cannot see: more than its author wrote down.
 */
export function scoreRule(rule: Rule, subject: Subject): number | null {
  const found =
    "jmespath" in rule ? searched(rule.jmespath, subject) : subject.completion.isBlank ? null : isIn(rule, subject) ? 1 : 0;
  return found !== null && rule.absent ? 1 - found : found;
}

/** What finds regular expressions in linear time. See regexEngine.ts. */
type RegexEngine = { compile(expression: string): Regex };
type Regex = { matcher(text: string): { find(): boolean } };
let engine: RegexEngine | null = null;

export function provideRegexEngine(given: RegexEngine): void {
  engine = given;
}

const compiled = new Map<string, Regex>();

function isIn(rule: Exclude<Rule, { jmespath: string }>, { completion }: Subject): boolean {
  if ("contains" in rule) return rule.contains.some((text) => completion.lower.includes(text.toLowerCase()));
  // There are as many expressions as rules in assay.yml.
  const regex = compiled.get(rule.regex) ?? compile(rule.regex);
  compiled.set(rule.regex, regex);
  return regex.matcher(completion.raw.slice(0, readCharacters)).find();
}

function compile(expression: string): Regex {
  if (engine === null) throw new Error("There is no engine for regular expressions. Import shared/scoring/regexEngine.ts.");
  return engine.compile(expression);
}

function searched(expression: string, { inference, request }: Subject): number | null {
  const { prompt, completion, attributes } = inference;
  const data = { prompt, completion, answer: jsonOrNull(completion), request: request ?? null, attributes };
  const found = find(expression, data);
  if (typeof found === "boolean") return found ? 1 : 0;
  return typeof found === "number" && found >= 0 && found <= 1 ? found : null;
}

function jsonOrNull(text: string): unknown {
  const begins = text.trimStart()[0];
  if (begins !== "{" && begins !== "[") return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
