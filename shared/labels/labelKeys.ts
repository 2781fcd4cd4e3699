import { escaped } from "../monitoring/resultKeys.ts";
import type { LabelQueue } from "./queue.ts";

/** Where whoever has labels drops them, in files of any name: those of one endpoint in a folder `endpoint=NAME`. */
export const droppedLabels = "labels/";

/** Whether an object under `labels/` may be about an endpoint: it lies in its folder, or in nobody's. */
export function mayBeAbout(key: string, endpoint: string): boolean {
  return key.startsWith(`${droppedLabels}endpoint=${escaped(endpoint)}/`) || folderOf(key) === null;
}

/** Whether an object lies in an endpoint's folder, so that its lines need not name one. */
export function folderOf(key: string): string | null {
  return /^labels\/endpoint=([^/]+)\//.exec(key)?.[1] ?? null;
}

/** The same content is the same object. */
export function importedKey(endpoint: string, contentHash: string): string {
  return `${droppedLabels}endpoint=${escaped(endpoint)}/import-${contentHash}.jsonl`;
}

export function queuesOf(endpoint: string): string {
  return `label-queues/endpoint=${escaped(endpoint)}/`;
}

/** A queue's name is its days. */
export function queueName({ from, to }: Pick<LabelQueue, "from" | "to">): string {
  return `${from.slice(0, 10)}_${to.slice(0, 10)}`;
}

export function queueKey(queue: Pick<LabelQueue, "endpoint" | "from" | "to">): string {
  return `${queuesOf(queue.endpoint)}${queueName(queue)}.json`;
}

/** One object for each object of labels that was taken in. */
export function takenOf(endpoint: string): string {
  return `labelled/endpoint=${escaped(endpoint)}/taken/`;
}

/** What people who were asked said, by object of labels. */
export function gradesOf(endpoint: string, queue: string): string {
  return `labelled/endpoint=${escaped(endpoint)}/queue=${queue}/`;
}

/** What was said unasked of a day's answers, by object of labels. */
export function unaskedOf(endpoint: string, date: string): string {
  return `labelled/endpoint=${escaped(endpoint)}/date=${date}/`;
}

export function judgeQualitiesOf(endpoint: string): string {
  return `agreement/endpoint=${escaped(endpoint)}/`;
}

export function labelledEstimatesOf(endpoint: string): string {
  return `estimates/span=labelled/endpoint=${escaped(endpoint)}/`;
}

export function impactsOf(endpoint: string): string {
  return `impact/endpoint=${escaped(endpoint)}/`;
}

export function impactKey(endpoint: string, date: string): string {
  return `${impactsOf(endpoint)}date=${date}.json`;
}

/** Where the scored answers of a variant's hour are. @param hour ISO */
export function scoredHour(endpoint: string, variant: string, hour: string): string {
  return `scored/endpoint=${escaped(endpoint)}/variant=${escaped(variant)}/date=${hour.slice(0, 10)}/hour=${hour.slice(11, 13)}/`;
}
