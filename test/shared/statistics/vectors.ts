import { readFileSync } from "node:fs";
import { expect } from "@jest/globals";

export type Case<In, Out> = { name: string; input: In; expected: Out };

/** The reference cases of one formula, from test/vectors. */
export function casesOf<In, Out>(formula: string): Case<In, Out>[] {
  return JSON.parse(readFileSync(new URL(`../../vectors/${formula}.json`, import.meta.url), "utf8")).cases;
}

/** Numbers agree to 1e-9, relative or absolute, whichever is larger; everything else is equal. */
export function expectClose(actual: unknown, expected: unknown, path = "result"): void {
  if (typeof expected === "number") {
    const allowed = 1e-9 * Math.max(1, Math.abs(expected));
    const off = typeof actual === "number" ? Math.abs(actual - expected) : Number.NaN;
    // As a sentence, because a failing vector must say where.
    expect(off <= allowed ? `${path} agrees` : `${path} is ${actual}, not ${expected}`).toBe(`${path} agrees`);
  } else if (typeof expected === "object" && expected !== null) {
    if (Array.isArray(expected)) expect(Array.isArray(actual) ? actual.length : actual).toBe(expected.length);
    for (const [key, value] of Object.entries(expected)) {
      expectClose((actual as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else {
    expect({ [path]: actual }).toEqual({ [path]: expected });
  }
}
