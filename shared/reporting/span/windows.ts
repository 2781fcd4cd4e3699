import type { StoredJudgement } from "../../judging/judgement.ts";
import { foldedWindowKey, foldedWindowsOf, judgementsOf, summariesOf } from "../../monitoring/resultKeys.ts";
import type { StoredSummary } from "../../monitoring/summary.ts";
import { type LateJudgedRow, type WindowRecord, windowRecordOf } from "../../monitoring/windowRecord.ts";
import { windowMs, windowOf } from "../../monitoring/windows.ts";
import type { ReportSource } from "./source.ts";

/** What became of a window's answers, without the list of the chosen: only how many they were. */
export type ReportedWindow = WindowRecord & { chosen: number };

type Folded = { records: WindowRecord[]; late: LateJudgedRow[] };

/** Reads at once: enough to hide the way to S3, few enough for one connection pool. */
const readsAtOnce = 25;

/**
 * All variants' windows of a span, in order of time: as they were folded, with the grades that came late; where nothing was folded, as
 * books and judgements are now.
 */
export async function readWindows(
  source: ReportSource,
  endpoint: string,
  fromMs: number,
  untilMs: number,
  onProgress: (done: number, of: number) => void = () => {},
): Promise<ReportedWindow[]> {
  const folded = new Set(await source.keys(foldedWindowsOf(endpoint)));
  const windows: string[] = [];
  for (let ms = Date.parse(windowOf(fromMs)); ms < untilMs; ms += windowMs) windows.push(windowOf(ms));
  const records = new Map<string, ReportedWindow>();
  const late: LateJudgedRow[] = [];
  for (let at = 0; at < windows.length; at += readsAtOnce) {
    const read = await Promise.all(
      windows.slice(at, at + readsAtOnce).map((window): Promise<Folded> => {
        const key = foldedWindowKey(endpoint, window);
        return folded.has(key) ? source.json<Folded>(key) : readUnfolded(source, endpoint, window);
      }),
    );
    for (const fold of read) {
      for (const record of fold.records) records.set(`${record.window} ${record.variant}`, withoutChosen(record));
      late.push(...fold.late);
    }
    onProgress(Math.min(windows.length, at + readsAtOnce), windows.length);
  }
  for (const row of late) addLate(records.get(`${row.window} ${row.variant}`), row);
  return [...records.values()];
}

async function readUnfolded(source: ReportSource, endpoint: string, window: string): Promise<Folded> {
  const books = await allUnder<StoredSummary>(source, summariesOf(window, endpoint));
  const judgements = books.length === 0 ? [] : await allUnder<StoredJudgement>(source, judgementsOf(window, endpoint));
  // Of an answer that several judges graded, the last word counts.
  judgements.sort((a, b) => (a.judgedAt < b.judgedAt ? -1 : 1));
  const variants = [...new Set(books.map(({ variant }) => variant))].sort();
  const of = <Stored extends { variant: string }>(all: readonly Stored[], variant: string) =>
    all.filter((one) => one.variant === variant);
  const records = variants.map((variant) =>
    windowRecordOf(
      { window, endpoint, variant },
      of(books, variant).map(({ summary }) => summary),
      of(judgements, variant),
    ),
  );
  return { records, late: [] };
}

/** All objects under a prefix. */
export async function allUnder<T>(source: ReportSource, prefix: string): Promise<T[]> {
  const keys = await source.keys(prefix);
  const objects: T[] = [];
  for (let at = 0; at < keys.length; at += readsAtOnce)
    objects.push(...(await Promise.all(keys.slice(at, at + readsAtOnce).map((key) => source.json<T>(key)))));
  return objects;
}

/** A month of them would be most of the memory. */
function withoutChosen(record: WindowRecord): ReportedWindow {
  return { ...record, chosen: record.summary.chosen.length, summary: { ...record.summary, chosen: [] } };
}

/** Changes `record`: what it waited for has come. */
function addLate(record: ReportedWindow | undefined, row: LateJudgedRow): void {
  if (record === undefined || !record.pending.some(({ eventId }) => eventId === row.eventId)) return;
  record.pending = record.pending.filter(({ eventId }) => eventId !== row.eventId);
  const { window: _window, variant: _variant, piRef: _piRef, ...judged } = row;
  record.rows = [...record.rows, judged];
}
