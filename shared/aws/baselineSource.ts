import { type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { EndpointSettings, JudgeSettings } from "../config/assay.ts";
import type { Answer } from "../evaluation/answer.ts";
import { answerId, ownVariants, recordsOfEvaluation } from "../evaluation/baselineRecords.ts";
import { type ItemPointer, readGoldenLine } from "../evaluation/goldenSet.ts";
import { evaluationKeys } from "../evaluation/keys.ts";
import type { Plan } from "../evaluation/plan.ts";
import type { ItemResult } from "../evaluation/result.ts";
import type { Judgement, StoredJudgement } from "../judging/judgement.ts";
import { judgeVersion } from "../judging/judgeVersion.ts";
import { budgetOf } from "../judging/ledger.ts";
import { legible } from "../judging/prompt.ts";
import { drawAnchors, type ReadAnchor } from "../monitoring/anchors.ts";
import type { SystemVersion } from "../monitoring/baseline.ts";
import type { BaselineSource } from "../monitoring/freezeBaseline.ts";
import { anchorKey, judgementKey } from "../monitoring/resultKeys.ts";
import type { WindowRecord } from "../monitoring/windowRecord.ts";
import { iso, windowOf } from "../monitoring/windows.ts";
import { scorersVersion } from "../scoring/scorersVersion.ts";
import { atOnce } from "./atOnce.ts";
import { readAnswer } from "./captures.ts";
import { readWindowRecords } from "./foldedWindows.ts";
import { readGoldenBytes } from "./goldenSets.ts";
import { type JudgeDeps, judgeOne } from "./judgeOne.ts";
import { windowsWithCaptures } from "./openClaims.ts";
import { exists, keysUnder, readJson, readText } from "./results.ts";
import { servedModels, shadowsOf } from "./served.ts";
import type { Table } from "./table.ts";

/** What a baseline is frozen from: a span of captured traffic, from and up to two moments, or a finished evaluation. */
export type MadeFrom = { endpoint: string } & ({ fromMs: number; toMs: number } | { evaluation: string });

export type SourceDeps = JudgeDeps & { table: Table; sagemaker: SageMakerClient };

/** There is nothing to make the baseline of, or not what was asked for. Says what to do. */
export class NothingToFreeze extends Error {
  override readonly name = "NothingToFreeze";
}

/** Three readings whose mean is stored, and one that tells how much a reading differs from it. */
const readings = 4;
const callsAtOnce = 5;
const windowsAtOnce = 4;
const itemsAtOnce = 25;

/** An answer that may become an anchor. */
type Text = { prompt: string; completion: string };
type Drawn = { id: string; record: WindowRecord };

/** Who reads anchors: `source` names what they are drawn from, and so the calls that were paid. */
type Reader = {
  source: string;
  endpoint: string;
  settings: EndpointSettings;
  judge: JudgeSettings;
  owner: string;
  deps: JudgeDeps;
};

/**
 * Gathers what a baseline is made of: books and judgements of the span as they are now, or the results of the evaluation, and anchors
 * from its judged answers, graded four times. An anchor's text is kept as the judge reads it: without personal data. Repeating it pays
 * for no grade twice.
 * @param owner names this attempt
 * @throws NothingToFreeze; Throttled, JudgedElsewhere: try again later; and what AWS says
 */
export async function gatherBaselineSource(
  from: MadeFrom,
  settings: EndpointSettings,
  judge: JudgeSettings,
  owner: string,
  deps: SourceDeps,
): Promise<BaselineSource> {
  const { endpoint } = from;
  const version = judgeVersion(judge);
  const models = await servedModels(deps.sagemaker, endpoint);
  const system: SystemVersion = { scorersVersion: scorersVersion(settings.scorers), models };
  const gathered =
    "evaluation" in from
      ? await ofEvaluation(from.evaluation, endpoint, version, deps)
      : await ofSpan(from.fromMs, from.toMs, endpoint, version, settings, deps);
  const { records, madeFrom, source, textOf } = gathered;
  const candidates = records.flatMap((record) => record.rows.map(({ eventId }): Drawn => ({ id: eventId, record })));
  const reader = { source, endpoint, settings, judge, owner, deps };
  const anchors = await atOnce(callsAtOnce, drawAnchors(candidates), async (drawn): Promise<ReadAnchor[]> => {
    const text = await textOf(drawn);
    return text === null ? [] : [await readAnchor(drawn.id, text, reader)];
  });
  return { endpoint, madeFrom, judgeVersion: version, system, records, anchors: anchors.flat() };
}

/** What a baseline can be made of, before its anchors are read. `textOf`: `null` where the text is gone. */
type Gathered = {
  records: WindowRecord[];
  madeFrom: string;
  source: string;
  textOf: (drawn: Drawn) => Promise<Text | null>;
};

async function ofSpan(
  fromMs: number,
  toMs: number,
  endpoint: string,
  version: string,
  settings: EndpointSettings,
  deps: SourceDeps,
): Promise<Gathered> {
  const windows = await windowsWithCaptures(deps.table, endpoint, windowOf(fromMs), windowOf(toMs - 1));
  // What nobody got is no reference for what users get.
  const shadows = await shadowsOf(deps.sagemaker, endpoint);
  const records = await atOnce(windowsAtOnce, windows, async (window) =>
    (await readWindowRecords(deps, endpoint, window, version)).filter(({ variant }) => !shadows.includes(variant)),
  );
  if (!records.some((own) => own.length > 0))
    throw new NothingToFreeze(`Nothing of ${endpoint} was captured between ${iso(fromMs)} and ${iso(toMs)}.`);
  return {
    records: records.flat(),
    madeFrom: `captures from ${iso(fromMs)} to ${iso(toMs)}`,
    source: `of-${iso(fromMs)}-${iso(toMs)}`,
    async textOf({ id, record: { window, variant } }) {
      const key = judgementKey({ window, endpoint, variant, eventId: id }, version);
      const stored = await readJson<StoredJudgement>(deps.s3, deps.resultsBucket, key);
      return readAnswer(deps.s3, stored, settings).catch((error: unknown) => {
        if (error instanceof S3ServiceException && error.name === "NoSuchKey") return null;
        throw error;
      });
    },
  };
}

async function ofEvaluation(id: string, endpoint: string, version: string, deps: SourceDeps): Promise<Gathered> {
  const { s3, resultsBucket } = deps;
  const keys = evaluationKeys(id);
  if (!(await exists(s3, resultsBucket, keys.result)))
    throw new NothingToFreeze(
      `There is no finished evaluation ${id}. Start it with \`assay evaluate\`, or wait until it is done.`,
    );
  const plan = await readJson<Plan>(s3, resultsBucket, keys.plan);
  if (plan.endpoint !== endpoint) throw new NothingToFreeze(`The evaluation ${id} asked ${plan.endpoint}, not ${endpoint}.`);
  if (plan.judge.version !== version)
    throw new NothingToFreeze(
      `The evaluation ${id} was graded by judge ${plan.judge.version}, assay.yml has judge ${version} now: start another evaluation.`,
    );
  const results = await atOnce(itemsAtOnce, await keysUnder(s3, resultsBucket, keys.items), (key) =>
    readJson<ItemResult>(s3, resultsBucket, key),
  );
  const pointers = new Map(await pointersOf(s3, resultsBucket, keys.pointers));
  const byAnswer = new Map(
    results.flatMap(({ id: item }) =>
      ownVariants(plan).map(({ variant, target }) => [answerId(variant, item), { item, target }]),
    ),
  );
  return {
    records: recordsOfEvaluation(plan, results),
    madeFrom: `the evaluation ${id} of ${plan.plannedAt}`,
    source: `evaluation-${id}`,
    async textOf({ id: answer }) {
      const { item, target } = byAnswer.get(answer)!; // drawn from its records
      const pointer = pointers.get(item);
      if (pointer === undefined) return null;
      const { messages } = readGoldenLine(await readGoldenBytes(s3, plan.goldenSet, pointer));
      const said = await readJson<Answer>(s3, resultsBucket, keys.answer(target, item));
      return said.outcome === "answered" ? { prompt: messages.at(-1)!.content, completion: said.completion } : null; // a golden item has a turn
    },
  };
}

async function pointersOf(s3: S3Client, bucket: string, key: string): Promise<[string, ItemPointer][]> {
  const lines = (await readText(s3, bucket, key)).split("\n").filter(Boolean);
  return lines.map((line) => {
    const pointer = JSON.parse(line) as ItemPointer; // written by the evaluation
    return [pointer.id, pointer];
  });
}

async function readAnchor(id: string, text: Text, reader: Reader): Promise<ReadAnchor> {
  const anchor = { prompt: legible(text.prompt), completion: legible(text.completion) };
  const grades: Record<string, number>[] = [];
  for (let reading = 1; reading <= readings; reading++) {
    const judgement = await gradeAnchor(id, anchor, String(reading), reader);
    if (judgement.status === "graded") grades.push(judgement.grades);
  }
  return { id, ...anchor, readings: grades };
}

/**
 * One reading, in rounds: what was skipped for want of budget stays skipped for good, so a later attempt asks under another name. Earlier
 * rounds are looked through first, and cost nothing.
 */
async function gradeAnchor(
  id: string,
  { prompt, completion }: Text,
  reading: string,
  { source, endpoint, settings, judge, owner, deps }: Reader,
): Promise<Judgement> {
  for (let round = 1; ; round++) {
    const name = round === 1 ? reading : `${reading}-${round}`;
    const { judged, fresh } = await judgeOne(
      {
        // As every later reading will ask: without the turns before, which an anchor does not keep.
        exchange: { id: `anchor/${source}/${name}/${id}`, messages: [{ role: "user", content: prompt }], completion },
        endpoint,
        purpose: "anchor",
        about: { endpoint, baseline: source, reading: name, anchor: id },
        keyOf: (by) => anchorKey(endpoint, source, name, id, by),
        owner,
      },
      judge,
      budgetOf(settings),
      deps,
    );
    if (judged.judgement.status !== "skipped" || fresh) return judged.judgement;
  }
}
