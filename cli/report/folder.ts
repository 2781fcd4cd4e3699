import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { ReportSource } from "../../shared/reporting/span/source.ts";
import { WrongUse } from "../exit.ts";
import { fileReason } from "../reasons.ts";

/** A folder with the objects of a results bucket under their keys, as `aws s3 sync` leaves them. @throws WrongUse */
export function folderSource(folder: string): ReportSource {
  let keys: string[];
  try {
    keys = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
      .sort();
  } catch (error) {
    throw new WrongUse(`--results: ${folder} cannot be read: ${fileReason(error)}.`);
  }
  const read = (key: string) => readFile(join(folder, key), "utf8");
  return {
    keys: async (prefix) => keys.filter((key) => key.startsWith(prefix)),
    read,
    json: async <T>(key: string) => JSON.parse(await read(key)) as T,
    items: async () => null,
    metrics: async () => null,
    alarms: async () => [],
    text: async () => null,
  };
}
