import { z } from "zod";
import { mostClusters } from "../capture/promptCluster.ts";
import { isServedBy } from "../judging/selfJudging.ts";
import { alarmName } from "../monitoring/alarmNames.ts";
import { actionKinds } from "../remediation/actionKinds.ts";
import type { Captures, EndpointSettings, FalseAlarms, JudgeSettings } from "./assay.ts";
import { evaluationBudgetSection, servingBudgetSection } from "./budgetSchema.ts";
import { type Deployment, deploymentSection } from "./deploymentSchema.ts";
import { evaluationsSchema, type ScheduledEvaluation } from "./evaluationsSchema.ts";
import { jmesPathProblem } from "./jmesPath.ts";
import { judgeSection } from "./judgeSchema.ts";
import { scorersSection } from "./scorersSchema.ts";
import { microUsd, nameRule, sageMakerName, section, whole } from "./sections.ts";

/** What holds where assay.yml says nothing. Each is a starting point to be tuned to an endpoint, with the reason it starts there. */
export const defaultSettings: EndpointSettings = {
  segment: null,
  conversation: null,
  custom: null,
  // The budget says how many answers are judged; which ones, nobody should have to work out.
  sampling: { rate: "paced" },
  // All of them: what is never looked at is never missed until it is needed.
  scorers: { off: [], rules: {}, plugIns: {} },
  hardFailures: {
    // Under 0.3 seven of ten four-word sequences repeat earlier ones: a loop, which no list or refrain reaches.
    checks: { empty: true, refusal: true, truncated: true, unsafe: true, repetitionUnder: 0.3 },
    // Sound assistants refuse or run into the token limit in some percent of answers; one in five is broken.
    shareOver: 0.2,
    // With fewer, a sound endpoint that fails 5 % of its checks would pass 20 % by luck too often (binomially in 1.2 % of periods at 10, in 0.3 % at 20).
    minAnswers: 20,
    // CloudWatch slides the periods minute by minute. One of two periods of ten minutes is over after two bad minutes of ten, and stays
    // so while traffic is shifted away; with more and shorter periods the alarm comes and goes with the slide.
    periodMinutes: 10,
    datapoints: 1,
    of: 2,
  },
  // Ten seconds is about as long as people wait for an answer that does not stream (Nielsen, Usability Engineering, 1993).
  latency: {
    p90OverMs: 10_000,
    p99OverMs: null,
    firstTokenP99OverMs: null,
    attribute: null,
    periodMinutes: 10,
    datapoints: 1,
    of: 2,
  },
  // Clients retry a 5XX, so a few percent stay invisible to users; over one in twenty they do not.
  errors: { shareOver: 0.05, periodMinutes: 10, datapoints: 1, of: 2 },
  // Model servers take nine tenths at the start and keep them; what goes beyond is about to be all.
  gpuMemory: { percentOver: 97, gpus: 1, periodMinutes: 10, datapoints: 1, of: 2 },
  // Target: a convention, to be set to what the endpoint's users need. Tolerance: two points of 100 are the hour-to-hour wander of a
  // sound endpoint that no alarm should speak of.
  quality: { target: 0.85, tolerance: 0.02, fold: "window" },
  // A judge costs money, so nobody gets one unasked.
  judge: null,
  evaluationBudgetMicroUsdPerDay: 0,
  // A hundred anchors a day, and a remediation's proof, beside the thousands that a budget buys.
  evaluationReserve: 0.1,
  servingBudget: null,
  // Nothing is changed before somebody asked for it. An hour shows the effect of an action; four a day are more than a sound day needs.
  // A day of traffic has some hundred judged answers even where few are judged: enough to prove a recovery, or that there was none.
  // Half of the traffic at a time, and the rest once that half is known to be better off. Four instances, since an endpoint that needs more
  // has somebody who plans them. One variant left that is sound: with none, there is nowhere to send anybody.
  remediation: {
    mode: "observe",
    modes: {},
    cooldownMinutes: 60,
    maxActionsPerDay: 4,
    maxShareOfTraffic: 0.5,
    maxInstances: 4,
    minHealthyVariants: 1,
    // What was true this long ago may not be now, and nobody should approve of it unseen.
    approvalHours: 4,
    verifyHours: 24,
  },
  // Who edits an answer uses it; who asks for a person could not.
  feedback: { up: 1, down: 0, edited: 0.5, escalated: 0 },
};

