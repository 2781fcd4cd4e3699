import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { settingsOf } from "../../../shared/config/assay.ts";
import { defaultDeployment } from "../../../shared/config/deploymentSchema.ts";
import { InvalidConfiguration, parseAssay } from "../../../shared/config/load.ts";
import { defaultFalseAlarms, defaultSettings } from "../../../shared/config/schema.ts";

const chat = (settings = "") => `endpoints:\n  chat-prod:\n    variants: [blue, green]\n${settings}`;
const rule = "SageMaker takes letters, digits and hyphens, beginning and ending without a hyphen, at most 63 characters.";
const captureRule = expect.stringContaining("Give s3://bucket/prefix");

test("the smallest file gets every default", () => {
  expect(parseAssay(chat(), "assay.yml")).toEqual({
    evaluations: {},
    deployment: defaultDeployment,
    captures: { bucket: null, prefix: "captures" },
    falseAlarms: defaultFalseAlarms,
    defaults: defaultSettings,
    endpoints: { "chat-prod": { variants: ["blue", "green"], ...defaultSettings } },
  });
});

test("an endpoint starts from `defaults`, and `defaults` from ours", () => {
  const { defaults, endpoints } = parseAssay(
    `defaults: { sampling: { rate: 0.1 }, latency: { p90OverMs: 900 } }\n${chat("    latency: { of: 5 }")}`,
    "assay.yml",
  );
  expect(defaults).toEqual({
    ...defaultSettings,
    sampling: { rate: 0.1 },
    latency: { ...defaultSettings.latency, p90OverMs: 900 },
  });
  expect(endpoints["chat-prod"]).toMatchObject({
    sampling: { rate: 0.1 },
    latency: { ...defaultSettings.latency, p90OverMs: 900, of: 5 },
  });
});

test("the example at the root is valid", () => {
  const { endpoints } = parseAssay(readFileSync("assay.yml", "utf8"), "assay.yml");
  expect(endpoints["support-chat"]).toMatchObject({ variants: ["stable", "candidate"], remediation: { mode: "auto" } });
});

const judge = `{ endpoint: grader, model: Qwen3-30B-A3B-2507, rubric: { quality: "1: right. 0: wrong." }, usdPerMillionInputTokens: 0.15, usdPerMillionOutputTokens: 0.6 }`;
const judged = {
  provider: "sagemaker",
  endpoint: "grader",
  model: "Qwen3-30B-A3B-2507",
  rubric: { quality: "1: right. 0: wrong." },
  weights: null,
  microUsdPerMillionInputTokens: 150_000,
  microUsdPerMillionOutputTokens: 600_000,
  maxTokens: 200,
};
const budget = "evaluationBudget: { usdPerDay: 5 }";

