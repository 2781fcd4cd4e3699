import { GetObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import type { ScoredInference } from "../capture/inference.ts";
import { splitLines } from "../capture/lines.ts";
import { droppedLabels, mayBeAbout, scoredHour, takenOf } from "../labels/labelKeys.ts";
import { objectIdOf } from "../monitoring/claim.ts";
import { atOnce } from "./atOnce.ts";
import type { Results } from "./foldedWindows.ts";
import { keysUnder, readJson } from "./results.ts";

/** An object of labels that somebody dropped. */
export type LabelObject = { id: string; key: string; size: number; droppedMs: number };

const readsAtOnce = 10;

/** Objects of labels that may be about an endpoint and were not taken in yet, in the order in which they were dropped. */
export async function newLabelObjects({ s3, resultsBucket }: Results, endpoint: string): Promise<LabelObject[]> {
  const dropped: LabelObject[] = [];
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: resultsBucket, Prefix: droppedLabels });
  for await (const { Contents = [] } of pages) {
    for (const { Key, ETag, Size, LastModified } of Contents) {
      const key = Key!; // listed objects have all four
      if (!mayBeAbout(key, endpoint) || key.endsWith("/")) continue;
      const id = objectIdOf({ bucket: resultsBucket, key, etag: ETag!.replaceAll('"', "") });
      dropped.push({ id, key, size: Size!, droppedMs: LastModified!.getTime() });
    }
  }
  if (dropped.length === 0) return [];
  const prefix = takenOf(endpoint);
  const taken = new Set((await keysUnder(s3, resultsBucket, prefix)).map((key) => key.slice(prefix.length, -".json".length)));
  return dropped.filter(({ id }) => !taken.has(id)).sort((a, b) => a.droppedMs - b.droppedMs || (a.id < b.id ? -1 : 1));
}

/** All JSON objects under a prefix, in order of key. */
export async function readAll<T>({ s3, resultsBucket }: Results, prefix: string): Promise<T[]> {
  const keys = await keysUnder(s3, resultsBucket, prefix);
  return atOnce(readsAtOnce, keys, (key) => readJson<T>(s3, resultsBucket, key));
}

/** The last JSON object under a prefix; `null`: there is none. */
export async function readLast<T>({ s3, resultsBucket }: Results, prefix: string): Promise<T | null> {
  const last = (await keysUnder(s3, resultsBucket, prefix)).at(-1);
  return last === undefined ? null : readJson<T>(s3, resultsBucket, last);
}

/** Which answer an id means. */
export type Found = Pick<ScoredInference, "eventId" | "variant" | "time">;

/**
 * Looks for answers in the books of some hours, by inference id or event id.
 * @param hours ISO, of captures; `ids` of what is looked for
 */
export async function findAnswers(
  { s3, resultsBucket }: Results,
  endpoint: string,
  variants: readonly string[],
  hours: readonly string[],
  ids: ReadonlySet<string>,
): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  for (const hour of hours) {
    for (const variant of variants) {
      for (const key of await keysUnder(s3, resultsBucket, scoredHour(endpoint, variant, hour))) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: resultsBucket, Key: key }));
        for await (const { bytes } of splitLines(Body as AsyncIterable<Uint8Array>)) {
          const { eventId, inferenceId, time } = JSON.parse(Buffer.from(bytes).toString("utf8")) as ScoredInference; // written by sample
          for (const id of [eventId, inferenceId]) if (id !== undefined && ids.has(id)) found.set(id, { eventId, variant, time });
        }
      }
    }
  }
  return found;
}
