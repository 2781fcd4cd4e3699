import type { Act } from "../decision.ts";
import type { EndpointState, Situation, Trouble, VariantState } from "../situation.ts";

/** What an action is made of. */
type Need = {
  trouble: Trouble;
  /** The variant that the trouble is with. */
  variant: VariantState;
  endpoint: EndpointState;
  situation: Situation;
};

/** Why an action cannot be taken. */
export type Objection = { kind: "objection"; because: string };

export const objection = (because: string): Objection => ({ kind: "objection", because });

/** One way to act on an endpoint: the change, its verification and its way back, or why there is none. */
export type Action = (need: Need) => Act | Objection;