/** A false alarm a quarter: about as often as a person will be woken for nothing and still believe the next one. */
export const defaultFalseAlarms: FalseAlarms = { count: 1, days: 90 };

const captureRule =
  "Give s3://bucket/prefix (a bucket the stack creates, or with deployment.captureBucket: existing one that is there: lower-case letters, digits and hyphens), or only a prefix " +
  "in the bucket that the stack names itself; a prefix has letters, digits and ! - _ . ' ( ) = between single slashes.";

const flag = z.boolean("Give true or false.");
const limitRule = "The alarm is for a share over it: give a number from 0 up to, but not including, 1.";
const shareOver = z.number(limitRule).min(0, limitRule).lt(1, limitRule);
const attributeRule =
  "Name the custom attribute in which captures say how long an answer took in milliseconds, such as latencyMs.";
const latencyRule = "Give a number of milliseconds above 0.";
const milliseconds = z.number(latencyRule).gt(0, latencyRule);
const percentRule = "It is the share of one GPU's memory that is in use: give a percentage above 0 and at most 100.";
const distinctRule =
  "It is the share of word sequences that do not repeat: give a number above 0 and at most 1, or null to leave the check out.";

const pointsRule = "Quality is in [0, 1]: give a number from 0 to 1.";
const foldRule =
  'Give "window", or "day" where quality goes up and down within the day by itself: then a change is found a day later.';
const toleranceRule = "It is a change of the mean quality: give a number from 0 to 0.5.";
const falseAlarmsRule = "Give a number of false alarms per number of days, such as 1 per 90 days.";
const falseAlarms = z.string(falseAlarmsRule).transform((text, context): FalseAlarms => {
  const [, count, days] = /^([1-9]\d{0,3}) per ([1-9]\d{0,3}) days?$/.exec(text) ?? [];
  if (count === undefined) {
    context.addIssue({ code: "custom", message: falseAlarmsRule });
    return z.NEVER;
  }
  return { count: Number(count), days: Number(days) };
});

const jmesPath = (rule: string) =>
  z.string(rule).superRefine((expression, context) => {
    const problem = jmesPathProblem(expression);
    if (problem) context.addIssue({ code: "custom", message: `It is no JMESPath expression: ${problem}` });
  });
const segmentRule =
  "Give a JMESPath expression over attributes and request, such as attributes.segment, " +
  "or { by: name, of: attributes.segment, names: [orders, billing] }, or { by: language }, or { by: model }, or { by: cluster, clusters: 8 }, or null.";
const segmentNameRule = "It is the name of a segment, as callers give it: 1 to 100 characters, digits in quotes.";
const segmentNamesRule = "List 1 to 50 names of segments; whatever else callers name is segment other.";
const bySegment = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject(shape, segmentRule);
const segment = z
  .union(
    [
      jmesPath(segmentRule),
      bySegment({ by: z.literal("language", segmentRule) }),
      bySegment({ by: z.literal("model", segmentRule) }),
      bySegment({
        by: z.literal("name", segmentRule),
        of: jmesPath(segmentRule),
        names: z
          .array(z.string(segmentNameRule).min(1, segmentNameRule).max(100, segmentNameRule), segmentNamesRule)
          .min(1, segmentNamesRule)
          .max(50, segmentNamesRule),
      }),
      bySegment({
        by: z.literal("cluster", segmentRule),
        clusters: whole(2, mostClusters, "clusters").default(8),
      }),
    ],
    segmentRule,
  )
  .nullable();
