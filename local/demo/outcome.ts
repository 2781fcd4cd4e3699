import type { Cause } from "../../shared/monitoring/finding.ts";
import { type Counts, emptySummary, merge, type StoredSummary, type Summary } from "../../shared/monitoring/summary.ts";
import type { RemediationRecord, RemediationStatus } from "../../shared/remediation/record.ts";
import type { World } from "../world.ts";

export type Outcome = {
  findings: { cause: Cause; variant: string; judged: number }[];
  actions: { kind: string; variant: string; outcome: Exclude<RemediationStatus, "acting"> }[];
  counts: Counts & { judged: number };
  spend: { evaluationMicroUsd: number; budgetMicroUsd: number };
};

/** The books so far, per variant and in all: the sum of all summaries in the results bucket. */
export type Books = { total: Summary; variants: Map<string, Summary> };

async function readObjects<T>(world: World, bucket: string, prefix: string): Promise<T[]> {
  const { Contents } = (await world.call("s3", "ListObjectsV2", { Bucket: bucket, Prefix: prefix })) as {
    Contents: { Key: string }[];
  };
  const objects: T[] = [];
  for (const { Key } of Contents) {
    const { Body } = (await world.call("s3", "GetObject", { Bucket: bucket, Key })) as { Body: Buffer };
    objects.push(JSON.parse(Body.toString("utf8")) as T);
  }
  return objects;
}

export async function readBooks(world: World, bucket: string): Promise<Books> {
  const variants = new Map<string, Summary>();
  for (const { endpoint, variant, summary } of await readObjects<StoredSummary>(world, bucket, "summaries/")) {
    const name = `${endpoint}/${variant}`;
    variants.set(name, merge(variants.get(name) ?? emptySummary(), summary));
  }
  const total = [...variants.values()].reduce(merge, emptySummary());
  return { total, variants: new Map([...variants].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** Every remediation record, oldest decision first. */
export async function readRemediations(world: World, bucket: string): Promise<RemediationRecord[]> {
  const records = await readObjects<RemediationRecord>(world, bucket, "remediations/");
  return records.sort((a, b) => (a.decidedAt < b.decidedAt ? -1 : a.decidedAt > b.decidedAt ? 1 : a.id < b.id ? -1 : 1));
}

export function outcomeOf({ total }: Books, remediations: readonly RemediationRecord[]): Outcome {
  return {
    findings: remediations.flatMap(({ cause, variant }) =>
      cause === null || variant === null ? [] : [{ cause, variant, judged: 0 }],
    ),
    actions: remediations.flatMap(({ decision, variant, status }) =>
      status === "acting" || variant === null ? [] : [{ kind: decision.kind, variant, outcome: status }],
    ),
    counts: { ...total.counts, judged: 0 },
    spend: { evaluationMicroUsd: 0, budgetMicroUsd: 0 },
  };
}
