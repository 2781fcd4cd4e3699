import type { World } from "../world.ts";
import type { CaptureSettings } from "./requests.ts";

export type Place = { endpoint: string; variant: string };
type Side = { body: Buffer; contentType: string | undefined };
export type Exchange = {
  n: number;
  input: Side;
  output: Side;
  inferenceId: string | undefined;
  customAttributes: string | undefined;
};

/** A file covers at most this long from its first record: real keys of one instance lie 60 s apart. */
const fileMs = 60_000;

/**
 * Writes what SageMaker's data capture writes: one file a minute, instance and variant, put 60 s after its first record and
 * named by that record's time. As on AWS a file that cannot be written is lost and no caller of the model hears of it.
 * @param lost is told of such a file
 */
export function createDataCapture(world: World, lost: (where: string, error: unknown) => void) {
  const files = new Map<string, string[]>();

  async function flush(name: string, Bucket: string, Key: string): Promise<void> {
    const Body = files.get(name)!.join("");
    files.delete(name);
    await world.call("s3", "PutObject", { Bucket, Key, Body }).catch((error) => lost(`s3://${Bucket}/${Key}`, error));
  }

  return function capture(settings: CaptureSettings, place: Place, instances: number, exchange: Exchange): void {
    const { endpoint, variant } = place;
    const chance = (what: string) => world.chance("sagemaker", what, endpoint, String(exchange.n));
    if (!settings.EnableCapture || chance("capture") * 100 >= settings.InitialSamplingPercentage) return;
    const instance = Math.floor(chance("instance") * instances);
    const nowMs = Date.now();
    const name = `${settings.DestinationS3Uri} ${endpoint} ${variant} ${instance}`;
    const lines = files.get(name);
    const line = `${JSON.stringify(envelope(settings, exchange, world.uuid("sagemaker-capture-event"), nowMs))}\n`;
    if (lines) return void lines.push(line);
    files.set(name, [line]);
    const { bucket, prefix } = destination(settings.DestinationS3Uri);
    const key = `${prefix}${endpoint}/${variant}/${fileOf(nowMs)}-${world.uuid("sagemaker-capture-file")}.jsonl`;
    setTimeout(() => void flush(name, bucket, key), fileMs);
  };
}

function destination(uri: string): { bucket: string; prefix: string } {
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(uri) ?? [];
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}

/** `yyyy/mm/dd/hh/MM-SS-mmm`, UTC. */
const fileOf = (nowMs: number) =>
  new Date(nowMs).toISOString().replace(/^(....)-(..)-(..)T(..):(..):(..)\.(...)Z$/, "$1/$2/$3/$4/$5-$6-$7");

function envelope(settings: CaptureSettings, exchange: Exchange, eventId: string, nowMs: number) {
  const captures = (wanted: "Input" | "Output") =>
    settings.CaptureOptions.some(({ CaptureMode }) => CaptureMode === wanted || CaptureMode === "InputAndOutput");
  const { input, output, inferenceId, customAttributes } = exchange;
  return {
    captureData: {
      ...(captures("Input") ? { endpointInput: sideOf(settings, "INPUT", input) } : {}),
      ...(captures("Output") ? { endpointOutput: sideOf(settings, "OUTPUT", output) } : {}),
    },
    eventMetadata: {
      eventId,
      ...(customAttributes === undefined ? {} : { customAttributes: [customAttributes] }),
      ...(inferenceId === undefined ? {} : { inferenceId }),
      inferenceTime: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
    },
    eventVersion: "0",
  };
}

/** Text only for content types that the configuration lists, exactly as sent; everything else is base64. */
function sideOf({ CaptureContentTypeHeader }: CaptureSettings, mode: "INPUT" | "OUTPUT", { body, contentType }: Side) {
  const listed = (types: readonly string[] | undefined) => contentType !== undefined && types?.includes(contentType);
  const encoding = listed(CaptureContentTypeHeader?.JsonContentTypes)
    ? "JSON"
    : listed(CaptureContentTypeHeader?.CsvContentTypes)
      ? "CSV"
      : "BASE64";
  return {
    observedContentType: contentType ?? null,
    mode,
    data: body.toString(encoding === "BASE64" ? "base64" : "utf8"),
    encoding,
  };
}
