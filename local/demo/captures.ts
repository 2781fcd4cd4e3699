import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { parseCaptureKey } from "../../shared/capture/captureKey.ts";
import type { EmbeddedAws } from "../aws.ts";
import type { Stack } from "../deploy.ts";
import type { Run } from "./play.ts";

type PlannedCaptures = { files: { path: string; key: string }[]; ignored: string[] };

/**
 * Which files of a folder are played, under which keys. Where any file lies in SageMaker's layout, those are the captures and
 * all else is ignored; where none does, each `.jsonl` is a capture of an endpoint named after its folder.
 * @param paths relative to the folder, with `/`
 * @param hour  for files whose path names no hour, `yyyy/mm/dd/hh`
 */
export function planCaptures(paths: readonly string[], folderName: string, hour: string): PlannedCaptures {
  const inLayout = paths.filter((path) => parseCaptureKey(path) !== null);
  if (inLayout.length > 0) {
    return { files: inLayout.map((path) => ({ path, key: path })), ignored: paths.filter((path) => !inLayout.includes(path)) };
  }
  const played = paths.filter((path) => path.endsWith(".jsonl"));
  const endpointOf = (path: string) => {
    const folder = dirname(path) === "." ? folderName : basename(dirname(path));
    return folder.replace(/[^a-zA-Z0-9-]/g, "-");
  };
  return {
    files: played.map((path) => ({ path, key: `${endpointOf(path)}/AllTraffic/${hour}/${basename(path)}` })),
    ignored: paths.filter((path) => !played.includes(path)),
  };
}

/** Puts the capture files of a folder into the capture bucket and lets the deployed stack do the rest. */
export async function playCaptures(aws: EmbeddedAws, stack: Stack, folder: string, say: (text: string) => void): Promise<Run> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
  const from = new Date(Date.now());
  const hour = from.toISOString().slice(0, 13).replaceAll(/[-T]/g, "/");
  const { files, ignored } = planCaptures(paths, basename(folder), hour);
  for (const path of ignored) say(`ignored: ${path} is no capture file`);
  await aws.step(from.getTime());
  for (const { path, key } of files) {
    await aws.world.call("s3", "PutObject", {
      Bucket: stack.CaptureBucketName,
      Key: `captures/${key}`,
      Body: readFileSync(join(folder, path)),
    });
  }
  say(`${files.length} capture files put, ${ignored.length} other files ignored.`);
  await aws.advanceTo(Date.now() + 60 * 60_000);
  return {
    title: `Captures of ${basename(folder)}`,
    origin: `${files.length} capture files from a folder, played through the deployed stack on the embedded AWS.`,
    from: from.toISOString(),
    until: new Date(Date.now()).toISOString(),
    alarms: [],
    events: ignored.map((path) => ({ at: from.toISOString(), text: `ignored: ${path}` })),
  };
}
