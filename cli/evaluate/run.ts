import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  ExecutionAlreadyExists,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { atOnce } from "../../shared/aws/atOnce.ts";
import { exists, keysUnder, readJson } from "../../shared/aws/results.ts";
import { describeServing } from "../../shared/aws/servedVariants.ts";
import { evaluationKeys } from "../../shared/evaluation/keys.ts";
import type { Plan } from "../../shared/evaluation/plan.ts";
import type { EvaluationInput } from "../../shared/evaluation/request.ts";
import { type EvaluationResult, type ItemResult, isFinished } from "../../shared/evaluation/result.ts";
import { costOf } from "../../shared/judging/judgement.ts";
import { WrongUse } from "../exit.ts";
import { inAws } from "../stack.ts";

/** How far an evaluation is. `items`: `null` until it is planned. `failed`: items where a target has no grade. */
export type Progress = {
  items: number | null;
  finished: number;
  failed: number;
  judgeMicroUsd: number;
  secondsLeft: number | null;
};

const pollMs = 2_000;
const readsAtOnce = 25;

/** Names what an endpoint serves now: with another model it is another name. @throws WrongUse where there is none */
export async function configurationOf(endpoint: string): Promise<string> {
  const serving = await describeServing(new SageMakerClient(), endpoint);
  if (!serving) throw new WrongUse(`There is no endpoint ${endpoint} in this account and region.`);
  return serving.configuration;
}

/**
 * Uploads the golden set, starts the evaluation or joins it where it runs, and follows it to its end. Every attempt does what is missing
 * and asks nobody twice, so one after a finished attempt only checks that it is still the same evaluation, and says the same.
 * @throws WrongUse where it cannot be made, or ended without a result to rely on
 */
export async function runEvaluation(
  input: EvaluationInput,
  golden: Uint8Array | null,
  bucket: string,
  machine: string,
  onProgress: (progress: Progress) => void,
): Promise<EvaluationResult> {
  const { id, goldenSet } = input;
  const s3 = new S3Client();
  const sfn = new SFNClient();
  return inAws(`The evaluation ${id}`, async () => {
    if (golden !== null && goldenSet) {
      const { bucket: Bucket, key: Key } = goldenSet;
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: golden, ContentType: "application/x-ndjson" }));
    }
    const execution = await start(sfn, machine, input);
    const ended = await follow(sfn, execution, progressOf(s3, bucket, id, onProgress));
    const result = evaluationKeys(id).result;
    if (ended.status !== "SUCCEEDED") throw new WrongUse(failureOf(ended, `s3://${bucket}/${result}`));
    return readJson<EvaluationResult>(s3, bucket, result);
  });
}

/**
 * Starts the next attempt. The names of executions are the evaluation's, so the same input joins the attempt that runs.
 * @returns the ARN of the execution
 * @throws WrongUse where the evaluation runs with another input
 */
async function start(sfn: SFNClient, stateMachineArn: string, request: EvaluationInput): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const name = attempt === 1 ? request.id : `${request.id}-${attempt}`;
    const input = JSON.stringify({ ...request, attempt });
    try {
      const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
      return executionArn!; // what was started has one
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
      const executionArn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
      const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== "RUNNING") continue;
      throw new WrongUse(
        `The evaluation ${request.id} runs already, with other options. Wait for its end, or give another --id.`,
      );
    }
  }
}

/** Of many items a look takes long, and costs: the pause before the next one is ten times that. The end is never waited for. */
async function follow(sfn: SFNClient, executionArn: string, look: () => Promise<void>): Promise<DescribeExecutionCommandOutput> {
  let nextLookMs = 0;
  for (;;) {
    const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const startedMs = performance.now();
    const isOver = described.status !== "RUNNING";
    if (isOver || startedMs >= nextLookMs) {
      await look();
      nextLookMs = performance.now() + 10 * (performance.now() - startedMs);
    }
    if (isOver) return described;
    await sleep(pollMs);
  }
}

/** Looks at the items' results as they come: each is read once it is finished, and not again. */
function progressOf(s3: S3Client, bucket: string, id: string, onProgress: (progress: Progress) => void): () => Promise<void> {
  const keys = evaluationKeys(id);
  const finished = new Map<string, { failed: boolean; judgeMicroUsd: number }>();
  let items: number | null = null;
  let first: { atMs: number; finished: number } | null = null;
  return async () => {
    const fresh = (await keysUnder(s3, bucket, keys.items)).filter((key) => !finished.has(key));
    const read = await atOnce(readsAtOnce, fresh, async (key) => ({ key, item: await readJson<ItemResult>(s3, bucket, key) }));
    for (const { key, item } of read) {
      if (!isFinished(item)) continue;
      const judgements = Object.values(item.variants).map(({ judgement }) => judgement);
      finished.set(key, {
        failed: judgements.some((judgement) => judgement?.status !== "graded"),
        judgeMicroUsd: judgements.reduce((sum, judgement) => sum + (judgement ? costOf(judgement) : 0), 0),
      });
    }
    if (items === null && (await exists(s3, bucket, keys.plan))) items = (await readJson<Plan>(s3, bucket, keys.plan)).items;
    first ??= { atMs: performance.now(), finished: finished.size };
    const done = finished.size - first.finished;
    const secondsEach = done === 0 ? null : (performance.now() - first.atMs) / 1_000 / done;
    const all = [...finished.values()];
    onProgress({
      items,
      finished: finished.size,
      failed: all.filter(({ failed }) => failed).length,
      judgeMicroUsd: all.reduce((sum, { judgeMicroUsd }) => sum + judgeMicroUsd, 0),
      secondsLeft: items === null || secondsEach === null ? null : Math.round(secondsEach * (items - finished.size)),
    });
  };
}

function failureOf({ status, error, cause }: DescribeExecutionCommandOutput, result: string): string {
  if (error === "InvalidEvaluation") return messageIn(cause) ?? "The workflow refused the evaluation.";
  return (
    `The execution ended as ${status}${error ? `: ${error}` : ""}. What there is, is in ${result}. ` +
    "The same command completes it; its history in Step Functions says what failed."
  );
}

/** A Lambda function's error, as Step Functions hands it on. */
function messageIn(cause: string | undefined): string | null {
  try {
    const { errorMessage } = JSON.parse(cause ?? "") as { errorMessage?: unknown };
    return typeof errorMessage === "string" ? errorMessage : null;
  } catch {
    return null;
  }
}
