import type { Adapter, Exchange } from "./adapter.ts";
import { isObject } from "./json.ts";

type Objection = { adapter: string; nearness: number; says: string };

/**
 * What the family that comes nearest to bodies that nobody reads has against them, as the end of a sentence: paths and types, never a
 * word of what was captured. `null` where none comes near. Costs a schema per side and adapter, so ask only about what is quarantined.
 */
export function nearestObjection(adapters: readonly Adapter[], exchange: Exchange): string | null {
  const objections = adapters.flatMap((adapter) => objectionOf(adapter, exchange) ?? []);
  const nearest = objections.reduce<Objection | null>((best, it) => (it.nearness > (best?.nearness ?? 0) ? it : best), null);
  return nearest && `nearest is ${nearest.adapter}, which objects to ${nearest.says}`;
}

/** `null` for an adapter that does not say what it expects, and where each side alone is as it expects. */
function objectionOf({ name, expects }: Adapter, exchange: Exchange): Objection | null {
  if (expects === undefined) return null;
  const schemas = expects();
  let nearness = 0;
  const against: string[] = [];
  for (const side of ["request", "response"] as const) {
    const body = exchange[side];
    if (body === undefined) continue;
    const parsed = schemas[side].safeParse(clipped(body));
    if (parsed.success) {
      nearness += 2;
      continue;
    }
    const { path, message } = parsed.error.issues[0]!; // a failed parse has an issue
    // Something of the family is there, and is not as it should be.
    if (path.length > 0 && isIn(body, path[0]!)) nearness += 1;
    against.push(`the ${side} (${path.length === 0 ? "as a whole" : path.join(".")}: ${message})`);
  }
  return against.length === 0 ? null : { adapter: name, nearness, says: against.join(" and ") };
}

/** Enough of lists to object to: of endless ones every item would have an issue, and the parser's stack has an end. */
function clipped(body: unknown, depth = 3): unknown {
  if (depth === 0) return body;
  if (Array.isArray(body)) return body.slice(0, mostItems).map((item) => clipped(item, depth - 1));
  if (!isObject(body)) return body;
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, clipped(value, depth - 1)]));
}

const mostItems = 20;

function isIn(body: unknown, key: PropertyKey): boolean {
  return typeof body === "object" && body !== null && Object.hasOwn(body, key);
}
