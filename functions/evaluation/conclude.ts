import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { evaluationExamples } from "../../shared/aws/evaluationExamples.ts";
import { putJson, putPage, readJson } from "../../shared/aws/results.ts";
import { judgeGates, parseGate } from "../../shared/evaluation/gates.ts";
import { evaluationKeys } from "../../shared/evaluation/keys.ts";
import type { Plan } from "../../shared/evaluation/plan.ts";
import { concludeEvaluation, type EvaluationResult, type ItemResult } from "../../shared/evaluation/result.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { evaluationReport } from "../../shared/reporting/evaluationReport.ts";
import { page } from "../../shared/reporting/page/page.ts";

export type ConcludeDeps = { s3: S3Client; resultsBucket: string; nowMs: () => number };

/** What the execution says at its end; the whole is at `key`. */
export type Concluded = Pick<EvaluationResult, "id" | "verdict" | "unfinished" | "judgeMicroUsd"> & {
  /** Whether every gate passed; those that did not say why in the result. */
  passed: boolean;
  bucket: string;
  key: string;
  /** Key of the HTML report. */
  report: string;
};
/** `failure`: name of the error that ended the execution early, or `null`. */
export type ToConclude = { id: string; failure: string | null; gates: string[] };

/** Reads at once: enough to hide the way to S3, few enough for one connection pool. */
const atOnce = 25;

/**
 * Reads the results of all items, compares and writes the evaluation's result and report, in place of those of an earlier attempt.
 */
export async function conclude(
  { id, failure, gates }: ToConclude,
  { s3, resultsBucket, nowMs }: ConcludeDeps,
): Promise<Concluded> {
  const keys = evaluationKeys(id);
  const plan = await readJson<Plan>(s3, resultsBucket, keys.plan);
  const results: ItemResult[] = [];
  const found: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: resultsBucket, Prefix: keys.items })) {
    found.push(...Contents.map(({ Key }) => Key!)); // listed objects have keys
  }
  for (let at = 0; at < found.length; at += atOnce) {
    const some = found.slice(at, at + atOnce).map((key) => readJson<ItemResult>(s3, resultsBucket, key));
    results.push(...(await Promise.all(some)));
  }
  const result = concludeEvaluation(plan, results, failure, iso(nowMs()));
  const verdicts = judgeGates(result, gates.map(parseGate));
  await putJson(s3, resultsBucket, keys.result, { ...result, gates: verdicts });
  const examples = await evaluationExamples(s3, resultsBucket, plan, results);
  await putPage(s3, resultsBucket, keys.report, page(evaluationReport(result, verdicts, examples)));
  const { verdict, unfinished, judgeMicroUsd } = result;
  const passed = verdicts.every(({ outcome }) => outcome === "passed");
  return { id, verdict, passed, unfinished, judgeMicroUsd, bucket: resultsBucket, key: keys.result, report: keys.report };
}
