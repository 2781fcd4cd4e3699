import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { answersOf, textsOf } from "../../shared/aws/capturedAnswers.ts";
import { openGoldenSet } from "../../shared/aws/goldenSets.ts";
import { exists, putJsonOnce, readJson } from "../../shared/aws/results.ts";
import { describeComponent, describeServing, type Serving } from "../../shared/aws/servedVariants.ts";
import { type Assay, type JudgeSettings, settingsOf } from "../../shared/config/assay.ts";
import { InvalidGoldenLine, indexGoldenSet } from "../../shared/evaluation/goldenSet.ts";
import { evaluationKeys } from "../../shared/evaluation/keys.ts";
import { differences, narrowed, type Plan, planEvaluation, requireJudge } from "../../shared/evaluation/plan.ts";
import { choose, goldenLineOf } from "../../shared/evaluation/promote.ts";
import {
  type EvaluationRequest,
  InvalidEvaluation,
  type Questions,
  readEvaluationRequest,
  type Target,
} from "../../shared/evaluation/request.ts";
import { inRandomOrder } from "../../shared/evaluation/untilDecided.ts";
import { iso } from "../../shared/monitoring/windows.ts";

export type PrepareDeps = {
  assay: Assay;
  s3: S3Client;
  sagemaker: SageMakerClient;
  resultsBucket: string;
  nowMs: () => number;
};

/** What the other states need: names and numbers, no text. */
export type Prepared = {
  id: string;
  bucket: string;
  pointersKey: string;
  attempt: number;
  budgetMicroUsd: number | null;
  concurrency: number;
  toleratedFailurePercent: number;
  gates: string[];
  items: number;
  brokenLines: number;
};

/**
 * Checks what is asked for, finds the items and writes the plan. The first plan of an id stands: a repeat completes it.
 * @param input of the execution, see docs/evaluations.md
 * @throws InvalidEvaluation, which no repeat mends
 */
export async function prepareEvaluation(input: unknown, deps: PrepareDeps): Promise<Prepared> {
  const { assay, s3, resultsBucket, nowMs } = deps;
  const request = readEvaluationRequest(input);
  const { id, endpoint, payload, attempt, budgetMicroUsd, concurrency, toleratedFailurePercent, gates } = request;
  requireConfigured(assay, endpoint);
  const settings = settingsOf(assay, endpoint);
  const judge = requireJudge(endpoint, settings);
  const serving = await servingOf(request, deps);

  const keys = evaluationKeys(id);
  const place = await goldenSetOf(request.questions, request, serving.own, deps);
  const { etag, bytes } = await openGoldenSet(s3, place);
  const { items, broken, version } = await indexGoldenSet(bytes, payload, ({ criteria }) => requireCriteria(judge, criteria));
  const goldenSet = { ...place, etag, version };
  const plan = planEvaluation(
    request,
    settings,
    { serving: serving.names, goldenSet, items: items.length, broken },
    iso(nowMs()),
  );
  if (!(await putJsonOnce(s3, resultsBucket, keys.plan, plan))) {
    const changed = differences(await readJson<Plan>(s3, resultsBucket, keys.plan), plan);
    if (changed.length > 0) {
      throw new InvalidEvaluation(
        `The evaluation ${id} was begun with another ${changed.join(", ")}. Give this one an id of its own.`,
      );
    }
  }
  const Body = (plan.untilDecided ? inRandomOrder(items) : items).map((pointer) => `${JSON.stringify(pointer)}\n`).join("");
  await s3.send(new PutObjectCommand({ Bucket: resultsBucket, Key: keys.pointers, Body, ContentType: "application/x-ndjson" }));
  return {
    id,
    bucket: resultsBucket,
    pointersKey: keys.pointers,
    attempt,
    budgetMicroUsd,
    concurrency,
    toleratedFailurePercent,
    gates,
    items: items.length,
    brokenLines: broken.length,
  };
}

/** @throws InvalidGoldenLine where an item wants to be graded by what the judge does not know */
function requireCriteria(judge: JudgeSettings, criteria: readonly string[]): void {
  try {
    narrowed(judge, criteria);
  } catch (error) {
    if (error instanceof InvalidEvaluation) throw new InvalidGoldenLine(`criteria: ${error.message}`);
    throw error;
  }
}

