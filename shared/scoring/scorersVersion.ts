import { createHash } from "node:crypto";
import type { ScorerSettings } from "../config/assay.ts";

/**
 * To be raised with every change of which scorers there are or of what one says of the same answer: a test holds them to this number.
 * Not worked out from the registry, since whoever compares versions would load every scorer.
 */
export const scorersRevision = 2;

/**
 * Names everything that a score depends on: 16 hexadecimal digits. Scores of different versions are not compared. Of a plug-in it
 * knows the module's name only.
 */
export function scorersVersion({ off, rules, plugIns }: ScorerSettings): string {
  const byName = (a: [string, unknown], b: [string, unknown]) => (a[0] < b[0] ? -1 : 1);
  const said = [scorersRevision, off.toSorted(), Object.entries(rules).sort(byName), Object.entries(plugIns).sort(byName)];
  return createHash("sha256").update(JSON.stringify(said)).digest("hex").slice(0, 16);
}
