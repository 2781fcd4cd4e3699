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

export function summaryKey(window: string, { endpoint, variant }: CaptureKey, objectId: string): string {
  return `summaries/window=${window}/endpoint=${escaped(endpoint)}/variant=${escaped(variant)}/${objectId}.json`;
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

export function remediationKey(id: string): string {
  return `remediations/${id}.json`;
}

/** Half a surrogate pair would make the encoder throw; it becomes U+FFFD first. */
export function escaped(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}
