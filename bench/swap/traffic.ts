import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { AnchorReading, ReadAnchor } from "../../shared/monitoring/anchors.ts";
import { drawAnchors } from "../../shared/monitoring/anchors.ts";
import { emptyWindow, type WindowRecord } from "../../shared/monitoring/windowRecord.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { type Chance, poisson } from "../chance.ts";

export const endpoint = "assistant";
export const variant = "AllTraffic";
const answersPerWindow = 50;
const pi = 0.25;

/** A model's recorded answer, by what each judge made of it. */
export type Output = { id: string; segment: string; prompt: string; completion: string; judge: Record<string, number | null> };
export type Outputs = ReadonlyMap<string, Output>;

/** @param folder of real data, as ASSAY_REAL_DATA names it */
export function outputsOf(folder: string, model: string): Outputs {
  const lines = gunzipSync(readFileSync(join(folder, "alpaca", `${model}.jsonl.gz`))).toString("utf8");
  const outputs = lines.split("\n").flatMap((line): Output[] => {
    if (line === "") return [];
    const { id, dataset, instruction, output, judge } = JSON.parse(line);
    return [{ id, segment: dataset, prompt: instruction, completion: output, judge }];
  });
  return new Map(outputs.map((output) => [output.id, output]));
}

/** A window of requests, each answered by one of the outputs and, one in four, judged. An answer without a verdict is a failed judgement. */
export function drawOutputs(chance: Chance, atMs: number, outputs: readonly Output[], judge: string): WindowRecord {
  const window = iso(atMs);
  const record = emptyWindow(window, endpoint, variant);
  const { counts, segments } = record.summary;
  for (let i = poisson(chance, answersPerWindow); i > 0; i--) {
    const { id, segment, judge: verdicts } = outputs[Math.floor(chance() * outputs.length)]!; // chance is under 1
    counts.answered++;
    counts.captured++;
    segments[segment] = (segments[segment] ?? 0) + 1;
    if (chance() >= pi) continue;
    const [eventId, grade] = [`${id}/${window}/${i}`, verdicts[judge]];
    if (grade == null) record.failed.push({ eventId, pi, segment, f: {}, status: "failed" });
    else record.rows.push({ eventId, time: window, segment, pi, f: {}, scores: {}, y: { quality: grade } });
  }
  if (counts.answered > 0) record.summary.piMin = pi;
  return { ...record, piRef: record.summary.piMin };
}

/** The anchors of a baseline: of its judged answers, each read by the same judge, who says the same each time. */
export function anchorsOf(records: readonly WindowRecord[], outputs: Outputs): ReadAnchor[] {
  const judged = new Map(records.flatMap(({ rows }) => rows.map(({ eventId, y }) => [eventId.split("/")[0]!, y] as const)));
  const candidates = [...judged].map(([id, y]) => {
    const { prompt, completion } = outputs.get(id)!; // drawn from them
    return { id, prompt, completion, readings: [y, y, y, y] };
  });
  return drawAnchors(candidates);
}

export function readingBy(judge: string, anchors: readonly ReadAnchor[], outputs: Outputs, timeMs: number): AnchorReading {
  const read = anchors.flatMap(({ id, readings }) => {
    const grade = outputs.get(id)!.judge[judge];
    return grade == null ? [] : [{ id, stored: readings[0]!, grades: { quality: grade } }];
  });
  return { time: iso(timeMs), anchors: read };
}
