import type { S3Client } from "@aws-sdk/client-s3";
import type { StoredJudgement } from "../judging/judgement.ts";
import { windowsBefore } from "../monitoring/readiness.ts";
import { foldedWindowKey, judgedEvent, judgementsOf, summariesOf } from "../monitoring/resultKeys.ts";
import { type StoredSummary, upToDate } from "../monitoring/summary.ts";
import { type LateJudgedRow, lateRowsOf, upToDateRecord, type WindowRecord, windowRecordOf } from "../monitoring/windowRecord.ts";
import { atOnce } from "./atOnce.ts";
import { exists, keysUnder, putJsonOnce, readJson } from "./results.ts";

/** What a fold consisted of. Its first version stands, so that whoever repeats the fold repeats this one. */
export type FoldedWindow = {
  endpoint: string;
  window: string;
  records: WindowRecord[];
  /** Grades of earlier windows. */
  late: LateJudgedRow[];
  /** Of this window and those before it that may still get judgements: the events whose judgement was folded. */
  folded: Record<string, string[]>;
  /** Variants that served another model than the baseline's and were not compared; absent in those of before it was kept. */
  apart?: string[];
  /** When the run began that folded it, ISO; absent in those of before it was kept. */
  foldedAt?: string;
};

export type Results = { s3: S3Client; resultsBucket: string };

/** Reads at once: enough to hide the way to S3, few enough for one connection pool. */
const readsAtOnce = 25;

/** All variants' records of a window as its books and judgements are now, in order of variant. */
export async function readWindowRecords(
  results: Results,
  endpoint: string,
  window: string,
  judgeVersion: string,
): Promise<WindowRecord[]> {
  const [books, judgements] = await Promise.all([
    readBooks(results, endpoint, window),
    judgementKeys(results, endpoint, window, judgeVersion).then((keys) => readJudgements(results, keys)),
  ]);
  return recordsOf(endpoint, window, books, judgements);
}

/** The window as it was folded; `null` if it was not, or so long ago that the bucket forgot it. */
export async function readFoldedWindow(results: Results, endpoint: string, window: string): Promise<FoldedWindow | null> {
  const key = foldedWindowKey(endpoint, window);
  if (!(await exists(results.s3, results.resultsBucket, key))) return null;
  return upToDateWindow(await readJson<FoldedWindow>(results.s3, results.resultsBucket, key));
}

/** A folded window, whichever version of Assay folded it: what that did not keep yet is empty. */
export function upToDateWindow(folded: FoldedWindow): FoldedWindow {
  return { ...folded, records: folded.records.map(upToDateRecord) };
}

/**
 * Gathers what there is to fold of a window, with what came late for those before it, and keeps it: a repeat finds it as it was.
 * @param before   the window that was folded before it; `null` for the first
 * @param captured windows in which something may have been captured: the others are not looked at
 * @param foldedAt when this run began, ISO
 */
export async function gatherWindow(
  results: Results,
  { endpoint, window, judgeVersion, apart }: { endpoint: string; window: string; judgeVersion: string; apart: string[] },
  before: FoldedWindow | null,
  captured: ReadonlySet<string>,
  foldedAt: string,
): Promise<FoldedWindow> {
  const earlier = windowsBefore(window).filter((w) => captured.has(w) && before !== null && Object.hasOwn(before.folded, w));
  const [records, ...come] = await Promise.all([
    captured.has(window) ? readWindowRecords(results, endpoint, window, judgeVersion) : [],
    ...earlier.map((w) => lateOf(results, { endpoint, window: w, judgeVersion }, before!.folded[w]!)), // `earlier` has only those
  ]);
  const own = records.flatMap(({ rows, failed }) => [...rows, ...failed].map(({ eventId }) => eventId));
  const folded = Object.fromEntries(earlier.map((w, i) => [w, [...before!.folded[w]!, ...come[i]!.events]]));
  const gathered: FoldedWindow = {
    endpoint,
    window,
    records,
    late: come.flatMap(({ rows }) => rows),
    folded: captured.has(window) ? { ...folded, [window]: own } : folded,
    apart,
    foldedAt,
  };
  const key = foldedWindowKey(endpoint, window);
  if (await putJsonOnce(results.s3, results.resultsBucket, key, gathered)) return gathered;
  return readJson<FoldedWindow>(results.s3, results.resultsBucket, key);
}

/** What came for a folded window since, with a grade or without. What its books do not know yet waits for the next look. */
async function lateOf(
  results: Results,
  { endpoint, window, judgeVersion }: { endpoint: string; window: string; judgeVersion: string },
  folded: readonly string[],
): Promise<{ rows: LateJudgedRow[]; events: string[] }> {
  const known = new Set(folded);
  const keys = await judgementKeys(results, endpoint, window, judgeVersion);
  const news = keys.filter((key) => !known.has(judgedEvent(key, judgeVersion)!)); // judgementKeys has only those
  if (news.length === 0) return { rows: [], events: [] };
  const [books, judgements] = await Promise.all([readBooks(results, endpoint, window), readJudgements(results, news)]);
  const chosen = new Set(books.flatMap(({ summary }) => summary.chosen.map(({ eventId }) => eventId)));
  return {
    rows: recordsOf(endpoint, window, books, []).flatMap((record) => lateRowsOf(record, judgements, known)),
    events: judgements.map(({ eventId }) => eventId).filter((eventId) => chosen.has(eventId)),
  };
}

function recordsOf(
  endpoint: string,
  window: string,
  books: readonly StoredSummary[],
  judgements: readonly StoredJudgement[],
): WindowRecord[] {
  return [...new Set(books.map(({ variant }) => variant))].sort().map((variant) =>
    windowRecordOf(
      { window, endpoint, variant },
      books.filter((stored) => stored.variant === variant).map(({ summary }) => summary),
      judgements.filter((stored) => stored.variant === variant),
    ),
  );
}

async function readBooks({ s3, resultsBucket }: Results, endpoint: string, window: string): Promise<StoredSummary[]> {
  const keys = await keysUnder(s3, resultsBucket, summariesOf(window, endpoint));
  return atOnce(readsAtOnce, keys, async (key) => {
    const stored = await readJson<StoredSummary>(s3, resultsBucket, key);
    return { ...stored, summary: upToDate(stored.summary) };
  });
}

async function judgementKeys(
  { s3, resultsBucket }: Results,
  endpoint: string,
  window: string,
  judgeVersion: string,
): Promise<string[]> {
  const keys = await keysUnder(s3, resultsBucket, judgementsOf(window, endpoint));
  return keys.filter((key) => judgedEvent(key, judgeVersion) !== null);
}

function readJudgements({ s3, resultsBucket }: Results, keys: readonly string[]): Promise<StoredJudgement[]> {
  return atOnce(readsAtOnce, keys, (key) => readJson<StoredJudgement>(s3, resultsBucket, key));
}
