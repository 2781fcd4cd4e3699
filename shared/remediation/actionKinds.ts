/** What can be done to an endpoint; what each does, its file in actions/ says. */
export const actionKinds = ["shift_traffic", "scale_out", "scale_back", "swap_model", "copies", "component_model"] as const;
export type ActionKind = (typeof actionKinds)[number];
