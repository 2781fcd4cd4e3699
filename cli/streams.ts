import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { splitLines } from "../shared/capture/lines.ts";
import { type Assay, settingsOf } from "../shared/config/assay.ts";
import { defaultFalseAlarms, defaultSettings } from "../shared/config/schema.ts";
import { drawAnchors, type ReadAnchor } from "../shared/monitoring/anchors.ts";
import type { Baseline } from "../shared/monitoring/baseline.ts";
import { freezeBaseline } from "../shared/monitoring/freezeBaseline.ts";
import { addLine, newStream, type RecordedStream, UnusableStream, windowsOf } from "../shared/monitoring/recordedStream.ts";
import { countRules, fleetRules, type MonitorSettings, type Watched } from "../shared/monitoring/rules.ts";
import { countsOf } from "../shared/monitoring/shares.ts";
import { signalNamed, signalNames } from "../shared/monitoring/signals/registry.ts";
import type { WindowRecord } from "../shared/monitoring/windowRecord.ts";
import { WrongUse } from "./exit.ts";
import { fileReason } from "./reasons.ts";

/**
 * Reads recorded streams as one.
 * @throws WrongUse where a file cannot be read, or at the first line that is not one
 */
export async function readStreams(files: readonly string[], windowMs: number): Promise<RecordedStream> {
  const stream = newStream(windowMs);
  for (const file of files) {
    for await (const { text, number } of linesOf(file)) addUsable(stream, text, `${file}:${number}`);
  }
  return stream;
}

/** The lines of a text file that are not blank; a file named `.gz` is unpacked. @throws WrongUse where it cannot be read */
export async function* linesOf(file: string): AsyncGenerator<{ text: string; number: number }> {
  const decoder = new TextDecoder();
  try {
    for await (const { bytes, number } of splitLines(bytesOf(file))) yield { text: decoder.decode(bytes), number };
  } catch (error) {
    if (error instanceof WrongUse) throw error;
    throw new WrongUse(`${file} cannot be read: ${fileReason(error)}.`, { cause: error });
  }
}

function bytesOf(file: string): AsyncIterable<Uint8Array> {
  const packed = createReadStream(file);
  if (!file.endsWith(".gz")) return packed;
  const unpacked = createGunzip();
  // `pipe` does not hand on errors, and a file that cannot be read would never end.
  packed.on("error", (error) => unpacked.destroy(error)).pipe(unpacked);
  return unpacked;
}

/** What there is to watch of an endpoint, from what was recorded of it. */
export function watchedIn(
  records: readonly WindowRecord[],
  baseline: Pick<Baseline, "criteria" | "segments" | "shares"> | null,
): Watched {
  const criteria = records.flatMap(({ rows }) => rows.flatMap(({ y }) => Object.keys(y)));
  const segments = records.flatMap(({ summary }) => Object.keys(summary.segments));
  const known = baseline?.segments?.binning;
  const segmented = distinct([...segments, ...(known?.kind === "categories" ? known.categories : [])]).length > 1;
  const scores = distinct(records.flatMap(({ summary }) => Object.keys(summary.scores)));
  const timed = records.some(({ summary }) => summary.measures.latency !== undefined);
  // A stream says what it says: of what nothing was recorded, nothing can be watched.
  const occurs = new Set(
    signalNames(segmented, scores, timed).filter((name) =>
      Object.values(countsOf(signalNamed(name), records)).some((n) => n > 0),
    ),
  );
  return {
    variants: distinct(records.map(({ variant }) => variant)),
    criteria: distinct([...criteria, ...Object.keys(baseline?.criteria ?? {})]),
    signals: signalNames(segmented, scores, timed).filter(
      (name) => occurs.has(name) || Object.hasOwn(baseline?.shares ?? {}, name),
    ),
  };
}

/**
 * The settings to monitor recorded endpoints by: tolerance and budget of false alarms of assay.yml, or the defaults. The rules are
 * those of what was recorded, and of assay.yml where it has more.
 */
export function recordedSettings(
  watched: ReadonlyMap<string, Watched>,
  assay: Assay | null,
  windowMs: number,
): (endpoint: string) => MonitorSettings {
  const recorded = countRules([...watched.values()]);
  const configured = assay === null ? recorded : fleetRules(assay);
  const rules = {
    judged: Math.max(recorded.judged, configured.judged),
    others: Math.max(recorded.others, configured.others),
  };
  return (endpoint) => ({
    ...(watched.get(endpoint) ?? { variants: [], criteria: [], signals: [] }),
    windowMs,
    ...foldingOf((assay === null ? defaultSettings : settingsOf(assay, endpoint)).quality),
    falseAlarms: assay?.falseAlarms ?? defaultFalseAlarms,
    fleetRules: rules,
  });
}

function foldingOf({ tolerance, fold }: { tolerance: number; fold: MonitorSettings["fold"] }) {
  return { tolerance, fold };
}

/** What was recorded of an endpoint when all was well, as a baseline. Anchors are those of the stream, or drawn from its texts. */
export function baselineFrom(
  stream: RecordedStream,
  endpoint: string,
  madeFrom: string,
  settings: MonitorSettings,
  nowIso: string,
): Baseline {
  const own = stream.candidates.filter((candidate) => candidate.endpoint === endpoint);
  const reread = readAnchors(stream, endpoint, new Map(own.map((candidate) => [candidate.id, candidate])));
  const anchors = reread.length > 0 ? reread : drawAnchors(own);
  return freezeBaseline(
    { endpoint, madeFrom, judgeVersion: null, system: null, records: windowsOf(stream, endpoint), anchors },
    settings,
    nowIso,
  );
}

/** The anchors that a stream has readings of, with their texts where the stream has the answer itself. */
function readAnchors({ anchors }: RecordedStream, endpoint: string, texts: ReadonlyMap<string, ReadAnchor>): ReadAnchor[] {
  const own = anchors.filter((line) => line.endpoint === endpoint).sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  return [...Map.groupBy(own, ({ id }) => id)].map(([id, lines]) => {
    const { prompt, completion } = texts.get(id) ?? { prompt: null, completion: null };
    const stored = Object.fromEntries(lines.map(({ criterion, stored }) => [criterion, stored]));
    // What is stored is a mean of three already; the readings of the stream come after it.
    const readings = lines.map(({ criterion, grade }) => ({ [criterion]: grade }));
    return { id, prompt, completion, readings: [stored, stored, stored, ...readings] };
  });
}

function addUsable(stream: RecordedStream, text: string, where: string): void {
  try {
    addLine(stream, text, where);
  } catch (error) {
    if (error instanceof UnusableStream) throw new WrongUse(error.message, { cause: error });
    throw error;
  }
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
