import { JMESPathTypeError, search } from "@aws-lambda-powertools/jmespath";
import { jsonValue } from "./text.ts";

/** What callers said about a request, by name. */
export type Attributes = Record<string, unknown>;

type SearchedData = Parameters<typeof search>[1];

/** Longer names of segments are cut: every segment is a key in summaries and reports. */
const longestSegment = 100;

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

/**
 * The segment that `expression` (JMESPath, checked when assay.yml was read) finds: text, a number or a boolean. Whatever else it
 * finds, or nothing, is segment `all`, as without an expression.
 * @throws JMESPathError where the expression itself is wrong: that is the configuration's error, not the record's
 */
export function segmentOf(expression: string | null, searched: { attributes: Attributes; request: unknown }): string {
  if (expression === null) return "all";
  const found = find(expression, { attributes: searched.attributes, request: searched.request ?? null });
  if (typeof found === "number" || typeof found === "boolean") return String(found);
  return typeof found === "string" && found !== "" ? found.slice(0, longestSegment).toWellFormed() : "all";
}

function find(expression: string, data: object): unknown {
  try {
    return search(expression, data as SearchedData); // parsed JSON on both sides, which is what it wants
  } catch (error) {
    // A function met data of a kind it does not take, or data nested deeper than the stack: this record has no segment.
    if (error instanceof JMESPathTypeError || error instanceof RangeError) return null;
    throw error;
  }
}

/** Turns of one conversation are not independent; callers may name it `conversation`, `conversationId` or `sessionId`. */
export function conversationOf({ conversation, conversationId, sessionId }: Attributes): string | null {
  const named = conversation ?? conversationId ?? sessionId;
  return typeof named === "string" && named !== "" ? named : null;
}
