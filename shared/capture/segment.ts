import type { Segmenting } from "../config/assay.ts";
import { languageOf } from "../scoring/language.ts";
import { Text } from "../scoring/text.ts";
import type { Attributes } from "./attributes.ts";
import { find } from "./find.ts";
import { promptCluster } from "./promptCluster.ts";

/** What of a record JMESPath expressions search. A request that was not captured is `undefined`. */
export type Searched = { attributes: Attributes; request: unknown };

/** Longer names are cut: every segment is a key in summaries and reports. */
const longestName = 100;
/** What is called by no name that has a place of its own. */
export const otherSegment = "other";

/**
 * The segment of an inference: what an expression (checked when assay.yml was read) finds, if it is text, a number or a boolean; or the
 * language of its last question, as ISO 639-1 has it; or the cluster of that question, `cluster 1` and so on; or the model that the response names. `all` where that says
 * nothing, and without any of these. Where assay.yml lists the names, every other one is `other`.
 * @throws JMESPathError where the expression itself is wrong: that is the configuration's error, not the record's
 */
export function segmentOf(by: Segmenting | null, searched: Searched, prompt: string, model: string | null): string {
  if (by === null) return "all";
  if (typeof by === "string") return named(by, searched) ?? "all";
  switch (by.by) {
    case "name": {
      const name = named(by.of, searched) ?? "all";
      return name === "all" || by.names.includes(name) ? name : otherSegment;
    }
    case "model":
      return model === null || model === "" ? "all" : cut(model);
    case "language":
      return languageOf(new Text(prompt)) ?? "all";
    case "cluster": {
      const cluster = promptCluster(prompt, by.clusters);
      return cluster === null ? "all" : `cluster ${cluster}`;
    }
  }
}

/**
 * Turns of one conversation are not independent. Callers may name it `conversation`, `conversationId` or `sessionId`, or anything that
 * an expression finds.
 * @throws JMESPathError as `segmentOf`
 */
export function conversationOf(by: string | null, searched: Searched): string | null {
  if (by !== null) return named(by, searched);
  const { conversation, conversationId, sessionId } = searched.attributes;
  const name = conversation ?? conversationId ?? sessionId;
  return typeof name === "string" && name !== "" ? name : null;
}

function named(expression: string, { attributes, request }: Searched): string | null {
  const found = find(expression, { attributes, request: request ?? null });
  if (typeof found === "number" || typeof found === "boolean") return String(found);
  return typeof found === "string" && found !== "" ? cut(found) : null;
}

/** Names reach terminals, logs and pages, and callers may choose them: what would steer a terminal is a space. */
const cut = (name: string) =>
  name
    .slice(0, longestName)
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, " ")
    .toWellFormed();
