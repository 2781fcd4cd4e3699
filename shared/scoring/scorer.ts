import type { Inference } from "../capture/inference.ts";

/** Cheap and deterministic: it runs on every answer. */
export type Scorer = {
  name: string;
  /** In [0, 1], 1 is good. */
  unit: "score";
  /** `null`: nothing to say about this answer, which is not a zero. Only ever asked about `answered` inferences. */
  score(inference: Inference): number | null;
};
