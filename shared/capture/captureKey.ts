export type CaptureKey = {
  endpoint: string;
  variant: string;
  /** UTC hour of the folder: `2026-03-02T09`. */
  hour: string;
  /** When the object's first record was captured, ISO, from its name; the hour itself where the name has another form. */
  startedAt: string;
};

/** `…/{endpoint}/{variant}/yyyy/mm/dd/hh/{name}.jsonl`, or `.jsonl.gz` where somebody compressed it, read from its tail: the prefix is the user's and may look like anything. */
const tail = /(?:^|\/)([^/]+)\/([^/]+)\/(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)\/([^/]+)\.jsonl(?:\.gz)?$/;
const minuteSecondMillisecond = /^([0-5]\d)-([0-5]\d)-(\d{3})-/;

/**
 * What SageMaker says in the key of a capture object, or `null` for any other object.
 * Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html; names as in real captures.
 */
export function parseCaptureKey(key: string): CaptureKey | null {
  const match = tail.exec(key);
  if (!match) return null;
  const [, endpoint, variant, year, month, day, hourOfDay, name] = match;
  const hour = `${year}-${month}-${day}T${hourOfDay}`;
  if (!isHour(hour)) return null;
  const [, minute, second, millisecond] = minuteSecondMillisecond.exec(name!) ?? ["", "00", "00", "000"];
  return { endpoint: endpoint!, variant: variant!, hour, startedAt: `${hour}:${minute}:${second}.${millisecond}Z` };
}

/** False for a 31st of February, which `Date` would turn into another day. */
function isHour(hour: string): boolean {
  const time = new Date(`${hour}:00:00.000Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(hour);
}