const conversation = jmesPath(
  "Give a JMESPath expression over attributes and request, such as attributes.thread, or null.",
).nullable();
const payloadRule = "Give a JMESPath expression over request and response, such as response.answer, or null.";
const optionalPayload = jmesPath(payloadRule).nullable().default(null);
const custom = section({
  prompt: jmesPath("Give a JMESPath expression over request that finds the prompt, such as request.question."),
  completion: jmesPath("Give a JMESPath expression over response that finds the answer, such as response.answer."),
  finishReason: optionalPayload,
  promptTokens: optionalPayload,
  completionTokens: optionalPayload,
  model: optionalPayload,
  error: optionalPayload,
}).nullable();
const rateRule = "It is a share: give a number above 0 and at most 1, or paced.";
const rate = z.union([z.number(rateRule).gt(0, rateRule).lte(1, rateRule), z.literal("paced", rateRule)], rateRule);

const mode = z.enum(["observe", "approve", "auto"], "Give observe, approve or auto.");
const modesRule = `Give a mode to some of ${actionKinds.join(", ")}.`;
const stepRule = "It is the most of the traffic that one step moves: give a share above 0 and at most 1.";

/** M of N periods. CloudWatch looks back one day at most over periods under an hour. */
const periods = {
  periodMinutes: whole(1, 60, "minutes"),
  datapoints: whole(1, 100, "periods"),
  of: whole(1, 100, "periods"),
};
type Periods = { periodMinutes: number; datapoints: number; of: number };

function refinePeriods({ periodMinutes, datapoints, of }: Periods, context: z.RefinementCtx): void {
  const issue = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
  if (datapoints > of)
    issue("datapoints", `The alarm looks at ${of} periods (of), so no more than ${of} of them can be over the limit.`);
  if (of * periodMinutes > 1440)
    issue("of", `CloudWatch looks back one day at most: of × periodMinutes is ${of * periodMinutes} minutes.`);
}

/** The shape of an endpoint's settings, where what is left out is taken from `base`. */
function settingsShape(base: EndpointSettings) {
  const { hardFailures, latency, errors, gpuMemory, quality, remediation, feedback } = base;
  const reaction = (counts: number) => z.number(pointsRule).min(0, pointsRule).max(1, pointsRule).default(counts);
  const every = (periodMinutes: number, datapoints: number, of: number) => ({
    periodMinutes: periods.periodMinutes.default(periodMinutes),
    datapoints: periods.datapoints.default(datapoints),
    of: periods.of.default(of),
  });
  return {
    segment: segment.default(base.segment),
    conversation: conversation.default(base.conversation),
    custom: custom.default(base.custom),
    sampling: section({ rate: rate.default(base.sampling.rate) }).prefault({}),
    scorers: scorersSection(base.scorers),
    hardFailures: section({
      checks: section({
        empty: flag.default(hardFailures.checks.empty),
        refusal: flag.default(hardFailures.checks.refusal),
        truncated: flag.default(hardFailures.checks.truncated),
        unsafe: flag.default(hardFailures.checks.unsafe),
        repetitionUnder: z
          .number(distinctRule)
          .gt(0, distinctRule)
          .lte(1, distinctRule)
          .nullable()
          .default(hardFailures.checks.repetitionUnder),
      }).prefault({}),
      shareOver: shareOver.default(hardFailures.shareOver),
      minAnswers: whole(1, 1_000_000, "answers").default(hardFailures.minAnswers),
      ...every(hardFailures.periodMinutes, hardFailures.datapoints, hardFailures.of),
    })
      .superRefine(refinePeriods)
      .prefault({}),
    latency: section({
      p90OverMs: milliseconds.default(latency.p90OverMs),
      p99OverMs: milliseconds.nullable().default(latency.p99OverMs),
      firstTokenP99OverMs: milliseconds.nullable().default(latency.firstTokenP99OverMs),
      attribute: z.string(attributeRule).min(1, attributeRule).nullable().default(latency.attribute),
      ...every(latency.periodMinutes, latency.datapoints, latency.of),
    })
      .superRefine(refinePeriods)
      .prefault({}),
    errors: section({
      shareOver: shareOver.default(errors.shareOver),
      ...every(errors.periodMinutes, errors.datapoints, errors.of),
    })
      .superRefine(refinePeriods)
      .prefault({}),
    gpuMemory: section({
      percentOver: z
        .number(percentRule)
        .gt(0, percentRule)
        .lte(100, percentRule)
        .default(gpuMemory?.percentOver ?? 97),
      gpus: whole(1, 64, "GPUs").default(gpuMemory?.gpus ?? 1),
      ...every(gpuMemory?.periodMinutes ?? 10, gpuMemory?.datapoints ?? 1, gpuMemory?.of ?? 2),
    })
      .superRefine(refinePeriods)
      .nullable()
      .default(gpuMemory),
    quality: section({
      target: z.number(pointsRule).min(0, pointsRule).max(1, pointsRule).default(quality.target),
      tolerance: z.number(toleranceRule).min(0, toleranceRule).max(0.5, toleranceRule).default(quality.tolerance),
      fold: z.enum(["window", "day"], foldRule).default(quality.fold),
    }).prefault({}),
    judge: judgeSection(base.judge).nullable().optional(),
    evaluationBudget: evaluationBudgetSection.optional(),
    servingBudget: servingBudgetSection.nullable().default(base.servingBudget),
    remediation: section({
      mode: mode.default(remediation.mode),
      modes: z.partialRecord(z.enum(actionKinds), mode, modesRule).default(remediation.modes),
      cooldownMinutes: whole(1, 1440, "minutes").default(remediation.cooldownMinutes),
      maxActionsPerDay: whole(1, 100, "actions").default(remediation.maxActionsPerDay),
      maxShareOfTraffic: z.number(stepRule).gt(0, stepRule).lte(1, stepRule).default(remediation.maxShareOfTraffic),
      maxInstances: whole(1, 1000, "instances").default(remediation.maxInstances),
      minHealthyVariants: whole(1, 9, "variants").default(remediation.minHealthyVariants),
      approvalHours: whole(1, 168, "hours").default(remediation.approvalHours),
      verifyHours: whole(1, 168, "hours").default(remediation.verifyHours),
    }).prefault({}),
    feedback: section({
      up: reaction(feedback.up),
      down: reaction(feedback.down),
      edited: reaction(feedback.edited),
      escalated: reaction(feedback.escalated),
    }).prefault({}),
  };
}

