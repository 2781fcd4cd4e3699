import type { Remediation } from "../../config/assay.ts";
import type { Act } from "../decision.ts";
import type { EndpointState, Situation, Trouble, VariantState } from "../situation.ts";

/** What an action is made of. */
export type Need = {
  trouble: Trouble;
  /** The variant that the trouble is with; where it is with all, the one that most users meet. */
  variant: VariantState;
  endpoint: EndpointState;
  situation: Situation;
  limits: Remediation;
  nowMs: number;
};

/** Why an action cannot be taken. */
export type Objection = { kind: "objection"; because: string };

export const objection = (because: string): Objection => ({ kind: "objection", because });

/** A decision before the others were weighed against it. */
export type Proposed<A extends Act> = A extends Act ? Omit<A, "rejected" | "decidedOn"> : never;

/** One way to act on an endpoint: the change, its verification and its way back, or why there is none. */
export type Action = (need: Need) => Proposed<Act> | Objection;
