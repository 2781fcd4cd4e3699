import type { ActionKind } from "../actionKinds.ts";
import type { Action } from "./action.ts";
import { componentModel } from "./componentModel.ts";
import { copies } from "./copies.ts";
import { scaleBack } from "./scaleBack.ts";
import { scaleOut } from "./scaleOut.ts";
import { shiftTraffic } from "./shiftTraffic.ts";
import { swapModel } from "./swapModel.ts";

/** Every action there is. A new one is one file and one line here and in actionKinds.ts; which cause calls for it, policy.ts says. */
export const actions: Record<ActionKind, Action> = {
  shift_traffic: shiftTraffic,
  scale_out: scaleOut,
  scale_back: scaleBack,
  swap_model: swapModel,
  copies,
  component_model: componentModel,
};
