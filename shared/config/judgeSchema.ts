import { z } from "zod";
import { defaultRubric, defaultWeights } from "../judging/defaultRubric.ts";
import { primary, type Rubric } from "../judging/rubric.ts";
import type { JudgePlace, JudgeSettings } from "./assay.ts";
import { microUsd, nameRule, sageMakerName, section, whole } from "./sections.ts";

/** The grades of ten criteria as JSON take under 100 tokens; twice that forgives spaces and line breaks. */
const defaultMaxTokens = 200;

// Above 1,000 dollars nothing is sold, and products of prices and tokens stay exact integers.
const priceRule = "It is the price of a million tokens in dollars: give a number from 0.000001 to 1000.";
const price = z
  .number(priceRule)
  .min(1 / microUsd, priceRule)
  .max(1000, priceRule);

const modelRule = "Name the model and its release, as the judge's answers should be traced to it, in 1 to 256 characters.";
const bedrockRule = "Give the id of a model or of an inference profile, or the ARN of what Bedrock serves it by.";
const urlRule = "Give the base of its API, such as https://api.example.com/v1: https, without a query and without a key.";
const keyRule = "Give the ARN of the secret in Secrets Manager that is the key. The key itself has no place in a file.";
const secretArn = /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$/;

const criterionRule = "A criterion is named by a letter and up to 31 letters, digits and _.";
const meaningRule =
  "Say what the grades mean in one sentence of at most 1000 characters, or list grades from 0 to 1 with a sentence each, 1 and 0 among them.";
const rubricRule =
  "Give one to ten criteria, each with a sentence that says what the grades 1 and 0 mean, or the name of a file that has them.";
const weightsRule = "Give each criterion that counts a weight from 0 to 100, and at least one more than 0.";

const sentence = z.string(meaningRule).trim().min(1, meaningRule).max(1000, meaningRule);
/** `{ 1: …, 0.5: …, 0: … }` as the sentence that a judge reads, the best grade first. */
const anchored = z.record(z.string(), sentence, meaningRule).transform((meanings, context) => {
  const grades = Object.keys(meanings).sort((a, b) => Number(b) - Number(a));
  const known = grades.every((grade) => grade.trim() !== "" && Number(grade) >= 0 && Number(grade) <= 1);
  if (known && grades.length >= 2 && Number(grades[0]) === 1 && Number(grades.at(-1)) === 0)
    return grades.map((grade) => `${grade}: ${meanings[grade]}`).join(" ");
  context.addIssue({ code: "custom", message: meaningRule });
  return z.NEVER;
});
const criterion = z.unknown().transform((given, context): string => {
  const parsed = (typeof given === "object" && given !== null ? anchored : sentence).safeParse(given);
  if (parsed.success) return parsed.data;
  context.addIssue({ code: "custom", message: meaningRule });
  return z.NEVER;
});
const rubric = z
  .record(z.string().regex(/^[a-zA-Z]\w{0,31}$/), criterion, {
    error: ({ code }) => (code === "invalid_key" ? criterionRule : rubricRule),
  })
  .refine((criteria) => Object.keys(criteria).length >= 1 && Object.keys(criteria).length <= 10, rubricRule);
const weights = z.record(z.string(), z.number(weightsRule).min(0, weightsRule).max(100, weightsRule), weightsRule);

/** A judge's section, where what is left out is taken from that of `defaults`. */
export function judgeSection(base: JudgeSettings | null) {
  const from = <T>(schema: z.ZodType<T, T>, value: T | undefined) =>
    value === undefined ? schema : schema.default(value as never);
  const perMillion = (microUsdPerMillion: number | undefined) =>
    microUsdPerMillion === undefined ? undefined : microUsdPerMillion / microUsd;
  return section({
    provider: z
      .enum(["sagemaker", "bedrock", "openai"], "Give sagemaker, bedrock or openai.")
      .default(base?.provider ?? "sagemaker"),
    endpoint: z.string(nameRule).regex(sageMakerName, nameRule).optional(),
    url: z.string(urlRule).refine(isBaseUrl, urlRule).optional(),
    apiKeySecretArn: z.string(keyRule).regex(secretArn, keyRule).nullable().optional(),
    model: from(z.string(modelRule).min(1, modelRule).max(256, modelRule), base?.model),
    rubric: rubric.optional(),
    weights: weights.nullish().transform((given) => given ?? undefined),
    usdPerMillionInputTokens: from(price, perMillion(base?.microUsdPerMillionInputTokens)),
    usdPerMillionOutputTokens: from(price, perMillion(base?.microUsdPerMillionOutputTokens)),
    maxTokens: whole(1, 32_768, "tokens").default(base?.maxTokens ?? defaultMaxTokens),
  }).transform((given, context): JudgeSettings => {
    const { model, maxTokens, usdPerMillionInputTokens, usdPerMillionOutputTokens } = given;
    const place = placeOf(given, base, context);
    const graded = gradedBy(given, base, context);
    if (place === null || graded === null) return z.NEVER;
    return {
      ...place,
      model,
      ...graded,
      microUsdPerMillionInputTokens: Math.round(usdPerMillionInputTokens * microUsd),
      microUsdPerMillionOutputTokens: Math.round(usdPerMillionOutputTokens * microUsd),
      maxTokens,
    };
  });
}

