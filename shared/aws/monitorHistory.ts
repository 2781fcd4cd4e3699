import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { AnchorReading } from "../monitoring/anchors.ts";
import type { MonitorFinding } from "../monitoring/finding.ts";
import type { PastEvent } from "../monitoring/replay.ts";
import { anchorReadingsOf, foldedWindowKey, foldedWindowsOf } from "../monitoring/resultKeys.ts";
import { windowMs, windowOf } from "../monitoring/windows.ts";
import { atOnce } from "./atOnce.ts";
import { type FoldedWindow, type Results, upToDateWindow } from "./foldedWindows.ts";
import { keysUnder, putJsonOnce, readJson } from "./results.ts";
import { keys, type Table } from "./table.ts";

/** A reading of the anchors as it was folded. */
export type FoldedReading = { foldedAt: string; reading: AnchorReading };

/** As many windows as one look ahead has: a year of them is never in memory. */
const readsAtOnce = 25;

/** Keeps a reading before it is folded; its first version stands. @returns it as it is kept */
export async function keepReading({ s3, resultsBucket }: Results, key: string, folded: FoldedReading): Promise<FoldedReading> {
  return (await putJsonOnce(s3, resultsBucket, key, folded)) ? folded : readJson<FoldedReading>(s3, resultsBucket, key);
}

/** All findings of an endpoint that its monitor ever made and the table still has, as they are now. */
export async function readMonitorFindings(table: Table, endpoint: string): Promise<MonitorFinding[]> {
  const { pk, sk } = keys.finding(endpoint, "", "");
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :findings)",
      ExpressionAttributeValues: { ":pk": pk, ":findings": sk.slice(0, sk.indexOf("#") + 1) },
      ConsistentRead: true,
    },
  );
  const findings: MonitorFinding[] = [];
  // Beside them there are findings of alarms of CloudWatch, which have no rules.
  for await (const { Items = [] } of pages) findings.push(...(Items.filter((item) => "rules" in item) as MonitorFinding[]));
  return findings;
}

/**
 * What an endpoint's monitor took in since its baseline was approved, in order of time, as far as the bucket still has it.
 * @param baseline version
 * @param findings as `readMonitorFindings` gives them
 */
export async function* pastEvents(
  { s3, resultsBucket }: Results,
  { endpoint, baseline, approvedAt }: { endpoint: string; baseline: string; approvedAt: string },
  findings: readonly MonitorFinding[],
): AsyncGenerator<PastEvent> {
  const approvedAtMs = Date.parse(approvedAt);
  const readings = await atOnce(readsAtOnce, await keysUnder(s3, resultsBucket, anchorReadingsOf(endpoint, baseline)), (key) =>
    readJson<FoldedReading>(s3, resultsBucket, key),
  );
  const others: PastEvent[] = [
    ...readings.map(({ foldedAt, reading }) => ({ atMs: Date.parse(foldedAt), reading })),
    ...findings.flatMap(({ id, because, closedAt }) =>
      closedAt === undefined ? [] : [{ atMs: Date.parse(closedAt), closed: { id, because } }],
    ),
  ]
    .filter(({ atMs }) => atMs >= approvedAtMs)
    .sort((a, b) => a.atMs - b.atMs);
  // A window that was folded later began later, and none was folded before its end.
  const first = foldedWindowKey(endpoint, windowOf(approvedAtMs - dayMs));
  const windows = (await keysUnder(s3, resultsBucket, foldedWindowsOf(endpoint))).filter((key) => key >= first);
  for (let at = 0; at < windows.length; at += readsAtOnce) {
    const folded = await atOnce(readsAtOnce, windows.slice(at, at + readsAtOnce), async (key) =>
      upToDateWindow(await readJson<FoldedWindow>(s3, resultsBucket, key)),
    );
    for (const fold of folded) {
      const atMs = Date.parse(fold.foldedAt ?? windowOf(Date.parse(fold.window) + 2 * windowMs));
      if (atMs < approvedAtMs) continue; // compared with the baseline before
      while (others.length > 0 && others[0]!.atMs < atMs) yield others.shift()!;
      yield { atMs, fold };
    }
  }
  yield* others;
}

/** More than any window waits to be folded. */
const dayMs = 24 * 3_600_000;
