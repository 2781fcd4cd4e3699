import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { openGoldenSet } from "../../shared/aws/goldenSets.ts";
import { putJsonOnce, readJson } from "../../shared/aws/results.ts";
import { describeServing } from "../../shared/aws/servedVariants.ts";
import { type Assay, settingsOf } from "../../shared/config/assay.ts";
import { indexGoldenSet } from "../../shared/evaluation/goldenSet.ts";
import { evaluationKeys } from "../../shared/evaluation/keys.ts";
import {
  differences,
  type EvaluationRequest,
  InvalidEvaluation,
  type Plan,
  planEvaluation,
  readEvaluationRequest,
  requireJudge,
} from "../../shared/evaluation/plan.ts";
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
  items: number;
  brokenLines: number;
};

/**
 * Checks what is asked for, finds the items of the golden set and writes the plan. The first plan of an id stands: a repeat completes it.
 * @param input of the execution
 * @throws InvalidEvaluation, which no repeat mends
 */
export async function prepareEvaluation(
  input: unknown,
  { assay, s3, sagemaker, resultsBucket, nowMs }: PrepareDeps,
): Promise<Prepared> {
  const request = readEvaluationRequest(input);
  const { id, endpoint, goldenSet, payload, attempt, budgetMicroUsd } = request;
  if (!Object.hasOwn(assay.endpoints, endpoint)) {
    throw new InvalidEvaluation(`assay.yml has no endpoint ${endpoint}. List it there with its judge, and deploy again.`);
  }
  const settings = settingsOf(assay, endpoint);
  requireJudge(endpoint, settings);
  const endpointConfiguration = await servedConfiguration(sagemaker, request);

  const { etag, bytes } = await openGoldenSet(s3, goldenSet);
  const { items, broken } = await indexGoldenSet(bytes, payload);
  const found = { endpointConfiguration, etag, items: items.length, broken };
  const plan = planEvaluation(request, settings, found, iso(nowMs()));
  const keys = evaluationKeys(id);
  if (!(await putJsonOnce(s3, resultsBucket, keys.plan, plan))) {
    const changed = differences(await readJson<Plan>(s3, resultsBucket, keys.plan), plan);
    if (changed.length > 0) {
      throw new InvalidEvaluation(
        `The evaluation ${id} was begun with another ${changed.join(", ")}. Give this one an id of its own.`,
      );
    }
  }
  const Body = items.map((pointer) => `${JSON.stringify(pointer)}\n`).join("");
  await s3.send(new PutObjectCommand({ Bucket: resultsBucket, Key: keys.pointers, Body, ContentType: "application/x-ndjson" }));
  return {
    id,
    bucket: resultsBucket,
    pointersKey: keys.pointers,
    attempt,
    budgetMicroUsd,
    items: items.length,
    brokenLines: broken.length,
  };
}

/** The name of what the endpoint serves. @throws InvalidEvaluation unless every variant is in it */
async function servedConfiguration(sagemaker: SageMakerClient, { endpoint, variants }: EvaluationRequest): Promise<string> {
  const serving = await describeServing(sagemaker, endpoint);
  if (!serving) throw new InvalidEvaluation(`There is no endpoint ${endpoint} in this account and region.`);
  const missing = variants.filter((variant) => !serving.variants.includes(variant));
  if (missing.length === 0) return serving.configuration;
  throw new InvalidEvaluation(
    `${endpoint} has no variant ${missing.join(", ")}; it has ${serving.variants.join(", ") || "none"}.`,
  );
}
