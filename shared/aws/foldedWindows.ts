import { type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
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
  /** Keys of objects that could not be read and were passed over; absent where there are none. */
  unread?: string[];
};

export type Results = { s3: S3Client; resultsBucket: string };

/** Reads at once: enough to hide the way to S3, few enough for one connection pool. */
const readsAtOnce = 25;

/** All variants' records of a window as its books and judgements are now, in order of variant. What cannot be read is passed over. */
export async function readWindowRecords(
  results: Results,
  endpoint: string,
  window: string,
  judgeVersion: string,
): Promise<WindowRecord[]> {
  return (await readWindow(results, endpoint, window, judgeVersion)).records;
}

async function readWindow(
  results: Results,
  endpoint: string,
  window: string,
  judgeVersion: string,
): Promise<{ records: WindowRecord[]; unread: string[] }> {
  const [books, judgements] = await Promise.all([
    readBooks(results, endpoint, window),
    judgementKeys(results, endpoint, window, judgeVersion).then((keys) => readJudgements(results, keys)),
  ]);
  const records = recordsOf(endpoint, window, books.read, judgements.read);
  return { records, unread: [...books.unread, ...judgements.unread] };
}

/** The window as it was folded; `null` if it was not, or so long ago that the bucket forgot it, or if it can be read no longer. */
export async function readFoldedWindow(results: Results, endpoint: string, window: string): Promise<FoldedWindow | null> {
  const key = foldedWindowKey(endpoint, window);
  if (!(await exists(results.s3, results.resultsBucket, key))) return null;
  const folded = await readSound<FoldedWindow>(results, key, ({ records, late, folded }) => records && late && folded);
  return folded && upToDateWindow(folded);
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
  const [{ records, unread }, ...come] = await Promise.all([
    captured.has(window) ? readWindow(results, endpoint, window, judgeVersion) : { records: [], unread: [] },
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
    ...(unread.length === 0 ? {} : { unread }),
  };
  if (await putJsonOnce(results.s3, results.resultsBucket, foldedWindowKey(endpoint, window), gathered)) return gathered;
  return (await readFoldedWindow(results, endpoint, window)) ?? gathered;
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
  const [{ read: books }, { read: judgements }] = await Promise.all([
    readBooks(results, endpoint, window),
    readJudgements(results, news),
  ]);
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

/** What could be read of some objects, and the keys of the others. */
type Reading<T> = { read: T[]; unread: string[] };

async function readBooks(results: Results, endpoint: string, window: string): Promise<Reading<StoredSummary>> {
  const keys = await keysUnder(results.s3, results.resultsBucket, summariesOf(window, endpoint));
  const { read, unread } = await readAll<StoredSummary>(results, keys, ({ variant, summary }) => variant && summary?.counts);
  return { read: read.map((stored) => ({ ...stored, summary: upToDate(stored.summary) })), unread };
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

function readJudgements(results: Results, keys: readonly string[]): Promise<Reading<StoredJudgement>> {
  return readAll(results, keys, ({ eventId, variant, judgement }) => eventId && variant && judgement?.status);
}

async function readAll<T>(results: Results, keys: readonly string[], has: (object: T) => unknown): Promise<Reading<T>> {
  const objects = await atOnce(readsAtOnce, keys, (key) => readSound(results, key, has));
  return { read: objects.filter((object) => object !== null), unread: keys.filter((_, i) => objects[i] === null) };
}

/**
 * One object that cannot be read is not to stop the others for ever: what is gone, archived or damaged is as bad at the next attempt.
 * @param has whether it has what an object of its kind always has
 * @returns `null` for such a one
 * @throws whatever else S3 says: that may pass
 */
async function readSound<T>({ s3, resultsBucket }: Results, key: string, has: (object: T) => unknown): Promise<T | null> {
  try {
    const object = await readJson<T | null>(s3, resultsBucket, key);
    return object !== null && has(object) ? object : null;
  } catch (error) {
    const isLost = error instanceof S3ServiceException && (error.name === "NoSuchKey" || error.name === "InvalidObjectState");
    if (isLost || error instanceof SyntaxError) return null;
    throw error;
  }
}
