import type { Configurations } from "../../../shared/remediation/situation.ts";

/** A configuration from before the trouble, with another model of the candidate. */
export const deployedBefore: Configurations = {
  sinceMs: Date.parse("2026-03-02T07:50:00Z"),
  provenAtMs: null,
  variants: [
    { name: "stable", model: "m1", instanceType: "ml.g5.xlarge" },
    { name: "candidate", model: "m2", instanceType: "ml.g5.xlarge" },
  ],
  lastGood: {
    name: "config-1",
    sinceMs: 0,
    goodAtMs: Date.parse("2026-03-02T07:45:00Z"),
    variants: [
      { name: "stable", model: "m1", instanceType: "ml.g5.xlarge" },
      { name: "candidate", model: "m1", instanceType: "ml.g5.xlarge" },
    ],
    components: {},
    capturesAlike: true,
  },
};
