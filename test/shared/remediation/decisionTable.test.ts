import { expect, test } from "@jest/globals";
import type { Cause } from "../../../shared/monitoring/finding.ts";
import { decide } from "../../../shared/remediation/policy.ts";
import type { Situation } from "../../../shared/remediation/situation.ts";
import { deployedBefore } from "./configurations.ts";
import { auto, calm, candidate, fine, nowMs, on, stable, withVariants, worse } from "./situations.ts";

const causes: Cause[] = ["model", "model_everywhere", "capacity", "judge", "traffic", "capture", "baseline", "undecided"];
const flags = [true, false];
/** Every combination of what was found, and what there is to act with. `slow`: for two hours. */
const combinations = causes.flatMap((cause) =>
  flags.flatMap((slow) => flags.flatMap((other) => flags.map((former) => ({ cause, slow, other, former })))),
);
type Combination = (typeof combinations)[number];

/** The table, in the order in which it is read; `slow`, `other` and `former` where they matter. */
const table: (Partial<Combination> & { decides: string })[] = [
  { cause: "judge", decides: "hold, person" },
  { cause: "traffic", decides: "hold, person" },
  { cause: "capture", decides: "hold, person" },
  { cause: "baseline", decides: "hold, person" },
  { cause: "undecided", decides: "hold, later" },
  { cause: "model", slow: true, decides: "scale_out" },
  { cause: "model", slow: false, other: true, decides: "shift_traffic" },
  { cause: "model", slow: false, other: false, former: true, decides: "swap_model" },
  { cause: "model", slow: false, other: false, former: false, decides: "hold, person" },
  { cause: "model_everywhere", former: true, decides: "swap_model" },
  { cause: "model_everywhere", former: false, decides: "hold, person" },
  { cause: "capacity", slow: true, decides: "scale_out" },
  // It was slow, and its answers are worse still.
  { cause: "capacity", slow: false, other: true, decides: "shift_traffic" },
  { cause: "capacity", slow: false, other: false, former: true, decides: "swap_model" },
  { cause: "capacity", slow: false, other: false, former: false, decides: "hold, person" },
];

function decided({ cause, slow, other, former }: Combination): string {
  const variant = cause === "model" || cause === "capacity" ? "candidate" : null;
  const situation: Situation = {
    ...calm,
    endpoint: withVariants(stable, candidate),
    alarms: [...(other ? fine("stable") : on("stable", "errors")), ...(slow ? on("candidate", "latency") : fine("candidate"))],
    worse: new Set(["candidate"]),
    configurations: former ? deployedBefore : calm.configurations,
  };
  const decision = decide({ ...worse, cause, variant }, situation, auto, nowMs);
  return decision.kind === "hold" ? `hold, ${decision.until}` : decision.kind;
}

const rowsOf = (combination: Combination) =>
  table.filter(({ decides: _, ...row }) =>
    Object.entries(row).every(([name, value]) => combination[name as keyof Combination] === value),
  );

test.each(combinations)(
  "$cause, slow: $slow, a safe other variant: $other, a former good configuration: $former",
  (combination) => {
    const rows = rowsOf(combination);
    expect(rows).toHaveLength(1);
    expect(decided(combination)).toBe(rows[0]!.decides);
  },
);
