import * as z from "zod";
import { regexProblem } from "../scoring/regexEngine.ts";
import { scorers } from "../scoring/registry.ts";
import type { Rule, ScorerSettings } from "./assay.ts";
import { jmesPathProblem } from "./jmesPath.ts";
import { section } from "./sections.ts";

const names = scorers.map(({ name }) => name);
/** Their metrics would carry the names of Assay's own. */
const taken = new Set([
  ...names,
  ...[
    "captured",
    "answered",
    "model_errors",
    "input_only",
    "output_only",
    "quarantined",
    "lost",
    "prompt_tokens",
    "completion_tokens",
  ],
  ...["hard_failures", "quality", "quality_lower", "quality_upper", "evidence", "coverage", "judge_cost", "judge_budget_left"],
  ...["judge_failures", "serving_cost", "serving_budget_left", "remediation_active", "remediations"],
]);
const nameRule =
  "A score is named by a lower-case letter and up to 31 lower-case letters, digits and _, and not as one that Assay has.";
const scoreName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/)
  .refine((name) => !taken.has(name));

const offRule = `List scorers that Assay brings: ${names.join(", ")}.`;
const textRule = "Give a text of 1 to 200 characters, or a list of 1 to 50 of them.";
const text = z.string(textRule).min(1, textRule).max(200, textRule);
const ruleRule = "Give a rule one of regex, contains and jmespath, and absent: true where it should find nothing.";
const ruleSection = section({
  regex: checked("It is no regular expression of RE2", regexProblem).optional(),
  contains: z
    .union([text.transform((one) => [one]), z.array(text, textRule).min(1, textRule).max(50, textRule)], textRule)
    .optional(),
  jmespath: checked("It is no JMESPath expression", jmesPathProblem).optional(),
  absent: z.boolean("Give true or false.").default(false),
}).transform(({ regex, contains, jmespath, absent }, context): Rule => {
  const given = [
    ...(regex === undefined ? [] : [{ regex, absent }]),
    ...(contains === undefined ? [] : [{ contains, absent }]),
    ...(jmespath === undefined ? [] : [{ jmespath, absent }]),
  ];
  if (given.length === 1) return given[0]!;
  context.addIssue({ code: "custom", message: ruleRule });
  return z.NEVER;
});

const moduleRule = "Give a file beside assay.yml, such as ./scorers/polite.ts, or a package: its default export is the scorer.";
const keyedBy = (rule: string) => ({
  error: ({ code }: { code: string }) => (code === "invalid_key" ? nameRule : rule),
});

/** The section `scorers`, where what is left out is taken from that of `defaults`. */
export function scorersSection(base: ScorerSettings) {
  return section({
    off: z.array(z.enum(names, offRule), offRule).default(base.off),
    rules: z.record(scoreName, ruleSection, keyedBy("Give rules by the names of their scores.")).optional(),
    plugIns: z
      .record(scoreName, z.string(moduleRule).min(1, moduleRule), keyedBy("Give modules by the names of their scores."))
      .default(base.plugIns),
  })
    .transform(({ off, rules = base.rules, plugIns }): ScorerSettings => ({ off, rules, plugIns }))
    .superRefine(({ rules, plugIns }, context) => {
      for (const name of Object.keys(plugIns)) {
        if (Object.hasOwn(rules, name))
          context.addIssue({
            code: "custom",
            path: ["plugIns", name],
            message: "A rule has the same name: call one of them otherwise.",
          });
      }
    })
    .prefault({});
}

/** An expression in which `problemIn` finds none. */
function checked(what: string, problemIn: (expression: string) => string | null) {
  return z
    .string("Give an expression as text.")
    .max(1000, "Give an expression of at most 1000 characters.")
    .superRefine((expression, context) => {
      const problem = problemIn(expression);
      if (problem !== null) context.addIssue({ code: "custom", message: `${what}: ${problem}` });
    });
}
