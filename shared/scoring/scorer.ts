import type { Inference } from "../capture/inference.ts";
import type { Text } from "./text.ts";

/** One answered inference, its texts read once for all scorers. */
export type Subject = {
  inference: Inference;
  prompt: Text;
  completion: Text;
  /** The decoded body of the request, where what was asked for may stand apart from the words: a JSON schema, for one. */
  request: unknown;
  /** An answer known to be good, where there is one. */
  reference: Text | null;
};

/** Cheap and deterministic: it runs on every answer. */
export type Scorer = {
  name: string;
  /** In [0, 1], 1 is good. */
  unit: "score";
  /** `null`: nothing to say about this answer, which is not a zero. Only ever asked about `answered` inferences. */
  score(subject: Subject): number | null;
};
