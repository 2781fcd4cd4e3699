import { AwsError } from "../world.ts";
import type { AlarmState } from "./alarm.ts";

/** The rule of a composite alarm, ready to be asked. */
export type CompositeRule = {
  /** Names of the alarms it reads, in the order of the text. */
  children: readonly string[];
  holds(stateOf: (name: string) => AlarmState): boolean;
};
type Condition = CompositeRule["holds"];

const token = /\s*("(?:[^"\\]|\\.)*"|[(),]|[^\s"(),]+)/y;
const states: readonly string[] = ["ALARM", "OK", "INSUFFICIENT_DATA"];
const mostChildren = 100;

/**
 * `ALARM(name)`, `OK(…)`, `INSUFFICIENT_DATA(…)`, `TRUE`, `FALSE`, `AT_LEAST(M or NN%, [NOT ]STATE, (name, …))`, with `NOT`,
 * `AND`, `OR` (binding in this order) and parentheses. Names stand bare, in quotes or as ARNs.
 * @param arnPrefix of alarms of this account and region, up to the name
 * @throws AwsError `ValidationError`, saying where the rule cannot be read
 */
export function parseRule(text: string, arnPrefix: string): CompositeRule {
  const children = new Set<string>();
  const tokens = tokensOf(text);
  let next = 0;
  const condition = or();
  if (next < tokens.length) throw fail(`"${tokens[next]}" is not expected after a complete rule`);
  if (children.size > mostChildren) throw fail(`it reads ${children.size} alarms; ${mostChildren} are the most`);
  return { children: [...children], holds: condition };

  function or(): Condition {
    const all = [and()];
    while (accept("OR")) all.push(and());
    return (stateOf) => all.some((holds) => holds(stateOf));
  }

  function and(): Condition {
    const all = [not()];
    while (accept("AND")) all.push(not());
    return (stateOf) => all.every((holds) => holds(stateOf));
  }

  function not(): Condition {
    if (!accept("NOT")) return one();
    const inner = not();
    return (stateOf) => !inner(stateOf);
  }

  function one(): Condition {
    if (accept("(")) {
      const inner = or();
      take(")");
      return inner;
    }
    const word = tokens[next++];
    if (word === "TRUE" || word === "FALSE") return () => word === "TRUE";
    if (word === "AT_LEAST") return atLeast();
    if (word === undefined || !states.includes(word))
      throw fail(word ? `"${word}" is no condition` : "it ends where a condition is expected");
    take("(");
    const name = child();
    take(")");
    return (stateOf) => stateOf(name) === word;
  }

  function atLeast(): Condition {
    take("(");
    const [, amount, percent] = /^(\d+)(%?)$/.exec(tokens[next++] ?? "") ?? [];
    if (amount === undefined) throw fail("AT_LEAST begins with a number or a percentage");
    take(",");
    const wanted = !accept("NOT");
    const state = tokens[next++] ?? "";
    if (!states.includes(state)) throw fail(`"${state}" is no state`);
    take(",");
    take("(");
    const names = [child()];
    while (accept(",")) names.push(child());
    take(")");
    take(")");
    const least = percent ? (names.length * Number(amount)) / 100 : Number(amount);
    return (stateOf) => names.filter((name) => (stateOf(name) === state) === wanted).length >= least;
  }

  function child(): string {
    const word = tokens[next++];
    if (word === undefined || /^[(),]$/.test(word)) throw fail("the name or ARN of an alarm is missing");
    const reference = word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, "$1") : word;
    if (reference.startsWith("arn:") && !reference.startsWith(arnPrefix))
      throw fail(`${reference} is no alarm of this account and region`);
    const name = reference.startsWith(arnPrefix) ? reference.slice(arnPrefix.length) : reference;
    children.add(name);
    return name;
  }

  function accept(word: string): boolean {
    if (tokens[next] !== word) return false;
    next++;
    return true;
  }

  function take(word: string): void {
    if (!accept(word)) throw fail(`expected "${word}", got ${tokens[next] ? `"${tokens[next]}"` : "its end"}`);
  }

  function tokensOf(source: string): string[] {
    const found: string[] = [];
    const end = source.trimEnd().length;
    token.lastIndex = 0;
    for (let at = 0; at < end; at = token.lastIndex) {
      const match = token.exec(source);
      if (!match) throw fail(`cannot read on at character ${at + 1}`);
      found.push(match[1]!);
    }
    return found;
  }

  function fail(what: string): AwsError {
    return new AwsError("ValidationError", `AlarmRule: ${what}.`);
  }
}
