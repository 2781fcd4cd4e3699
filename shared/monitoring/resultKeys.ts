import type { CaptureKey } from "../capture/captureKey.ts";

/**
 * Keys of the results bucket. They follow from the capture object alone, so a repeat overwrites itself. Values of partitions
 * are percent-encoded, as Hive does it; SageMaker's own names (letters, digits, hyphens) stay as they are.
 */
export function scoredKey({ endpoint, variant, hour }: CaptureKey, objectId: string): string {
  const [date, hourOfDay] = hour.split("T");
  return `scored/endpoint=${escaped(endpoint)}/variant=${escaped(variant)}/date=${date}/hour=${hourOfDay}/${objectId}.jsonl.gz`;
}

export function quarantineKey({ hour }: CaptureKey, objectId: string): string {
  return `quarantine/date=${hour.slice(0, 10)}/${objectId}.jsonl.gz`;
}

/** Where the summaries of a window of all variants are. */
export function summariesOf(window: string, endpoint: string): string {
  return `summaries/window=${window}/endpoint=${escaped(endpoint)}/`;
}

export function summaryKey(window: string, { endpoint, variant }: CaptureKey, objectId: string): string {
  return `summaries/window=${window}/endpoint=${escaped(endpoint)}/variant=${escaped(variant)}/${objectId}.json`;
}

/** Where the judgements of a window of all variants are. */
export function judgementsOf(window: string, endpoint: string): string {
  return `judgements/window=${window}/endpoint=${escaped(endpoint)}/`;
}

/** The event that a key of `judgementKey` is about; `null` for one of another judge version. */
export function judgedEvent(key: string, judgeVersion: string): string | null {
  const end = `.${judgeVersion}.json`;
  return key.endsWith(end) ? decodeURIComponent(key.slice(key.lastIndexOf("/") + 1, -end.length)) : null;
}

/** Of which variant the summary or judgement of a key is. */
export function variantInKey(key: string): string {
  return decodeURIComponent(/\/variant=([^/]*)\//.exec(key)![1]!); // they all have one
}

/** Where the judgements of a window of one variant are, each under its event and the judge's version. */
export function judgementPrefix(window: string, endpoint: string, variant: string): string {
  return `judgements/window=${window}/endpoint=${escaped(endpoint)}/variant=${escaped(variant)}/`;
}

export function judgementKey(
  { window, endpoint, variant, eventId }: { window: string; endpoint: string; variant: string; eventId: string },
  judgeVersion: string,
): string {
  return `${judgementPrefix(window, endpoint, variant)}${escaped(eventId)}.${judgeVersion}.json`;
}

/** Where the folded windows of an endpoint are, in order of time. */
export function foldedWindowsOf(endpoint: string): string {
  return `windows/endpoint=${escaped(endpoint)}/`;
}

/** A window as the monitor folded it. */
export function foldedWindowKey(endpoint: string, window: string): string {
  return `${foldedWindowsOf(endpoint)}window=${window}.json`;
}

/** What the monitor of an endpoint knows of each of its signals now, or what it needs to know it. */
export function signalsKey(endpoint: string): string {
  return `signals/endpoint=${escaped(endpoint)}.json`;
}

/** What was asked in an hour of each variant, and what became of it. */
export function coverageKey(endpoint: string, hour: string): string {
  return `coverage/endpoint=${escaped(endpoint)}/date=${hour.slice(0, 10)}/hour=${hour.slice(11, 13)}.json`;
}

/** What the variants of an endpoint could take, as it was looked at on a day (UTC). */
export function capacityKey(endpoint: string, date: string): string {
  return `capacity/endpoint=${escaped(endpoint)}/date=${date}.json`;
}

/** What the live variants of an endpoint are beside each other on a day (UTC). */
export function comparisonKey(endpoint: string, date: string): string {
  return `comparisons/endpoint=${escaped(endpoint)}/date=${date}.json`;
}

/** The pairs of answers that a variant and its shadow gave to the same requests in an hour (ISO). */
export function shadowPairsKey(endpoint: string, variant: string, shadow: string, hour: string): string {
  return `${shadowPairsOf(endpoint, variant, shadow, hour.slice(0, 10))}hour=${hour.slice(11, 13)}.json`;
}

/** Where those of a day are. */
export function shadowPairsOf(endpoint: string, variant: string, shadow: string, date: string): string {
  return `shadows/endpoint=${escaped(endpoint)}/variant=${escaped(variant)}/shadow=${escaped(shadow)}/date=${date}/`;
}

/** The estimates of a window, hour or day, by its start, ISO. */
export function estimatesKey(endpoint: string, span: "window" | "hour" | "day", from: string): string {
  return `${estimatesWithin(endpoint, span, from)}.json`;
}

/** Where the estimates of all spans are that begin within a moment: an ISO time, cut off where it does not matter. */
export function estimatesWithin(endpoint: string, span: "window" | "hour" | "day", within: string): string {
  return `estimates/span=${span}/endpoint=${escaped(endpoint)}/${within}`;
}

/** One anchor of one reading, judged again. */
export function anchorKey(endpoint: string, baseline: string, reading: string, anchor: string, judgeVersion: string): string {
  return `anchors/endpoint=${escaped(endpoint)}/${baseline}/${reading}/${escaped(anchor)}.${judgeVersion}.json`;
}

/** Where the readings of a baseline's anchors are as they were folded. */
export function anchorReadingsOf(endpoint: string, baseline: string): string {
  return `anchors/endpoint=${escaped(endpoint)}/${baseline}/readings/`;
}

/** @param endpoint `null`: of every endpoint */
export function baselinesOf(endpoint: string | null): string {
  return endpoint === null ? "baselines/" : `baselines/${escaped(endpoint)}/`;
}

export function baselineKey(endpoint: string, version: string): string {
  return `${baselinesOf(endpoint)}${version}.json`;
}

export function remediationKey(id: string): string {
  return `remediations/${id}.json`;
}

export function remediationReportKey(id: string): string {
  return `reports/remediations/${id}.html`;
}

/** Half a surrogate pair would make the encoder throw; it becomes U+FFFD first. */
export function escaped(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}