type GivenJudge = {
  judge?: JudgeSettings | null | undefined;
  evaluationBudget?: { usdPerDay: number; reserve?: number | undefined } | undefined;
};

/** Judge and budget come together: from the section itself, or else from `base`. Who removes the inherited judge removes its budget. */
function withJudge(base: EndpointSettings) {
  return <T extends GivenJudge>({ judge: given, evaluationBudget, ...settings }: T, context: z.RefinementCtx) => {
    const issue = (message: string) => context.addIssue({ code: "custom", path: ["evaluationBudget"], message });
    const judge = given === undefined ? base.judge : given;
    const inherited = judge === null ? 0 : base.evaluationBudgetMicroUsdPerDay;
    const budget = evaluationBudget ? Math.round(evaluationBudget.usdPerDay * microUsd) : inherited;
    if (judge === null && evaluationBudget) issue("There is no judge to spend it: configure judge, or remove the budget.");
    if (judge !== null && budget === 0)
      issue("A judge costs money: give usdPerDay, the most it may spend in a day, or remove the judge.");
    const evaluationReserve = evaluationBudget?.reserve ?? base.evaluationReserve;
    return { ...settings, judge, evaluationBudgetMicroUsdPerDay: budget, evaluationReserve };
  };
}

const variants = z
  .array(z.string(`${nameRule} Put digits in quotes.`).regex(sageMakerName, nameRule), "List the endpoint's production variants.")
  .min(1, "List the endpoint's production variants.")
  .superRefine((names, context) => {
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) < index) context.addIssue({ code: "custom", path: [index], message: "It is listed twice." });
    }
  });