test.each([
  {
    it: "a judge with its budget, in micro-dollars",
    text: chat(`    judge: ${judge}\n    ${budget}`),
    reads: { judge: judged, evaluationBudgetMicroUsdPerDay: 5_000_000 },
  },
  {
    it: "both from the defaults",
    text: `defaults: { judge: ${judge}, ${budget} }\n${chat()}`,
    reads: { judge: judged, evaluationBudgetMicroUsdPerDay: 5_000_000 },
  },
  {
    it: "another budget and another limit for the judge of the defaults",
    text: `defaults: { judge: ${judge}, ${budget} }\n${chat("    judge: { maxTokens: 90 }\n    evaluationBudget: { usdPerDay: 0.5 }")}`,
    reads: { judge: { ...judged, maxTokens: 90 }, evaluationBudgetMicroUsdPerDay: 500_000 },
  },
  {
    it: "a reserve of its own",
    text: chat(`    judge: ${judge}\n    evaluationBudget: { usdPerDay: 5, reserve: 0.25 }`),
    reads: { evaluationBudgetMicroUsdPerDay: 5_000_000, evaluationReserve: 0.25 },
  },
  {
    it: "a serving budget with prices of instance types and variants, in micro-dollars, apart from the evaluation's",
    text: chat("    servingBudget: { usdPerDay: 80, usdPerInstanceHour: { ml.g5.xlarge: 1.408, stable: 2 } }"),
    reads: {
      evaluationBudgetMicroUsdPerDay: 0,
      servingBudget: { microUsdPerDay: 80_000_000, microUsdPerInstanceHour: { "ml.g5.xlarge": 1_408_000, stable: 2_000_000 } },
    },
  },
  {
    it: "scorers that are off, rules and plug-ins",
    text: chat(
      "    scorers: { off: [toxicity], rules: { ticket: { regex: 'T-[0-9]+' }, calm: { contains: wow, absent: true } }, plugIns: { own: ./own.ts } }",
    ),
    reads: {
      scorers: {
        off: ["toxicity"],
        rules: { ticket: { regex: "T-[0-9]+", absent: false }, calm: { contains: ["wow"], absent: true } },
        plugIns: { own: "./own.ts" },
      },
    },
  },
  {
    it: "the rules of the defaults, where an endpoint only switches something off",
    text: `defaults: { scorers: { rules: { ok: { jmespath: answer.ok } } } }\n${chat("    scorers: { off: [pii] }")}`,
    reads: { scorers: { off: ["pii"], rules: { ok: { jmespath: "answer.ok", absent: false } }, plugIns: {} } },
  },
  {
    it: "neither, where the judge of the defaults is removed",
    text: `defaults: { judge: ${judge}, ${budget} }\n${chat("    judge: null")}`,
    reads: { judge: null, evaluationBudgetMicroUsdPerDay: 0 },
  },
  {
    it: "neither, where nothing is said",
    text: chat(),
    reads: { judge: null, evaluationBudgetMicroUsdPerDay: 0 },
  },
])("an endpoint has $it", ({ text, reads }) => expect(parseAssay(text, "assay.yml").endpoints["chat-prod"]).toMatchObject(reads));

test("payloads of a container of one's own need two expressions, and may have more", () =>
  expect(
    parseAssay(
      chat("    custom: { prompt: request.question, completion: response.answer, error: response.failure }"),
      "assay.yml",
    ).endpoints["chat-prod"]?.custom,
  ).toEqual({
    prompt: "request.question",
    completion: "response.answer",
    finishReason: null,
    promptTokens: null,
    completionTokens: null,
    model: null,
    error: "response.failure",
  }));

test("what the fleet may cry wolf is read as it is said", () =>
  expect(parseAssay(`falseAlarms: 2 per 30 days\n${chat()}`, "assay.yml").falseAlarms).toEqual({ count: 2, days: 30 }));

test.each([
  { given: "captures", reads: { bucket: null, prefix: "captures" } },
  { given: "a/b=c/", reads: { bucket: null, prefix: "a/b=c" } },
  { given: "s3://acme-captures/prod", reads: { bucket: "acme-captures", prefix: "prod" } },
  { given: "s3://acme-captures/", reads: { bucket: "acme-captures", prefix: "" } },
  { given: "s3://acme-captures", reads: { bucket: "acme-captures", prefix: "" } },
])("captures: $given", ({ given, reads }) =>
  expect(parseAssay(`captures: ${given}\n${chat()}`, "assay.yml").captures).toEqual(reads),
);

test("an endpoint with a name that objects inherit has the defaults, not what it inherits", () => {
  expect(settingsOf(parseAssay(chat(), "assay.yml"), "constructor")).toEqual(defaultSettings);
});

