import { languageOf } from "../scoring/language.ts";
import { Text } from "../scoring/text.ts";
import { promptCluster } from "./promptCluster.ts";

/** What is counted of a question besides its segment; `null` where it cannot be told. */
export type QuestionTraits = {
  /** ISO 639-1. */
  language: string | null;
  /** One of eight. */
  cluster: string | null;
};

/** Each has a bin of its own, and one is left for none of them. */
const clusters = 8;
/** What it is asked in and about shows long before. */
const longestText = 4_000;

/** The language of a question and the cluster of questions like it, however its endpoint names segments. */
export function questionTraits(prompt: string): QuestionTraits {
  const cluster = promptCluster(prompt, clusters);
  return { language: languageOf(new Text(prompt.slice(0, longestText))), cluster: cluster === null ? null : String(cluster) };
}
