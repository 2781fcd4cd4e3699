import { AwsError } from "../world.ts";

/** A metric math expression, ready to be computed at one point of time. */
export type Formula = {
  /** The ids that it reads. */
  names: ReadonlySet<string>;
  /** `null`: there is no point. One exists only where all that the result needs exists and is finite. */
  at(read: (name: string) => number | null, atMs: number): number | null;
};
type Term = Formula["at"];

const token = /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z][A-Za-z0-9_]*)|(<=|>=|==|!=|[-+*/()<>,]))/y;

const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
};

const precedence: readonly (readonly string[])[] = [
  ["==", "!=", "<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/"],
];

/** How many arguments a function takes, and what it makes of them. */
const functions: Readonly<Record<string, { least: number; most: number; of(args: readonly Term[]): Term }>> = {
  // The branch that is not chosen may have no point.
  IF: {
    least: 2,
    most: 3,
    of:
      ([condition, yes, no]) =>
      (read, atMs) => {
        const chosen = condition!(read, atMs);
        if (chosen === null) return null;
        return chosen !== 0 ? yes!(read, atMs) : (no?.(read, atMs) ?? null);
      },
  },
  FILL: {
    least: 2,
    most: 2,
    of:
      ([series, filler]) =>
      (read, atMs) =>
        series!(read, atMs) ?? filler!(read, atMs),
  },
  // The hour (UTC) of each point of the series.
  HOUR: {
    least: 1,
    most: 1,
    of:
      ([series]) =>
      (read, atMs) =>
        series!(read, atMs) === null ? null : new Date(atMs).getUTCHours(),
  },
};

/**
 * Numbers, ids, parentheses, `+ - * /`, comparisons (1 or 0), `IF(condition, then[, else])`, `FILL(series, filler)` and `HOUR(series)`.
 * @throws AwsError `ValidationError`, naming what is not understood or not implemented
 */
export function parseFormula(text: string): Formula {
  const names = new Set<string>();
  const tokens = tokensOf(text);
  let next = 0;
  const fail = (what: string) => new AwsError("ValidationError", `Error in expression "${text}": ${what}.`);
  const take = (expected: string) => {
    if (tokens[next] !== expected) throw fail(`expected "${expected}", got ${tokens[next] ? `"${tokens[next]}"` : "its end"}`);
    next++;
  };

  const term = expression(0);
  if (next < tokens.length) throw fail(`"${tokens[next]}" is not expected after a complete expression`);
  return { names, at: term };

  function expression(level: number): Term {
    const operators = precedence[level];
    if (!operators) return factor();
    let left = expression(level + 1);
    while (operators.includes(tokens[next] ?? "")) left = both(operations[tokens[next++]!]!, left, expression(level + 1));
    return left;
  }

  function factor(): Term {
    const first = tokens[next++];
    if (first === undefined) throw fail("it ends where a value is expected");
    if (first === "-")
      return both(
        (a, b) => a * b,
        () => -1,
        factor(),
      );
    if (first === "(") {
      const inner = expression(0);
      take(")");
      return inner;
    }
    if (/^[\d.]/.test(first)) return () => Number(first);
    if (!/^[A-Za-z]/.test(first)) throw fail(`"${first}" stands where a value is expected`);
    if (tokens[next] === "(") return call(first);
    names.add(first);
    return (read) => read(first);
  }

  function call(name: string): Term {
    const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (!known) throw fail(`the embedded AWS has no function ${name}; it has ${Object.keys(functions).join(" and ")}`);
    const args: Term[] = [];
    do {
      next++; // the parenthesis, then each comma
      args.push(expression(0));
    } while (tokens[next] === ",");
    take(")");
    if (args.length < known.least || args.length > known.most)
      throw fail(
        `${name} takes ${known.least === known.most ? known.least : `${known.least} or ${known.most}`} arguments, not ${args.length}`,
      );
    return known.of(args);
  }

  function tokensOf(source: string): string[] {
    const found: string[] = [];
    const end = source.trimEnd().length;
    token.lastIndex = 0;
    for (let at = 0; at < end; at = token.lastIndex) {
      const match = token.exec(source);
      if (!match)
        throw new AwsError("ValidationError", `Error in expression "${source}": cannot read on at character ${at + 1}.`);
      found.push(match[0].trim());
    }
    return found;
  }
}

const both =
  (operation: (a: number, b: number) => number, left: Term, right: Term): Term =>
  (read, atMs) => {
    const a = left(read, atMs);
    const b = right(read, atMs);
    if (a === null || b === null) return null;
    const result = operation(a, b);
    return Number.isFinite(result) ? result : null;
  };
