import type { Assay } from "../shared/config/assay.ts";

/** Loads what rules of the kind `regex` are matched with, where assay.yml has any: without, no cold start waits for it. */
export async function loadRegexEngine({ defaults, endpoints }: Assay): Promise<void> {
  const rules = [defaults, ...Object.values(endpoints)].flatMap(({ scorers }) => Object.values(scorers.rules));
  if (rules.some((rule) => "regex" in rule)) await import("../shared/scoring/regexEngine.ts");
}
