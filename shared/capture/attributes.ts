import { jsonValue } from "./text.ts";

/** What callers said about a request, by name. */
export type Attributes = Record<string, unknown>;

/**
 * The CustomAttributes of a request as one object: `{"segment":"billing"}` gives its members, `segment=billing;tier=gold` (split at
 * `,`, `;` and `&`) gives `segment` and `tier` as text, whatever else is skipped. Where a name comes twice the later one holds.
 */
export function attributesOf(captured: readonly string[]): Attributes {
  return Object.fromEntries(captured.flatMap(entriesOf));
}

function entriesOf(text: string): [string, unknown][] {
  const json = jsonValue(text);
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return Object.entries(json);
  if (json !== undefined) return [];
  return text.split(/[,;&]/).flatMap((pair): [string, unknown][] => {
    const equals = pair.indexOf("=");
    return equals === -1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]];
  });
}

/** The answer that a caller knows to be good and sent along as `reference`. */
export function referenceIn({ reference }: Attributes): string | null {
  return typeof reference === "string" && reference !== "" ? reference : null;
}

/**
 * How long an answer took, in milliseconds, where its captured attributes say so.
 * @param name of the attribute; `null`: none says so
 */
export function latencyOf({ attributes }: { attributes: readonly string[] }, name: string | null): number | undefined {
  if (name === null || attributes.length === 0) return undefined;
  const all = attributesOf(attributes);
  const told = Object.hasOwn(all, name) ? all[name] : undefined;
  const ms = typeof told === "string" && told.trim() !== "" ? Number(told) : told;
  return typeof ms === "number" && ms >= 0 && ms < Infinity ? ms : undefined;
}

/** That of an inference. */
export function referenceOf({ attributes }: { attributes: readonly string[] }): string | null {
  return attributes.length === 0 ? null : referenceIn(attributesOf(attributes));
}
