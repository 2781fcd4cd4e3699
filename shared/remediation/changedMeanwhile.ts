import type { Change } from "./decision.ts";

/** Somebody else changed what an action was about to change, after it was decided. Theirs stays. */
export class ChangedMeanwhile extends Error {
  override readonly name = "ChangedMeanwhile";

  constructor(endpoint: string, what: Change | "configuration") {
    super(
      `Somebody else changed ${what === "configuration" ? "the configuration" : whatOf(what)} of ${endpoint} after this was decided. Their change stays; look at it, and decide anew.`,
    );
  }
}

function whatOf(change: Change): string {
  switch (change.kind) {
    case "weights":
      return `the weights of ${change.weights.map(({ variant }) => variant).join(" and ")}`;
    case "instances":
    case "floor":
      return `the instances of ${change.variant}`;
    case "configuration":
      return "the configuration";
    case "copies":
    case "copies_floor":
      return `the copies of ${change.component}`;
    case "component_model":
      return `the model of ${change.component}`;
  }
}