const captures = z.string(captureRule).transform((text, context): Captures => {
  const [, bucket, prefix] = /^(?:s3:\/\/([a-z0-9][a-z0-9-]{1,61}[a-z0-9])(?:\/|$))?([\w!\-.'()=/]*)$/.exec(text) ?? [];
  const inner = prefix?.replace(/\/$/, "");
  if (inner === undefined || inner.startsWith("/") || inner.includes("//")) {
    context.addIssue({ code: "custom", message: captureRule });
    return z.NEVER;
  }
  return { bucket: bucket ?? null, prefix: inner };
});

/** The schema of `defaults` alone: it comes first, since the endpoints start from it. */
export const defaultsSchema = z.looseObject({
  defaults: section(settingsShape(defaultSettings)).transform(withJudge(defaultSettings)).prefault({}),
});

/** The schema of assay.yml. Its messages are sentences that follow on "PATH is VALUE." */
export function assaySchema(defaults: EndpointSettings) {
  const endpoint = section({ variants, ...settingsShape(defaults) }).transform(withJudge(defaults));
  return section({
    captures: captures.default({ bucket: null, prefix: "captures" }),
    falseAlarms: falseAlarms.prefault(`${defaultFalseAlarms.count} per ${defaultFalseAlarms.days} days`),
    defaults: section(settingsShape(defaultSettings)).transform(withJudge(defaultSettings)).prefault({}),
    endpoints: z
      .record(z.string().regex(sageMakerName), endpoint, {
        error: ({ code }) => (code === "invalid_key" ? nameRule : "List at least one SageMaker endpoint by its name."),
      })
      .superRefine(refineEndpoints),
    evaluations: evaluationsSchema,
    deployment: deploymentSection.prefault({}),
  })
    .superRefine(refineEvaluations)
    .superRefine(refineDeployment);
}

/** An existing bucket has a name, and what is in it is its owner's. */
function refineDeployment(
  { captures, deployment }: { captures: Captures; deployment: Deployment },
  context: z.RefinementCtx,
): void {
  // Where something else is wrong already, there may be none.
  if (deployment?.captureBucket !== "existing" || captures === undefined || captures.bucket !== null) return;
  const message = "Name the bucket: captures is s3://bucket/prefix then.";
  context.addIssue({ code: "custom", path: ["deployment", "captureBucket"], message });
}

/** Of an endpoint that is not listed nobody may ask, and it has no budget. */
function refineEvaluations(
  { endpoints, evaluations }: { endpoints: object; evaluations: Record<string, ScheduledEvaluation> },
  context: z.RefinementCtx,
): void {
  for (const [name, { input }] of Object.entries(evaluations)) {
    // Where something else is wrong already, there may be none.
    if (input === undefined || Object.hasOwn(endpoints, String(input.endpoint))) continue;
    const message = `Its endpoint is listed under endpoints; there are ${Object.keys(endpoints).join(", ")}.`;
    context.addIssue({ code: "custom", path: ["evaluations", name, "endpoint"], message });
  }
}

function refineEndpoints(
  endpoints: Record<string, { variants: string[]; judge: JudgeSettings | null }>,
  context: z.RefinementCtx,
): void {
  if (Object.keys(endpoints).length === 0) {
    context.addIssue({ code: "custom", message: "List at least one SageMaker endpoint by its name." });
  }
  for (const [endpoint, { judge }] of Object.entries(endpoints)) {
    // Where something else is wrong already, there may be none.
    if (!judge || !isServedBy(judge, endpoint)) continue;
    const message = "A model that grades its own answers finds them good: name another endpoint.";
    context.addIssue({ code: "custom", path: [endpoint, "judge", judge.provider === "openai" ? "url" : "endpoint"], message });
  }
  // Names of 63 characters keep every alarm name under CloudWatch's 255. But hyphens stand inside names and between them.
  const owners = new Map<string, string>();
  for (const [endpoint, { variants }] of Object.entries(endpoints)) {
    for (const variant of variants) {
      const name = alarmName("", endpoint, variant, "errors");
      const owner = owners.get(name);
      if (owner !== undefined && owner !== endpoint) {
        const message = `Its alarms would have the names of those of a variant of ${owner}. Rename one of the variants.`;
        context.addIssue({ code: "custom", path: [endpoint, "variants", variants.indexOf(variant)], message });
      }
      owners.set(name, endpoint);
    }
  }
}
