import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { inWords } from "../shared/remediation/decision.ts";
import type { RemediationRecord, Step } from "../shared/remediation/record.ts";
import type { Bench } from "./bench.ts";
import { type Left, situations } from "./remediation/situations.ts";

type Played = { turnMs: number; left: Left };

/**
 * Each situation that remediation has to end well, on the deployed stack of the embedded AWS, from the trouble to what its table says: when
 * it was decided, when the recovery was proven. A configuration counts as good after two hours here, where assay.yml says a day.
 */
export const remediation: Bench = {
  name: "remediation",
  says: "twelve situations that remediation has to end well, from the trouble to the proven recovery",
  runs: 1,
  async run(runs, progress) {
    const only = process.env.SITUATION;
    const played = situations.filter(({ name }) => only === undefined || name === only);
    const folder = await mkdtemp(join(tmpdir(), "assay-remediation-"));
    const config = join(folder, "assay.yml");
    await writeFile(config, await shortVerification());
    const table = new Table({
      head: ["situation", "ends", "right", "decided after", "recovered after", "what was done"],
      style: { head: [] },
    });
    const recoveries: number[] = [];
    let right = 0;
    for (let run = 1; run <= runs; run++) {
      for (const [k, situation] of played.entries()) {
        progress(`${situation.name} (${k + 1} of ${played.length}, run ${run} of ${runs})`);
        const { turnMs, left } = await play(situation.name, String(run), config);
        const isRight = situation.isRight(left);
        if (isRight) right++;
        const decided = minutesUntil(left, turnMs, ({ decision }, what) =>
          decision.kind === "hold" ? what === "held" && decision.until === "person" : what === "decided",
        );
        const recovered = minutesUntil(left, turnMs, (_, what) => what === "kept");
        if (recovered !== null) recoveries.push(recovered);
        table.push([situation.name, situation.ends, isRight ? "yes" : "no", minutes(decided), minutes(recovered), storyOf(left)]);
      }
    }
    await rm(folder, { recursive: true });
    process.stderr.write(`${table.toString()}\n`);
    const all = played.length * runs;
    return {
      figures: { situations: all, situationsRight: right, recoveryMinutesMedian: median(recoveries) },
      references: { situationsRight: all },
    };
  },
};

/** @throws Error where assay.yml does not say how long an action may be verified */
async function shortVerification(): Promise<string> {
  const own = await readFile(new URL("../assay.yml", import.meta.url), "utf8");
  const short = own.replace(/verifyHours: \d+/, "verifyHours: 2");
  if (short === own) throw new Error("assay.yml has no verifyHours: the bench shortens it.");
  return short;
}

/** One situation in a process of its own, which has a clock of its own. @throws Error with what the process said */
async function play(name: string, seed: string, config: string): Promise<Played> {
  const program = fileURLToPath(new URL("remediation/situation.ts", import.meta.url));
  const child = spawn(process.execPath, [program, name, seed], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ASSAY_CONFIG: config },
  });
  const code = new Promise((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if ((await code) !== 0) throw new Error(`${name} (seed ${seed}) ended with ${await code}:\n${stderr}`);
  return JSON.parse(stdout) as Played;
}

/** From the trouble to the first step that is meant; `null`: it never came. */
function minutesUntil(
  { remediations }: Left,
  turnMs: number,
  isMeant: (record: RemediationRecord, what: Step["what"]) => boolean,
): number | null {
  const times = remediations.flatMap((record) =>
    record.steps.filter(({ what }) => isMeant(record, what)).map(({ at }) => Date.parse(at)),
  );
  const after = times.filter((timeMs) => timeMs >= turnMs);
  return after.length === 0 ? null : (Math.min(...after) - turnMs) / 60_000;
}

const minutes = (value: number | null) => (value === null ? "" : `${Math.round(value)} min`);

function storyOf({ remediations }: Left): string {
  return remediations
    .map(
      ({ status, decision, cause }) =>
        `${cause}: ${decision.kind === "hold" ? decision.because.slice(0, 60) : inWords(decision)}, ${status}`,
    )
    .join("\n");
}

/** Of nothing, nothing: NaN says so. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
