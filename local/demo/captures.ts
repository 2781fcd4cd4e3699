import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { parseCaptureKey } from "../../shared/capture/captureKey.ts";
import type { EmbeddedAws } from "../aws.ts";
import type { Stack } from "../deploy.ts";
import { WrongUse } from "../port.ts";
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
  const plain = (name: string) => name.replace(/[^a-zA-Z0-9-]/g, "-");
  const endpointOf = (path: string) => plain(dirname(path) === "." ? folderName : basename(dirname(path)));
  // Folders of one name may lie in different places: the whole path goes into the name, and its place in the list tells apart the rest.
  const nameOf = (path: string, n: number) => `${n}-${plain(path.slice(0, -".jsonl".length))}.jsonl`;
  return {
    files: played.map((path, n) => ({ path, key: `${endpointOf(path)}/AllTraffic/${hour}/${nameOf(path, n)}` })),
    ignored: paths.filter((path) => !played.includes(path)),
  };
}

/** Puts the capture files of a folder into the capture bucket and lets the deployed stack do the rest. */
export async function playCaptures(aws: EmbeddedAws, stack: Stack, folder: string, say: (text: string) => void): Promise<Run> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  const pathOf = (entry: Dirent) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/");
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(pathOf)
    .sort();
  // A link may lead out of the folder, or to a file that is played already.
  const links = entries.filter((entry) => !entry.isFile()).map(pathOf);
  const from = new Date(Date.now());
  const hour = from.toISOString().slice(0, 13).replaceAll(/[-T]/g, "/");
  const { files, ignored: others } = planCaptures(paths, basename(resolve(folder)), hour);
  if (files.length === 0)
    throw new WrongUse(
      `--captures: ${folder} holds no capture file. Give a folder with .jsonl files, in SageMaker's layout or plain.`,
    );
  const ignored = [...others, ...links].map(printable).sort();
  for (const path of ignored) say(`ignored: ${path} is no capture file`);
  const { hostname: Bucket, pathname } = new URL(stack.CaptureUri);
  const prefix = pathname === "" || pathname === "/" ? "" : `${decodeURIComponent(pathname.slice(1))}/`;
  await aws.step(from.getTime());
  for (const { path, key } of files) {
    await aws.world.call("s3", "PutObject", {
      Bucket,
      Key: `${prefix}${key}`,
      Body: readFileSync(join(folder, path)),
    });
  }
  say(`${files.length} capture files put, ${ignored.length} other files ignored.`);
  await aws.advanceTo(Date.now() + 60 * 60_000);
  return {
    title: `Captures of ${basename(resolve(folder))}`,
    origin: `${files.length} capture files from a folder, played through the deployed stack on the embedded AWS.`,
    from: from.toISOString(),
    until: new Date(Date.now()).toISOString(),
    alarms: [],
    events: ignored.map((path) => ({ at: from.toISOString(), text: `ignored: ${path}` })),
  };
}

/** A file's name on a terminal: no character of it moves the cursor or changes a colour. */
const printable = (path: string) => path.replace(/\p{Cc}/gu, "\uFFFD");
