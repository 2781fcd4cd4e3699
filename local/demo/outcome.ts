import { countJudgements, type Judgement, type StoredJudgement } from "../../shared/judging/judgement.ts";
import { type Counts, emptySummary, merge, type StoredSummary, type Summary } from "../../shared/monitoring/summary.ts";
import type { RemediationRecord } from "../../shared/remediation/record.ts";
import type { ReportedAction, ReportedFinding, Spend } from "../../shared/reporting/outcome.ts";
import type { World } from "../world.ts";

export type Outcome = {
  findings: Pick<ReportedFinding, "cause" | "variant" | "judged">[];
  actions: Pick<ReportedAction, "kind" | "variant" | "outcome">[];
  counts: Counts & { judged: number };
  spend: Spend;
};

/** The books so far, per `endpoint/variant` and in all: the sum of all summaries in the results bucket, and the answers that got a grade. */
export type Books = { total: Summary; variants: Map<string, Summary>; judged: number };

/** Reads the books again and again. An object of the results bucket never changes, so each is read once. */
export function openBooks(world: World, bucket: string): { read(): Promise<Books> } {
  const seen = new Set<string>();
  const variants = new Map<string, Summary>();
  let judged = 0;
  return {
    async read() {
      for await (const { endpoint, variant, summary } of newObjects<StoredSummary>(world, bucket, "summaries/", seen)) {
        const name = `${endpoint}/${variant}`;
        variants.set(name, merge(variants.get(name) ?? emptySummary(), summary));
      }
      const judgements: Judgement[] = [];
      for await (const { judgement } of newObjects<StoredJudgement>(world, bucket, "judgements/", seen))
        judgements.push(judgement);
      judged += countJudgements(judgements).graded;
      const total = [...variants.values()].reduce(merge, emptySummary());
      return { total, variants: new Map([...variants].sort(([a], [b]) => (a < b ? -1 : 1))), judged };
    },
  };
}

/** Every remediation record as it stands, oldest decision first. */
export async function readRemediations(world: World, bucket: string): Promise<RemediationRecord[]> {
  const records: RemediationRecord[] = [];
  for await (const record of newObjects<RemediationRecord>(world, bucket, "remediations/", new Set())) records.push(record);
  return records.sort((a, b) => (a.decidedAt < b.decidedAt ? -1 : a.decidedAt > b.decidedAt ? 1 : a.id < b.id ? -1 : 1));
}

async function* newObjects<T>(world: World, bucket: string, prefix: string, seen: Set<string>): AsyncGenerator<T> {
  const { Contents } = (await world.call("s3", "ListObjectsV2", { Bucket: bucket, Prefix: prefix })) as {
    Contents: { Key: string }[];
  };
  for (const { Key } of Contents) {
    if (seen.has(Key)) continue;
    const { Body } = (await world.call("s3", "GetObject", { Bucket: bucket, Key })) as { Body: Buffer };
    seen.add(Key);
    yield JSON.parse(Body.toString("utf8")) as T;
  }
}

/** `parts`: ids of what was undecided and turned out to belong to one of `findings`. */
type Found = { findings: ReportedFinding[]; parts: ReadonlySet<string> };

/** What was found of an endpoint, by whichever alarm or evidence, in order of time. */
export async function readFindings(world: World, table: string, endpoint: string): Promise<Found> {
  const items = await queryItems(world, table, `endpoint#${endpoint}`, "finding#");
  const parts = new Set(items.flatMap(({ id, partOf }) => (partOf === undefined ? [] : [String(id)])));
  const findings = items
    .filter(({ id }) => !parts.has(String(id)))
    .map(({ cause, variant, signal, openedAt, since, size, judged }) => ({
      cause: cause as ReportedFinding["cause"],
      variant: (variant as string | undefined) ?? null,
      at: (openedAt ?? since) as string,
      // What an alarm finds has neither.
      signal: (signal as string | undefined) ?? null,
      size: (size as number | undefined) ?? null,
      judged: (judged as number | undefined) ?? 0,
    }))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  return { findings, parts };
}

type SpentDay = { date: string; spentMicroUsd: number };

/** What the judge has cost on each day (UTC) on which it was asked. */
export async function readSpentDays(world: World, table: string, endpoint: string): Promise<SpentDay[]> {
  const days = await queryItems(world, table, `budget#${endpoint}`, "");
  return days.map(({ sk, spentMicroUsd }) => ({ date: String(sk), spentMicroUsd: Number(spentMicroUsd) }));
}

/**
 * Cost and budget of the days that a span touches. What is spent before it, for the first reading of the anchors, and after it is
 * of other days, which have budgets of their own.
 */
export function spendOf(
  days: readonly SpentDay[],
  budgetMicroUsdPerDay: number,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): Spend {
  const dayOf = (ms: number) => Math.floor(ms / 86_400_000);
  const [first, last] = [dayOf(fromMs), dayOf(untilMs - 1)];
  const played = days.filter(({ date }) => dayOf(Date.parse(date)) >= first && dayOf(Date.parse(date)) <= last);
  return {
    evaluationMicroUsd: played.reduce((sum, { spentMicroUsd }) => sum + spentMicroUsd, 0),
    budgetMicroUsd: budgetMicroUsdPerDay * (last - first + 1),
  };
}

type Scalar = string | number | null;

/** The items of a partition, of each the attributes that are strings, numbers or null. */
async function queryItems(world: World, table: string, pk: string, skPrefix: string): Promise<Record<string, Scalar>[]> {
  const { Items } = (await world.call("dynamodb", "Query", {
    TableName: table,
    KeyConditionExpression: skPrefix === "" ? "pk = :pk" : "pk = :pk AND begins_with(sk, :sk)",
    ExpressionAttributeValues: { ":pk": { S: pk }, ...(skPrefix === "" ? {} : { ":sk": { S: skPrefix } }) },
  })) as { Items: Record<string, { S?: string; N?: string; NULL?: boolean }>[] };
  return Items.map((item) =>
    Object.fromEntries(
      Object.entries(item).flatMap(([name, { S, N, NULL }]): [string, Scalar][] => {
        if (S !== undefined) return [[name, S]];
        if (N !== undefined) return [[name, Number(N)]];
        return NULL ? [[name, null]] : [];
      }),
    ),
  );
}

export function outcomeOf(
  { total, judged }: Books,
  findings: readonly ReportedFinding[],
  actions: readonly ReportedAction[],
  spend: Spend,
): Outcome {
  return {
    findings: findings.map(({ cause, variant, judged }) => ({ cause, variant, judged })),
    actions: actions.map(({ kind, variant, outcome }) => ({ kind, variant, outcome })),
    counts: { ...total.counts, judged },
    spend,
  };
}
