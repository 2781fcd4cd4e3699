import { createHash } from "node:crypto";
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { atOnce } from "../../shared/aws/atOnce.ts";
import { type JudgeDeps, judgeOne } from "../../shared/aws/judgeOne.ts";
import { putMetrics } from "../../shared/aws/metrics.ts";
import { keepReading } from "../../shared/aws/monitorHistory.ts";
import { costOf, type Judged } from "../../shared/judging/judgement.ts";
import type { Anchor } from "../../shared/monitoring/anchors.ts";
import { anchorsDue, foldAnchors } from "../../shared/monitoring/monitor.ts";
import type { MonitorState } from "../../shared/monitoring/monitorState.ts";
import { anchorKey, anchorReadingsOf } from "../../shared/monitoring/resultKeys.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { judgeDatums } from "../judge/judgeDatums.ts";
import { changeMonitor, type DriftDeps, monitorOf, type Watch, watch } from "./watch.ts";

export type AnchorsDeps = DriftDeps & JudgeDeps & { cloudwatch: CloudWatchClient };

/** What a reading asked of an endpoint's judge, in counts. */
export type AnchorsRead = { endpoint: string; asked: number; graded: number };

/** What is kept beside a judgement of an anchor. Its text is in the baseline. */
type About = { endpoint: string; baseline: string; reading: string; anchor: string };

/** A reading takes minutes one by one, and a judge's endpoint has other callers. */
const callsAtOnce = 5;

/**
 * Has all anchors of an endpoint graded again, where that is due, and folds the reading. Safe to repeat after a crash anywhere: each
 * grade is an object of its own, and a repeat pays for none of them again.
 * @param owner names the execution, whose attempts are one after the other
 * @throws Throttled, JudgedElsewhere: worth waiting for; NotWatched, and what AWS says
 */
export async function readAnchors(
  { endpoint, owner }: { endpoint: string; owner: string },
  deps: AnchorsDeps,
): Promise<AnchorsRead> {
  const watched = await watch(endpoint, deps);
  const state = await monitorOf(watched, deps);
  if (watched.outdated !== null || !anchorsDue(state, watched.baseline, deps.nowMs())) return { endpoint, asked: 0, graded: 0 };

  const anchors = watched.baseline.anchors.filter(
    (anchor): anchor is Anchor & { prompt: string; completion: string } => anchor.prompt !== null && anchor.completion !== null,
  );
  const reading = readingId(state, deps.nowMs());
  const judged = await atOnce(callsAtOnce, anchors, (anchor) => judgeAnchor(anchor, reading, owner, watched, deps));

  const stored = new Map(anchors.map((anchor) => [anchor.id, anchor.stored]));
  const graded = judged.flatMap(({ judged: { anchor, judgement } }) =>
    judgement.status === "graded" ? [{ id: anchor, stored: stored.get(anchor)!, grades: judgement.grades }] : [],
  );
  const time = judged
    .map(({ judged: { judgedAt } }) => judgedAt)
    .sort()
    .at(-1)!; // due are only anchors that there are
  // A reading without a grade counts, too: where the judge is silent today, an alarm waits for it no longer.
  const key = `${anchorReadingsOf(endpoint, watched.baseline.version)}${reading}.json`;
  const kept = await keepReading(deps, key, { foldedAt: iso(deps.nowMs()), reading: { time, anchors: graded } });
  const fold = (now: MonitorState) => foldAnchors(now, kept.reading, watched.baseline, watched.settings).state;
  await changeMonitor(watched, (now) => ({ state: fold(now), findings: [] }), deps);
  await putMetrics(deps.cloudwatch, await judgeDatums(judged.map(outcomeOf), deps.ledger, deps.nowMs()));
  return { endpoint, asked: judged.length, graded: graded.length };
}

/** As the judge function tells it: what anchors cost is part of what judging costs. */
function outcomeOf({ judged: { endpoint, anchor, judgeVersion, judgement }, fresh }: { judged: Judged<About>; fresh: boolean }) {
  return { status: judgement.status, endpoint, eventId: anchor, judgeVersion, costMicroUsd: costOf(judgement), fresh };
}

/**
 * Names a reading by what asks for it: the day, the last reading and the newest alarm. So an attempt goes on with what one before it
 * had read, but not with grades from before an alarm, which could not tell whose change it is.
 */
function readingId(state: MonitorState, nowMs: number): string {
  const alarms = [...state.waiting, ...state.findings.flatMap(({ undecided }) => (undecided ? [undecided.alarm] : []))];
  const newest =
    alarms
      .map(({ at }) => at)
      .sort()
      .at(-1) ?? null;
  const day = iso(nowMs).slice(0, 10);
  const asking = JSON.stringify([state.anchors.readings.at(-1)?.time ?? null, newest]);
  return `${day}-${createHash("sha256").update(asking).digest("hex").slice(0, 8)}`;
}

function judgeAnchor(
  { id, prompt, completion }: { id: string; prompt: string; completion: string },
  reading: string,
  owner: string,
  { endpoint, baseline: { version: baseline }, judge, budget }: Watch,
  deps: AnchorsDeps,
): Promise<{ judged: Judged<About>; fresh: boolean }> {
  return judgeOne(
    {
      exchange: { id: `anchor/${baseline}/${reading}/${id}`, messages: [{ role: "user", content: prompt }], completion },
      endpoint,
      purpose: "anchor",
      about: { endpoint, baseline, reading, anchor: id },
      keyOf: (by) => anchorKey(endpoint, baseline, reading, id, by),
      owner,
    },
    judge,
    budget,
    deps,
  );
}
