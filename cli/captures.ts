import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, resolve, sep } from "node:path";
import { referenceOf } from "../shared/capture/attributes.ts";
import { parseCaptureKey } from "../shared/capture/captureKey.ts";
import type { Reading } from "../shared/capture/inference.ts";
import { splitLines } from "../shared/capture/lines.ts";
import { type CaptureOrigin, readLine } from "../shared/capture/readLine.ts";
import { scorePlugIns } from "../shared/scoring/plugIn.ts";
import { WrongUse } from "./exit.ts";
import { awsReason, fileReason } from "./reasons.ts";
import type { Settings } from "./settings.ts";

/** A capture object and how to read it. `name` is what the user calls it. */
export type Capture = { name: string; origin: CaptureOrigin; open(): AsyncIterable<Uint8Array> };

/**
 * A capture file on disk. Endpoint and variant are read from its path where that ends as SageMaker's keys do; else the endpoint has
 * the folder's name and the variant is SageMaker's usual one, `AllTraffic`.
 * @throws WrongUse where there is no such file
 */
export async function captureFile(file: string): Promise<Capture> {
  const path = resolve(file);
  const found = await stat(path).catch((error: unknown) => {
    throw new WrongUse(`${file} cannot be read: ${fileReason(error)}.`);
  });
  if (found.isDirectory()) throw new WrongUse(`${file} is a folder: name the files in it.`);
  const { endpoint, variant } = parseCaptureKey(path.split(sep).join("/")) ?? {
    endpoint: basename(dirname(path)),
    variant: "AllTraffic",
  };
  return {
    name: file,
    origin: { bucket: "", key: file, endpoint, variant },
    open: () => explained(file, fileReason, async () => createReadStream(path)),
  };
}

/**
 * The capture objects under an `s3://bucket/prefix`.
 * @param onIgnored is told of every other object there
 * @throws WrongUse where AWS cannot be asked, refuses, or has none
 */
export async function* capturesInS3(url: string, onIgnored: () => void): AsyncGenerator<Capture> {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(url) ?? [];
  if (bucket === undefined || prefix === undefined) throw new WrongUse(`${url} names no bucket: s3://bucket/prefix is expected.`);
  // Only here, so that reading files needs no AWS and does not wait for its SDK to load.
  const { S3Client } = await import("@aws-sdk/client-s3");
  const { listCaptures, openCapture } = await import("../shared/aws/captures.ts");
  const s3 = new S3Client();
  let others = 0;
  let captures = 0;
  for await (const { key } of explained(url, awsReason, async () => listCaptures(s3, bucket, prefix))) {
    const identity = parseCaptureKey(key);
    if (identity === null) {
      others++;
      onIgnored();
      continue;
    }
    captures++;
    const { endpoint, variant } = identity;
    const name = `s3://${bucket}/${key}`;
    yield {
      name,
      origin: { bucket, key, endpoint, variant },
      open: () => explained(name, awsReason, () => openCapture(s3, { bucket, key })),
    };
  }
  if (captures === 0) {
    throw new WrongUse(
      `${url} holds no capture object (${others} other objects). Keys end in {endpoint}/{variant}/yyyy/mm/dd/hh/{name}.jsonl.`,
    );
  }
}

/** The same items; an error on the way to them becomes a sentence about `name`. */
async function* explained<T>(
  name: string,
  reasonOf: (error: unknown) => string,
  items: () => Promise<AsyncIterable<T>>,
): AsyncGenerator<T> {
  try {
    yield* await items();
  } catch (error) {
    throw new WrongUse(`${name} cannot be read: ${reasonOf(error)}.`);
  }
}

/** Every reading of a capture object with the number of its line, in order. */
export async function* readings(
  { origin, open }: Capture,
  { settings, plugIns }: Settings,
): AsyncGenerator<{ reading: Reading; line: number }> {
  const own = settings(origin.endpoint);
  for await (const line of splitLines(open())) {
    for (const reading of readLine(line, origin, own)) {
      if (reading.outcome === "answered")
        Object.assign(reading.scores, await scorePlugIns(reading, referenceOf(reading), own.scorers.plugIns, plugIns));
      yield { reading, line: line.number };
    }
  }
}
