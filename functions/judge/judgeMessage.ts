import type { SQSClient } from "@aws-sdk/client-sqs";
import { JudgePaused, type ThroughGate } from "../../shared/aws/judgeGates.ts";
import { writeJudgement } from "../../shared/aws/judgements.ts";
import { sendJudgeTaskLater } from "../../shared/aws/judgeTasks.ts";
import { JudgeUnreachable } from "../../shared/aws/judgeUnreachable.ts";
import { Throttled } from "../../shared/aws/throttled.ts";
import { settingsOf } from "../../shared/config/assay.ts";
import type { Judgement } from "../../shared/judging/judgement.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import { JudgedElsewhere } from "../../shared/judging/ledger.ts";
import { waitLonger } from "../../shared/judging/waiting.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { aboutOf, type JudgeTaskDeps, judgeTask, type TaskOutcome } from "./judgeTask.ts";
import { judgeTaskIn } from "./judgeTaskIn.ts";

export type JudgeMessageDeps = JudgeTaskDeps & { sqs: SQSClient; judgeQueueUrl: string; throughGate: ThroughGate };

/** A task that waits for its judge. */
type Waits = { status: "waiting"; endpoint: string; eventId: string; because: string; delaySeconds: number };
export type MessageOutcome = TaskOutcome | Waits;

/**
 * Judges what a message asks for, at the pace that the judge takes. Where the judge takes nothing for now, the task goes back into the
 * queue as a new message, so that no outage, however long, uses up the attempts after which a message counts as broken; a crash
 * in between leaves two messages, of which the second finds what the first did.
 * @param attempt its owner's name, and until when work may begin (epoch milliseconds)
 * @throws NotAJudgeTask, and what AWS says: these attempts are counted
 */
export async function judgeMessage(
  body: string,
  { owner, latestMs }: { owner: string; latestMs: number },
  deps: JudgeMessageDeps,
): Promise<MessageOutcome> {
  const task = judgeTaskIn(body);
  const { endpoint, eventId } = task;
  const { judge } = settingsOf(deps.assay, endpoint);
  if (judge === null) return { status: "no_judge", endpoint, eventId };
  try {
    const { outcome } = await deps.throughGate(judge, latestMs, async () => {
      const outcome = await judgeTask(task, owner, deps);
      return { outcome, asked: outcome.status !== "no_judge" && outcome.fresh && outcome.status !== "skipped" };
    });
    return outcome;
  } catch (error) {
    if (!isPassing(error)) throw error;
    const nowMs = deps.nowMs();
    const longer = waitLonger(eventId, task.waiting, { iso: iso(nowMs), ms: nowMs });
    if (longer !== null) {
      await sendJudgeTaskLater(deps.sqs, deps.judgeQueueUrl, { ...task, waiting: longer.waiting }, longer.delaySeconds);
      return {
        status: "waiting",
        endpoint,
        eventId,
        because: `${error.name}: ${error.message}`,
        delaySeconds: longer.delaySeconds,
      };
    }
    const version = judgeVersion(judge);
    const judgement: Judgement = { status: "failed", reason: "the judge took no calls for days", costMicroUsd: 0 };
    const stored = { ...aboutOf(task), judgeVersion: version, judgement, judgedAt: iso(nowMs) };
    const fresh = await writeJudgement(deps.s3, deps.resultsBucket, stored);
    return { status: "failed", endpoint, eventId, judgeVersion: version, costMicroUsd: 0, fresh };
  }
}

/** Whether a failure says nothing of the message, only of the moment. */
const isPassing = (error: unknown): error is Error =>
  error instanceof Throttled ||
  error instanceof JudgeUnreachable ||
  error instanceof JudgePaused ||
  error instanceof JudgedElsewhere;
