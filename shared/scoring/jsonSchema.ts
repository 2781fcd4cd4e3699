import { type Schema, validate } from "@cfworker/json-schema";

/** Far above what the answer to any honest schema needs, and done in some milliseconds. */
const mostSteps = 20_000;
class TooMuchWork extends Error {}

/**
 * Whether a value satisfies a JSON schema (draft 2020-12), by an interpreter: the schema came with a captured request, so it is never
 * compiled into code. Hostile schemas have no power over us: `pattern` and `format` are not looked at (somebody else's regular
 * expressions), nor is `uniqueItems` (its work is the square of the list's length), and the steps are limited.
 * @returns `null` where it cannot be told: the schema is none, refers to what is not there, wants patterns of names, or takes too many steps
 */
export function satisfies(value: unknown, schema: unknown): boolean | null {
  if (typeof schema === "boolean") return schema;
  if (typeof schema !== "object" || schema === null) return null;
  let steps = 0;
  try {
    const counted = tamed(schema, () => {
      if (++steps > mostSteps) throw new TooMuchWork();
    });
    return validate(value, counted as Schema, "2020-12").valid;
  } catch {
    return null; // the validator throws for what no answer can change, such as a reference to nowhere; so do we for too much work
  }
}

const unread = new Set(["pattern", "format", "uniqueItems", "$recursiveRef"]);

/** A copy that says when it is used: the validator reads `$recursiveRef` of a schema each time it comes by. */
function tamed(schema: object, step: () => void): object {
  if (Array.isArray(schema)) return schema.map((one) => tame(one, step));
  if (Object.hasOwn(schema, "patternProperties")) throw new RangeError("names of properties by patterns are not read");
  const copy = Object.fromEntries(
    Object.entries(schema).flatMap(([key, one]) => (unread.has(key) && typeof one !== "object" ? [] : [[key, tame(one, step)]])),
  );
  return Object.defineProperty(copy, "$recursiveRef", { get: step, enumerable: false });
}

function tame(value: unknown, step: () => void): unknown {
  return typeof value === "object" && value !== null ? tamed(value, step) : value;
}
