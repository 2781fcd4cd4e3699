import type { ActionKind } from "../situation.ts";
import type { Action } from "./action.ts";
import { scaleOut } from "./scaleOut.ts";
import { shiftTraffic } from "./shiftTraffic.ts";

/** Every action there is. A new one is one file and one line here; which cause calls for it, policy.ts says. */
export const actions: Record<ActionKind, Action> = {
  shift_traffic: shiftTraffic,
  scale_out: scaleOut,
};