test.each([
  {
    it: "a share over 1",
    text: chat("    sampling: { rate: 3 }"),
    says: "assay.yml:4: endpoints.chat-prod.sampling.rate is 3. It is a share: give a number above 0 and at most 1, or paced.",
  },
  {
    it: "a share as text",
    text: chat("    sampling: { rate: 20% }"),
    says: "assay.yml:4: endpoints.chat-prod.sampling.rate is 20%. It is a share: give a number above 0 and at most 1, or paced.",
  },
  {
    it: "a reserve that leaves sampling too little",
    text: chat(`    judge: ${judge}\n    evaluationBudget: { usdPerDay: 5, reserve: 0.9 }`),
    says: "assay.yml:5: endpoints.chat-prod.evaluationBudget.reserve is 0.9. It is the share of the budget that sampling leaves to anchors and verification: give a number from 0 to 0.5.",
  },
  {
    it: "a serving budget without prices",
    text: chat("    servingBudget: { usdPerDay: 80, usdPerInstanceHour: {} }"),
    says: "assay.yml:4: endpoints.chat-prod.servingBudget.usdPerInstanceHour is empty. Give the price of an instance hour in dollars for each instance type, or for each variant.",
  },
  {
    it: "a segment by what there is not",
    text: chat("    segment: { by: moon }"),
    says: "assay.yml:4: endpoints.chat-prod.segment is a section. Give a JMESPath expression over attributes and request, such as attributes.segment, or { by: name, of: attributes.segment, names: [orders, billing] }, or { by: language }, or { by: model }, or { by: cluster, clusters: 8 }, or null.",
  },
  {
    it: "a list of segments without any",
    text: chat("    segment: { by: name, of: attributes.segment, names: [] }"),
    says: "assay.yml:4: endpoints.chat-prod.segment.names is an empty list. List 1 to 50 names of segments; whatever else callers name is segment other.",
  },
  {
    it: "more clusters than questions can fill",
    text: chat("    segment: { by: cluster, clusters: 99 }"),
    says: "assay.yml:4: endpoints.chat-prod.segment.clusters is 99. Give a whole number of clusters from 2 to 32.",
  },
  {
    it: "a conversation that is no expression",
    text: chat("    conversation: attributes.["),
    says: "assay.yml:4: endpoints.chat-prod.conversation is attributes.[. It is no JMESPath expression: parse error at column 12, found unexpected end of expression (EOF)",
  },
  {
    it: "an unknown key deep inside",
    text: chat("    remediation:\n      mode: auto\n      cooldown: 30"),
    says: "assay.yml:6: endpoints.chat-prod.remediation.cooldown is not an option. Known here: mode, modes, cooldownMinutes, maxActionsPerDay, maxShareOfTraffic, maxInstances, minHealthyVariants, approvalHours, verifyHours.",
  },
  {
    it: "an unknown key at the top",
    text: `${chat()}judge: {}`,
    says: "assay.yml:4: judge is not an option. Known here: captures, falseAlarms, defaults, endpoints, evaluations, deployment.",
  },
  {
    it: "a mode there is not",
    text: chat("    remediation: { mode: always }"),
    says: "assay.yml:4: endpoints.chat-prod.remediation.mode is always. Give observe, approve or auto.",
  },
  {
    it: "half a minute",
    text: chat("    latency: { periodMinutes: 0.5 }"),
    says: "assay.yml:4: endpoints.chat-prod.latency.periodMinutes is 0.5. Give a whole number of minutes from 1 to 60.",
  },
  {
    it: "more datapoints than periods",
    text: chat("    errors: { datapoints: 4, of: 3 }"),
    says: "assay.yml:4: endpoints.chat-prod.errors.datapoints is 4. The alarm looks at 3 periods (of), so no more than 3 of them can be over the limit.",
  },
  {
    it: "more than CloudWatch looks back",
    text: chat("    hardFailures: { periodMinutes: 60, of: 25 }"),
    says: "assay.yml:4: endpoints.chat-prod.hardFailures.of is 25. CloudWatch looks back one day at most: of × periodMinutes is 1500 minutes.",
  },
  {
    it: "a judge without a budget",
    text: chat(`    judge: ${judge}`),
    says: "assay.yml:2: endpoints.chat-prod.evaluationBudget is missing. A judge costs money: give usdPerDay, the most it may spend in a day, or remove the judge.",
  },
  {
    it: "a budget of nothing",
    text: chat(`    judge: ${judge}\n    evaluationBudget: { usdPerDay: 0 }`),
    says: "assay.yml:5: endpoints.chat-prod.evaluationBudget.usdPerDay is 0. It is hard, and a judge without it judges nothing: give dollars a day from 0.000001 to 1000000, or remove the judge.",
  },
  {
    it: "a budget without a judge",
    text: chat(`    ${budget}`),
    says: "assay.yml:4: endpoints.chat-prod.evaluationBudget is a section. There is no judge to spend it: configure judge, or remove the budget.",
  },
  {
    it: "a judge without a price",
    text: chat(`    ${budget}\n    judge: ${judge.replace("usdPerMillionOutputTokens: 0.6", "maxTokens: 90")}`),
    says: "assay.yml:5: endpoints.chat-prod.judge.usdPerMillionOutputTokens is missing. It is the price of a million tokens in dollars: give a number from 0.000001 to 1000.",
  },
  {
    it: "a criterion with a name that no metric could have",
    text: chat(`    ${budget}\n    judge: ${judge.replace("quality:", "good-tone:")}`),
    says: "assay.yml:5: endpoints.chat-prod.judge.rubric.good-tone has a name that cannot be. A criterion is named by a letter and up to 31 letters, digits and _.",
  },
  {
    it: "a judge of its own answers",
    text: chat(`    ${budget}\n    judge: ${judge.replace("grader", "chat-prod")}`),
    says: "assay.yml:5: endpoints.chat-prod.judge.endpoint is chat-prod. A model that grades its own answers finds them good: name another endpoint.",
  },
  {
    it: "a provider there is not",
    text: chat(`    ${budget}\n    judge: { provider: me, ${judge.slice(1)}`),
    says: "assay.yml:5: endpoints.chat-prod.judge.provider is me. Give sagemaker, bedrock or openai.",
  },
  {
    it: "false alarms at no rate",
    text: `falseAlarms: 3\n${chat()}`,
    says: "assay.yml:1: falseAlarms is 3. Give a number of false alarms per number of days, such as 1 per 90 days.",
  },
  {
    it: "a section that is empty",
    text: chat("    latency:"),
    says: "assay.yml:4: endpoints.chat-prod.latency is empty. Give a section with p90OverMs, p99OverMs, firstTokenP99OverMs, attribute, periodMinutes, datapoints, of.",
  },
  {
    it: "an endpoint name that SageMaker refuses",
    text: "endpoints:\n  chat_prod: { variants: [a] }",
    says: `assay.yml:2: endpoints.chat_prod has a name that cannot be. ${rule}`,
  },
  {
    it: "a name of 64 characters, and with it alarm names over CloudWatch's 255",
    text: `endpoints: { ${"a".repeat(64)}: { variants: [a] } }`,
    says: `assay.yml:1: endpoints.${"a".repeat(64)} has a name that cannot be. ${rule}`,
  },
  {
    it: "a variant name that SageMaker refuses",
    text: "endpoints:\n  chat:\n    variants:\n      - blue\n      - -green",
    says: `assay.yml:5: endpoints.chat.variants.1 is -green. ${rule}`,
  },
  {
    it: "a variant that YAML takes for a number",
    text: "endpoints: { chat: { variants: [1] } }",
    says: `assay.yml:1: endpoints.chat.variants.0 is 1. ${rule} Put digits in quotes.`,
  },
  {
    it: "a variant listed twice",
    text: "endpoints:\n  chat:\n    variants:\n      - blue\n      - blue",
    says: "assay.yml:5: endpoints.chat.variants.1 is blue. It is listed twice.",
  },
  {
    it: "two variants whose alarms would have one name",
    text: "endpoints:\n  a: { variants: [b-c] }\n  a-b: { variants: [c] }",
    says: "assay.yml:3: endpoints.a-b.variants.0 is c. Its alarms would have the names of those of a variant of a. Rename one of the variants.",
  },
  {
    it: "an endpoint without variants",
    text: "endpoints:\n  chat: {}",
    says: "assay.yml:2: endpoints.chat.variants is missing. List the endpoint's production variants.",
  },
  {
    it: "no endpoints",
    text: "captures: here\nendpoints: {}",
    says: "assay.yml:2: endpoints is empty. List at least one SageMaker endpoint by its name.",
  },
  {
    it: "a segment that is no JMESPath",
    text: chat("    segment: attributes..x"),
    says: expect.stringMatching(
      /^assay\.yml:4: endpoints\.chat-prod\.segment is attributes\.\.x\. It is no JMESPath expression: .*column 11/,
    ),
  },
  {
    it: "payloads of one's own without the place of the answer",
    text: chat("    custom: { prompt: request.question }"),
    says: "assay.yml:4: endpoints.chat-prod.custom.completion is missing. Give a JMESPath expression over response that finds the answer, such as response.answer.",
  },
  { it: "a bucket S3 refuses", text: `captures: s3://ACME/x\n${chat()}`, says: captureRule },
  { it: "a wildcard in the prefix", text: `captures: a/*\n${chat()}`, says: captureRule },
  { it: "an empty folder in the prefix", text: `captures: a//b\n${chat()}`, says: captureRule },
  {
    it: "an empty file",
    text: "",
    says: "assay.yml:1: The file is empty. Give a section with captures, falseAlarms, defaults, endpoints, evaluations, deployment.",
  },
  {
    it: "a file that is no YAML",
    text: "endpoints:\n  a: [\n",
    says: expect.stringMatching(/^assay\.yml:\d: This is not YAML that can be read: /),
  },
  {
    it: "a key twice",
    text: "endpoints:\n  a: { variants: [x] }\n  a: { variants: [y] }",
    says: "assay.yml:3: This is not YAML that can be read: Map keys must be unique",
  },
  {
    it: "an alias that leads nowhere",
    text: "captures: captures\nendpoints: { chat-prod: *nope }",
    says: expect.stringMatching(/^assay\.yml:2: This alias \(\*name\) cannot be followed: .*Write out what it stands for\.$/),
  },
])("refuses $it and says where", ({ text, says }) =>
  expect(() => parseAssay(text, "assay.yml")).toThrow(expect.objectContaining({ name: "InvalidConfiguration", message: says })),
);

