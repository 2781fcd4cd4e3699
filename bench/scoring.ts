import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readLine } from "../shared/capture/readLine.ts";
import { defaultSettings } from "../shared/config/schema.ts";
import { scorers } from "../shared/scoring/registry.ts";
import type { Subject } from "../shared/scoring/scorer.ts";
import { Text } from "../shared/scoring/text.ts";
import type { Bench } from "./bench.ts";
import { chanceFrom } from "./chance.ts";
import { readAnswers } from "./recordedAnswers.ts";
import { comparedChecks } from "./scoring/others.ts";
import { type CaptureLine, drawLines, lineOf } from "./scoring/traffic.ts";

const origin = { bucket: "b", key: "k", endpoint: "support-chat", variant: "stable" };
const lineCount = 2_000;
const rounds = 9;

/**
 * What reading and scoring costs beside the bare parsing of the same records, in CPU time of the whole process, garbage collection and
 * compilation included: a busy machine changes it little. The floor is `JSON.parse` of each line and of the two bodies in it, round by
 * round between ours; the figures are medians over the rounds. `runs` is how many records the memory is watched for.
 */
export const scoring: Bench = {
  name: "scoring",
  runs: 1_000_000,
  says: "reading and scoring beside bare parsing, the cost of each scorer, and memory over a million records (--runs)",
  async run(runs, progress) {
    const lines = drawLines(lineCount, chanceFrom(1));
    progress("reading and scoring generated traffic");
    const generated = overFloor(lines);
    const figures: Record<string, number> = { ...generated };
    const recorded = await recordedLines();
    if (recorded !== null) {
      progress("reading and scoring recorded traffic");
      for (const [name, value] of Object.entries(overFloor(recorded))) figures[`recorded.${name}`] = value;
    }
    progress("each scorer");
    Object.assign(figures, costOfEach(lines));
    progress("other tools");
    const { figures: compared, references } = await comparedChecks();
    Object.assign(figures, compared);
    progress(`memory over ${runs} records`);
    figures.rssGrowthMiB = await growthOver(runs);
    return { figures, references: { timeOverParse: 12, rssGrowthMiB: 20, ...references } };
  },
};

function overFloor(lines: readonly CaptureLine[]): Record<string, number> {
  const floor = () => {
    for (const { text, payloads } of lines) {
      JSON.parse(text);
      for (const payload of payloads) JSON.parse(payload);
    }
  };
  const ours = (settings: typeof defaultSettings) => () => {
    for (const { bytes } of lines) {
      const line = { bytes, offset: 0, length: bytes.length, number: 1, isGzip: false, flaw: null };
      const [reading] = readLine(line, origin, settings);
      if (reading?.outcome !== "answered") throw new Error("a line of the bench was not read as an answer");
    }
  };
  const none = { ...defaultSettings, scorers: { ...defaultSettings.scorers, off: scorers.map(({ name }) => name) } };
  const all = ours(defaultSettings);
  const readingOnly = ours(none);
  const measured = Array.from({ length: rounds + 2 }, () => ({
    floor: cpuMicroseconds(floor),
    all: cpuMicroseconds(all),
    reading: cpuMicroseconds(readingOnly),
  })).slice(2); // until the code is compiled, nothing is typical
  const perRecord = (pick: "floor" | "all" | "reading") => median(measured.map((round) => round[pick])) / lines.length;
  return {
    timeOverParse: median(measured.map((round) => round.all / round.floor)),
    readingOverParse: median(measured.map((round) => round.reading / round.floor)),
    recordsPerSecond: 1e6 / perRecord("all"),
    parseMicroseconds: perRecord("floor"),
    readingMicroseconds: perRecord("reading"),
    allMicroseconds: perRecord("all"),
    charactersPerLine: lines.reduce((sum, { text }) => sum + text.length, 0) / lines.length,
  };
}

/** Microseconds a record of each scorer alone; what they share, the words of prompt and answer, is a line of its own. */
function costOfEach(lines: readonly CaptureLine[]): Record<string, number> {
  const subjects = lines.map(subjectOf);
  const touch = ({ prompt, completion }: Subject) => prompt.words.count + completion.words.count;
  const costs: Record<string, number> = {
    "microseconds.words": perSubject(() => subjects.map(fresh), touch),
  };
  for (const { name, score } of scorers) {
    const warmed = () => {
      const those = subjects.map(fresh);
      for (const subject of those) touch(subject);
      return those;
    };
    costs[`microseconds.${name}`] = perSubject(warmed, score);
  }
  return costs;
}

function perSubject(make: () => Subject[], work: (subject: Subject) => unknown): number {
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const subjects = make();
    taken.push(
      cpuMicroseconds(() => {
        for (const subject of subjects) work(subject);
      }) / subjects.length,
    );
  }
  return median(taken);
}

function subjectOf({ bytes }: CaptureLine): Subject {
  const line = { bytes, offset: 0, length: bytes.length, number: 1, isGzip: false, flaw: null };
  const [inference] = readLine(line, origin, defaultSettings);
  if (inference?.outcome !== "answered") throw new Error("a line of the bench was not read as an answer");
  const { prompt, completion } = inference;
  return {
    inference,
    prompt: new Text(prompt),
    completion: new Text(completion),
    request: null,
    reference: new Text(completion),
  };
}

const fresh = ({ inference, request }: Subject): Subject => ({
  inference,
  request,
  prompt: new Text(inference.prompt),
  completion: new Text(inference.completion),
  reference: new Text(inference.completion),
});

/** Real questions and answers in capture lines, where ASSAY_REAL_DATA names their folder; else `null`, and it says so. */
async function recordedLines(): Promise<CaptureLine[] | null> {
  const folder = process.env.ASSAY_REAL_DATA;
  if (folder === undefined) {
    process.stderr.write("ASSAY_REAL_DATA is not set: measured on generated traffic only\n");
    return null;
  }
  const answers = await readAnswers(folder, "gpt-3.5-turbo-0301");
  return answers.map(({ instruction, output }, n) => {
    const request = JSON.stringify({ messages: [{ role: "user", content: instruction }] });
    const choices = [{ index: 0, message: { role: "assistant", content: output }, finish_reason: "stop" }];
    return lineOf(request, JSON.stringify({ object: "chat.completion", choices }), n);
  });
}

async function growthOver(records: number): Promise<number> {
  const script = fileURLToPath(new URL("./scoring/memory.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script, String(records)]);
  return Number(stdout);
}

function cpuMicroseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!; // there is at least one round
}
