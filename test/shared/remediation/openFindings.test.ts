import { expect, test } from "@jest/globals";
import type { MonitorFinding } from "../../../shared/monitoring/finding.ts";
import { worseVariants } from "../../../shared/remediation/openFindings.ts";
import { worse } from "./situations.ts";

const both = ["judged/stable/quality", "judged/candidate/quality"];
test.each<{ it: string; finding: Partial<MonitorFinding>; variants: string[] }>([
  { it: "a variant that fell", finding: {}, variants: ["candidate"] },
  {
    it: "every variant whose own rule alarmed, where all are worse",
    finding: { cause: "model_everywhere", variant: null, rules: both },
    variants: ["stable", "candidate"],
  },
  {
    it: "not those whose rule has not",
    finding: { cause: "model_everywhere", variant: null, rules: ["judged/stable/quality"] },
    variants: ["stable"],
  },
  { it: "nobody who rose", finding: { size: 0.1 }, variants: [] },
  { it: "nobody when the finding is closed", finding: { status: "closed" }, variants: [] },
  { it: "nobody when the judge moved", finding: { cause: "judge", rules: ["judge/quality"] }, variants: [] },
  { it: "nobody when the questions changed", finding: { cause: "traffic", rules: ["input-mix", ...both] }, variants: [] },
  { it: "nobody while it is undecided", finding: { cause: "undecided" }, variants: [] },
])("worse is $it", ({ finding, variants }) => {
  expect([...worseVariants([{ ...worse, ...finding }])]).toEqual(variants);
});