test("reports all problems at once, in the order of the file", () => {
  const text = chat("    latency: { p90OverMs: 0 }\n    sampling: { rate: 0, share: 1 }\n    segment: 3");
  expect(() => parseAssay(text, "assay.yml")).toThrow(
    expect.objectContaining({
      problems: [
        { line: 4, path: "endpoints.chat-prod.latency.p90OverMs", message: expect.stringContaining("milliseconds above 0") },
        { line: 5, path: "endpoints.chat-prod.sampling.rate", message: expect.stringContaining("is 0.") },
        { line: 5, path: "endpoints.chat-prod.sampling.share", message: expect.stringContaining("not an option") },
        { line: 6, path: "endpoints.chat-prod.segment", message: expect.stringContaining("is 3.") },
      ],
    }),
  );
});

test("whatever stands at whatever place, the answer is a configuration or our own sentences", () => {
  const places: (string | number)[][] = [[]];
  const collect = (value: unknown, path: (string | number)[]): void => {
    for (const [key, inner] of Object.entries(value as object)) {
      places.push([...path, key]);
      if (inner !== null && typeof inner === "object") collect(inner, [...path, key]);
    }
  };
  const { judge: _, evaluationBudgetMicroUsdPerDay: __, evaluationReserve: _____, ...plain } = defaultSettings;
  const { microUsdPerMillionInputTokens: ___, microUsdPerMillionOutputTokens: ____, ...named } = judged;
  const grader = { ...named, usdPerMillionInputTokens: 0.15, usdPerMillionOutputTokens: 0.6 };
  const settings = { ...plain, judge: grader, evaluationBudget: { usdPerDay: 5 } };
  const base = {
    captures: "captures",
    falseAlarms: "1 per 90 days",
    defaults: settings,
    endpoints: { chat: { variants: ["a"], ...settings } },
  };
  expect(() => parseAssay(JSON.stringify(base), "assay.yml")).not.toThrow();
  collect(base, []);
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (place, value) => {
      const text = JSON.stringify(replaced(base, place, value));
      try {
        parseAssay(text, "assay.yml");
      } catch (error) {
        if (!(error instanceof InvalidConfiguration)) throw error;
        for (const { message } of error.problems) {
          if (message.includes("It is no JMESPath expression: ")) continue; // the rest is its parser's, tested above
          expect(message).not.toMatch(/Invalid|expected|received|undefined|\[object/);
          expect(message).toMatch(/\.$|^This is not YAML/);
        }
      }
    }),
    { numRuns: 500, seed: 20261124 },
  );
});

function replaced(whole: unknown, [step, ...rest]: (string | number)[], value: unknown): unknown {
  if (step === undefined) return value;
  if (Array.isArray(whole)) return whole.map((item, index) => (index === Number(step) ? replaced(item, rest, value) : item));
  const inner = (whole as Record<string, unknown>)[step];
  return { ...(whole as object), [step]: replaced(inner, rest, value) };
}
