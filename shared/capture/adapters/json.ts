/**
 * Bodies are narrowed by hand, key by key: a schema would walk all of every body once per family, where a look at one key tells them
 * apart. What a good answer can do without never costs us the answer: in a form we do not know, it is `null`, which is "not said".
 */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object; one without members where it is none. */
export function objectIn(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function textIn(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export function countIn(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}

export function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