/** @throws InvalidEvaluation: only what assay.yml names may be asked, so that no evaluation needs more rights than its stack has */
function requireConfigured(assay: Assay, endpoint: string): void {
  if (Object.hasOwn(assay.endpoints, endpoint)) return;
  throw new InvalidEvaluation(
    `assay.yml has no endpoint ${endpoint}. List it there, the one that grades with its judge, and deploy again.`,
  );
}

/** What answers at each target. `own`: the evaluation's endpoint. @throws InvalidEvaluation unless all of it is there */
async function servingOf(
  { endpoint, targets }: EvaluationRequest,
  { assay, sagemaker }: PrepareDeps,
): Promise<{ names: Plan["serving"]; own: Serving }> {
  const asked = targets.filter((target) => target.kind === "endpoint");
  const known = new Map<string, Serving>();
  for (const name of new Set([endpoint, ...asked.map((target) => target.endpoint)])) {
    requireConfigured(assay, name);
    const serving = await describeServing(sagemaker, name);
    if (!serving) throw new InvalidEvaluation(`There is no endpoint ${name} in this account and region.`);
    known.set(name, serving);
  }
  const names: Plan["serving"] = {};
  for (const target of asked) {
    const { configuration, variants } = known.get(target.endpoint)!; // described above
    names[target.endpoint] = configuration;
    if (target.variant !== null && !variants.includes(target.variant)) {
      const missing = asked.flatMap((one) =>
        one.endpoint === target.endpoint && one.variant !== null && !variants.includes(one.variant) ? [one.variant] : [],
      );
      throw new InvalidEvaluation(
        `${target.endpoint} has no variant ${missing.join(", ")}; it has ${variants.join(", ") || "none"}.`,
      );
    }
    if (target.component !== null)
      names[`${target.endpoint}/${target.component}`] = await componentOf(target, target.component, sagemaker);
  }
  return { names, own: known.get(endpoint)! }; // described above
}

async function componentOf(
  target: Extract<Target, { kind: "endpoint" }>,
  component: string,
  sagemaker: SageMakerClient,
): Promise<string> {
  const described = await describeComponent(sagemaker, component);
  if (described?.endpoint === target.endpoint) return described.model;
  throw new InvalidEvaluation(`${target.endpoint} has no inference component ${component}.`);
}

/** Where the items are. Those of captured traffic are drawn and written down once: a repeat asks the same. */
async function goldenSetOf(
  questions: Questions,
  { id, endpoint }: EvaluationRequest,
  { variants: served }: Serving,
  { assay, s3, resultsBucket }: PrepareDeps,
): Promise<{ bucket: string; key: string }> {
  if (questions.kind === "goldenSet") return { bucket: questions.bucket, key: questions.key };
  const { from, to, variants, items } = questions;
  const keys = evaluationKeys(id);
  const place = { bucket: resultsBucket, key: keys.captured };
  if (await exists(s3, resultsBucket, keys.captured)) return place;
  const results = { s3, resultsBucket };
  const span = { endpoint, variants: variants.length > 0 ? variants : served, fromMs: Date.parse(from), toMs: Date.parse(to) };
  const drawn = choose(await answersOf(results, span), "random", items);
  const lines: string[] = [];
  for await (const text of textsOf(results, drawn, settingsOf(assay, endpoint))) {
    // As it was asked: what a judge is shown is redacted then.
    const line = goldenLineOf(text, (said) => said);
    if (line !== null) lines.push(`${JSON.stringify(line)}\n`);
  }
  if (lines.length === 0)
    throw new InvalidEvaluation(
      `Nothing that ${endpoint} was asked from ${from} to ${to} can be asked again: nothing was captured, or its captures are gone.`,
    );
  await s3.send(
    new PutObjectCommand({
      Bucket: resultsBucket,
      Key: keys.captured,
      Body: lines.join(""),
      ContentType: "application/x-ndjson",
      IfNoneMatch: "*",
    }),
  );
  return place;
}