type GivenPlace = {
  provider: JudgeSettings["provider"];
  model: string;
  endpoint?: string | undefined;
  url?: string | undefined;
  apiKeySecretArn?: string | null | undefined;
};

/** Where the judge is asked: each provider has keys of its own, and those of another one are a mistake. */
function placeOf(given: GivenPlace, base: JudgeSettings | null, context: z.RefinementCtx): JudgePlace | null {
  const issue = (key: string, message: string) => {
    context.addIssue({ code: "custom", path: [key], message });
    return null;
  };
  const keys = { sagemaker: ["endpoint"], bedrock: [], openai: ["url", "apiKeySecretArn"] } as const;
  const own: readonly string[] = keys[given.provider];
  for (const key of ["endpoint", "url", "apiKeySecretArn"] as const) {
    if (given[key] !== undefined && !own.includes(key)) return issue(key, `A judge of the provider ${given.provider} has none.`);
  }
  switch (given.provider) {
    case "sagemaker": {
      const endpoint = given.endpoint ?? (base?.provider === "sagemaker" ? base.endpoint : undefined);
      return endpoint === undefined ? issue("endpoint", nameRule) : { provider: "sagemaker", endpoint };
    }
    case "bedrock":
      return /^[\w.:/-]+$/.test(given.model) ? { provider: "bedrock" } : issue("model", bedrockRule);
    case "openai": {
      const inherited = base?.provider === "openai" ? base : null;
      const url = given.url ?? inherited?.url;
      if (url === undefined) return issue("url", urlRule);
      // A key is for the server that it was made for: another address inherits none.
      const key =
        given.apiKeySecretArn ??
        (url === inherited?.url && given.apiKeySecretArn === undefined ? inherited.apiKeySecretArn : null);
      return { provider: "openai", url: url.replace(/\/+$/, ""), apiKeySecretArn: key };
    }
  }
}

type GivenRubric = { rubric?: Rubric | undefined; weights?: Record<string, number> | undefined };

/** The rubric, and how `quality` follows from it: as one of its criteria, or as the mean of all by their weights. */
function gradedBy(given: GivenRubric, base: JudgeSettings | null, context: z.RefinementCtx) {
  const issue = (path: string[], message: string) => {
    context.addIssue({ code: "custom", path, message });
    return null;
  };
  const inherited = base ?? { rubric: defaultRubric, weights: defaultWeights };
  const rubric = given.rubric ?? inherited.rubric;
  if (Object.hasOwn(rubric, primary)) {
    return given.weights === undefined ? { rubric, weights: null } : issue(["weights"], `The rubric has ${primary} itself.`);
  }
  const criteria = Object.keys(rubric);
  if (criteria.length > 9) return issue(["rubric"], `${primary} is one of the ten criteria at most, so give nine beside it.`);
  if (given.weights === undefined && given.rubric === undefined) return { rubric, weights: inherited.weights };
  const named = Object.keys(given.weights ?? {});
  const unknown = named.find((name) => !Object.hasOwn(rubric, name));
  if (unknown !== undefined) return issue(["weights", unknown], "The rubric has no such criterion.");
  const all = given.weights ?? {};
  const weights = Object.fromEntries(
    criteria.map((name) => [name, Object.hasOwn(all, name) ? all[name]! : named.length > 0 ? 0 : 1]),
  );
  return Object.values(weights).some((weight) => weight > 0) ? { rubric, weights } : issue(["weights"], weightsRule);
}

/** Whether captured text may be sent there: encrypted, or within this machine. A query or a user would be a place for a key. */
function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username || url.password || url.search || url.hash) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && ["127.0.0.1", "localhost"].includes(url.hostname));
}
