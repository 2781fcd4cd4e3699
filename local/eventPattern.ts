/** A pattern that EventBridge would refuse, or that asks for a filter which is not evaluated here. */
export class InvalidEventPattern extends Error {
  override readonly name = "InvalidEventPattern";
}

type Json = Record<string, unknown>;
export type EventPattern = (event: Json) => boolean;
/** `undefined`: the event has no such field. */
type Test = (value: unknown) => boolean;

/**
 * Compiles an event pattern: each named field must equal one of the listed values or pass one of the listed filters
 * (`prefix`, `suffix`, `wildcard`, `equals-ignore-case`, `anything-but`, `exists`, `numeric`); a field that is a list passes if one element does.
 * @throws InvalidEventPattern naming the field and what is not understood
 * Source: EventBridge user guide, "Comparison operators"
 */
export function compilePattern(text: string): EventPattern {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch (error) {
    throw new InvalidEventPattern("Event pattern is not valid. Reason: it is not JSON.", { cause: error });
  }
  return compileObject(pattern, "");
}

function compileObject(pattern: unknown, path: string): EventPattern {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) throw invalid(path, "must be an object or an array of values");
  const fields = Object.entries(pattern).map(([name, expected]) => {
    const here = path ? `${path}.${name}` : name;
    if (name.startsWith("$")) throw invalid(here, "is not evaluated by the embedded AWS");
    if (Array.isArray(expected)) {
      if (expected.length === 0) throw invalid(here, "must list at least one value");
      const tests = expected.map((value) => compileTest(value, here));
      return (event: Json) => tests.some((test) => passes(test, event[name]));
    }
    const inner = compileObject(expected, here);
    return (event: Json) => inner(isObject(event[name]) ? event[name] : {});
  });
  return (event) => fields.every((field) => field(event));
}

const passes = (test: Test, value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 ? value.some((element) => test(element)) : test(value);

function compileTest(expected: unknown, path: string): Test {
  if (!isObject(expected)) return (value) => value === expected;
  const [[filter, operand] = ["", null], ...more] = Object.entries(expected);
  const compile = filters[filter];
  if (!compile || more.length > 0)
    throw invalid(path, `has the filter ${JSON.stringify(Object.keys(expected))}, which is not evaluated by the embedded AWS`);
  return compile(operand, path);
}

const filters: Record<string, (operand: unknown, path: string) => Test> = {
  prefix: (operand, path) => onText(operand, path, (value, start) => value.startsWith(start)),
  suffix: (operand, path) => onText(operand, path, (value, end) => value.endsWith(end)),
  "equals-ignore-case": (operand, path) => onText(operand, path, (value, same) => value.toLowerCase() === same.toLowerCase()),
  wildcard: (operand, path) => onText(operand, path, matchesWildcard),
  exists: (operand) => (value) => (value !== undefined) === operand,
  "anything-but": (operand, path) => {
    const excluded = [operand].flat().map((value) => compileTest(value, path));
    return (value) => value !== undefined && !excluded.some((test) => test(value));
  },
  numeric: (operand, path) => {
    if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0)
      throw invalid(path, "has a numeric filter without pairs");
    const tests = Array.from({ length: operand.length / 2 }, (_, i) =>
      compileComparison(operand[2 * i], operand[2 * i + 1], path),
    );
    return (value) => typeof value === "number" && tests.every((test) => test(value));
  },
};

function compileComparison(operator: unknown, limit: unknown, path: string): (value: number) => boolean {
  if (typeof limit !== "number") throw invalid(path, "has a numeric filter whose limit is no number");
  switch (operator) {
    case "=":
      return (value) => value === limit;
    case "<":
      return (value) => value < limit;
    case "<=":
      return (value) => value <= limit;
    case ">":
      return (value) => value > limit;
    case ">=":
      return (value) => value >= limit;
    default:
      throw invalid(path, `has the numeric operator ${JSON.stringify(operator)}, which EventBridge does not know`);
  }
}

function onText(operand: unknown, path: string, holds: (value: string, operand: string) => boolean): Test {
  if (typeof operand !== "string") throw invalid(path, "has a text filter whose operand is no text");
  return (value) => typeof value === "string" && holds(value, operand);
}

/** `*` is any run of characters; greedy pieces in order decide it without backtracking over the whole. */
function matchesWildcard(value: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return value === pattern;
  if (!value.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = value.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return value.length - last.length >= at && value.endsWith(last);
}

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const invalid = (path: string, what: string) =>
  new InvalidEventPattern(`Event pattern is not valid. Reason: ${path || "the pattern"} ${what}.`);
