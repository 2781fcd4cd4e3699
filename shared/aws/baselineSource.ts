import { S3ServiceException } from "@aws-sdk/client-s3";
import type { EndpointSettings, JudgeSettings } from "../config/assay.ts";
import type { StoredJudgement } from "../judging/judgement.ts";
import { judgeVersion } from "../judging/judgeVersion.ts";
import { budgetOf } from "../judging/ledger.ts";
import { legible } from "../judging/prompt.ts";
import { drawAnchors, type ReadAnchor } from "../monitoring/anchors.ts";
import type { BaselineSource } from "../monitoring/freezeBaseline.ts";
import { anchorKey, judgementKey } from "../monitoring/resultKeys.ts";
import type { WindowRecord } from "../monitoring/windowRecord.ts";
import { iso, windowOf } from "../monitoring/windows.ts";
import { atOnce } from "./atOnce.ts";
import { readAnswer } from "./captures.ts";
import { readWindowRecords } from "./foldedWindows.ts";
import { type JudgeDeps, judgeOne } from "./judgeOne.ts";
import { windowsWithCaptures } from "./openClaims.ts";
import { readJson } from "./results.ts";
import type { Table } from "./table.ts";

/** What a baseline is frozen from: a span of captured traffic, from and up to two moments. */
export type CapturedSpan = { endpoint: string; fromMs: number; toMs: number };

/** Three readings whose mean is stored, and one that tells how much a reading differs from it. */
const readings = 4;
const callsAtOnce = 5;

type Drawn = { id: string; record: WindowRecord };

/**
 * Gathers what a baseline is made of: the span's windows as books and judgements are now, and anchors from its judged answers, graded
 * four times. An anchor's text is kept as the judge reads it: without personal data. Repeating it pays for no grade twice.
 * @param owner names this attempt
 * @throws Throttled, JudgedElsewhere: try again later, and what AWS says
 */
export async function gatherBaselineSource(
  { endpoint, fromMs, toMs }: CapturedSpan,
  settings: EndpointSettings,
  judge: JudgeSettings,
  owner: string,
  deps: JudgeDeps & { table: Table },
): Promise<BaselineSource> {
  const version = judgeVersion(judge);
  const records: WindowRecord[] = [];
  for (const window of await windowsWithCaptures(deps.table, endpoint, windowOf(fromMs), windowOf(toMs - 1)))
    records.push(...(await readWindowRecords(deps, endpoint, window, version)));
  const candidates = records.flatMap((record) => record.rows.map(({ eventId }): Drawn => ({ id: eventId, record })));
  const span = `of-${iso(fromMs)}-${iso(toMs)}`;
  const anchors = await atOnce(callsAtOnce, drawAnchors(candidates), (drawn) =>
    readAnchor(drawn, span, settings, judge, owner, deps),
  );
  const madeFrom = `captures from ${iso(fromMs)} to ${iso(toMs)}`;
  return { endpoint, madeFrom, judgeVersion: version, records, anchors: anchors.flatMap((anchor) => anchor ?? []) };
}

/** `null` where the captured text is gone. */
async function readAnchor(
  { id, record: { window, endpoint, variant } }: Drawn,
  span: string,
  settings: EndpointSettings,
  judge: JudgeSettings,
  owner: string,
  deps: JudgeDeps,
): Promise<ReadAnchor | null> {
  const key = judgementKey({ window, endpoint, variant, eventId: id }, judgeVersion(judge));
  const stored = await readJson<StoredJudgement>(deps.s3, deps.resultsBucket, key);
  const answer = await readAnswer(deps.s3, stored, settings).catch((error: unknown) => {
    if (error instanceof S3ServiceException && error.name === "NoSuchKey") return null;
    throw error;
  });
  if (answer === null) return null;
  const anchor = { prompt: legible(answer.prompt), completion: legible(answer.completion) };
  const grades: Record<string, number>[] = [];
  for (let reading = 1; reading <= readings; reading++) {
    const { judged } = await judgeOne(
      {
        // As every later reading will ask: without the turns before, which an anchor does not keep.
        exchange: {
          id: `anchor/${span}/${reading}/${id}`,
          messages: [{ role: "user", content: anchor.prompt }],
          completion: anchor.completion,
        },
        endpoint,
        purpose: "anchor",
        about: { endpoint, baseline: span, reading: String(reading), anchor: id },
        keyOf: (by) => anchorKey(endpoint, span, String(reading), id, by),
        owner,
      },
      judge,
      budgetOf(settings),
      deps,
    );
    if (judged.judgement.status === "graded") grades.push(judged.judgement.grades);
  }
  return { id, ...anchor, readings: grades };
}
