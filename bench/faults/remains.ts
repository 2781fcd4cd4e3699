import type { EmbeddedAws } from "../../local/aws.ts";
import { openBooks, readFindings, readRemediations, readSpentDays } from "../../local/demo/outcome.ts";
import { demoEndpoint } from "../../local/demo/scenarios.ts";
import type { Stack } from "../../local/deploy.ts";
import { costOf, type StoredJudgement } from "../../shared/judging/judgement.ts";
import type { Counts } from "../../shared/monitoring/summary.ts";
import type { RemediationRecord } from "../../shared/remediation/record.ts";
import type { ReportedFinding } from "../../shared/reporting/outcome.ts";

/** What is left of a day and must be the same however it was disturbed. */
type Remains = {
  counts: Counts;
  chosen: number;
  /** Every judgement by its key, without the time at which it was made. */
  judgements: Record<string, Omit<StoredJudgement, "judgedAt">>;
  /** What the ledger says was spent, and what all judgements, those of anchors too, say that they cost. */
  spentMicroUsd: number;
  costMicroUsd: number;
  findings: Omit<ReportedFinding, "at">[];
  remediations: Pick<RemediationRecord, "id" | "cause" | "variant" | "status" | "attempt">[];
  /** Changes of the endpoint that were made. */
  acted: number;
  weights: Record<string, number>;
  /** Messages that nobody could process. */
  deadLetters: number;
};

/** What is left, and what the day had to bear: crashes, and the kinds of calls after which they came. */
export type Played = { remains: Remains; crashes: number; seams: string[] };

export async function remains(aws: EmbeddedAws, stack: Stack): Promise<Played> {
  const { world } = aws;
  const { total } = await openBooks(world, stack.ResultsBucketName).read();
  const stored = await readAll<StoredJudgement>(aws, stack, "judgements/");
  // Beside the judgements of anchors lie the readings that were made of them, which cost nothing more.
  const anchors = await readAll<Partial<Pick<StoredJudgement, "judgement">>>(aws, stack, "anchors/");
  const records = await readRemediations(world, stack.ResultsBucketName);
  const days = await readSpentDays(world, stack.TableName, demoEndpoint);
  const { findings } = await readFindings(world, stack.TableName, demoEndpoint);
  const { ProductionVariants } = (await world.call("sagemaker", "DescribeEndpoint", { EndpointName: demoEndpoint })) as {
    ProductionVariants: { VariantName: string; DesiredWeight: number }[];
  };
  const crashes = aws.faults.happened.filter(({ kind }) => kind === "crash");
  return {
    remains: {
      counts: total.counts,
      chosen: total.chosen.length,
      judgements: Object.fromEntries(
        Object.entries(stored).map(([key, { judgedAt: _, ...judgement }]) => [key, judgement] as const),
      ),
      spentMicroUsd: days.reduce((sum, { spentMicroUsd }) => sum + spentMicroUsd, 0),
      costMicroUsd: [...Object.values(stored), ...Object.values(anchors)].reduce(
        (sum, { judgement }) => sum + (judgement ? costOf(judgement) : 0),
        0,
      ),
      findings: findings.map(({ at: _, ...finding }) => finding),
      remediations: records.map(({ id, cause, variant, status, attempt }) => ({ id, cause, variant, status, attempt })),
      acted: records.filter(({ actedAt }) => actedAt !== null).length,
      weights: Object.fromEntries(ProductionVariants.map(({ VariantName, DesiredWeight }) => [VariantName, DesiredWeight])),
      deadLetters: (await aws.sqs.ages()).reduce((sum, { queue, visible }) => sum + (queue.includes("dead") ? visible : 0), 0),
    },
    crashes: crashes.length,
    seams: [
      ...new Set(crashes.map(({ functionName, service, operation }) => `${functionName} ${service} ${operation.split(" ")[0]}`)),
    ],
  };
}

async function readAll<T>(
  { world }: EmbeddedAws,
  { ResultsBucketName: Bucket }: Stack,
  prefix: string,
): Promise<Record<string, T>> {
  const { Contents } = (await world.call("s3", "ListObjectsV2", { Bucket, Prefix: prefix })) as { Contents: { Key: string }[] };
  const read: Record<string, T> = {};
  for (const { Key } of Contents) {
    const { Body } = (await world.call("s3", "GetObject", { Bucket, Key })) as { Body: Buffer };
    read[Key] = JSON.parse(Body.toString("utf8")) as T;
  }
  return read;
}
