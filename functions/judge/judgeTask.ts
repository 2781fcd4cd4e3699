import { readAnswer } from "../../shared/aws/captures.ts";
import { writeJudgement } from "../../shared/aws/judgements.ts";
import { type JudgeDeps, judgeOne } from "../../shared/aws/judgeOne.ts";
import type { JudgeTask } from "../../shared/aws/judgeTasks.ts";
import { type Assay, settingsOf } from "../../shared/config/assay.ts";
import { costOf, type JudgedInference, type Judgement } from "../../shared/judging/judgement.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import { budgetOf } from "../../shared/judging/ledger.ts";
import { isOwnAnswer, isServedBy } from "../../shared/judging/selfJudging.ts";
import { judgementKey } from "../../shared/monitoring/resultKeys.ts";
import { iso } from "../../shared/monitoring/windows.ts";

/** `isRemediated`: whether a remediation holds an endpoint's lock. */
export type JudgeTaskDeps = JudgeDeps & { assay: Assay; isRemediated: (endpoint: string) => Promise<boolean> };

/** What became of a task, in ids and counts: fit for a log line. `fresh`: judged just now, not found as judged before. */
export type TaskOutcome =
  | { status: "no_judge"; endpoint: string; eventId: string }
  | {
      status: Judgement["status"];
      endpoint: string;
      eventId: string;
      judgeVersion: string;
      costMicroUsd: number;
      fresh: boolean;
    };

/**
 * Judges one chosen answer: reads its text where SageMaker put it, asks within the budget, keeps the judgement. Safe to repeat: see
 * `judgeOne`. A task of an endpoint without a judge is dropped.
 * @param owner names this attempt
 * @throws Throttled, JudgeUnreachable, JudgedElsewhere, and what AWS says: the message must come again
 */
export async function judgeTask(task: JudgeTask, owner: string, deps: JudgeTaskDeps): Promise<TaskOutcome> {
  const { endpoint, eventId } = task;
  const settings = settingsOf(deps.assay, endpoint);
  const { judge } = settings;
  if (judge === null) return { status: "no_judge", endpoint, eventId };
  const outcome = (judgement: Judgement, fresh: boolean): TaskOutcome => ({
    status: judgement.status,
    endpoint,
    eventId,
    judgeVersion: judgeVersion(judge),
    costMicroUsd: costOf(judgement),
    fresh,
  });

  const about = aboutOf(task);
  const inference = await readAnswer(deps.s3, task, settings);
  const unasked = async (reason: string): Promise<TaskOutcome> => {
    const judgement: Judgement = { status: "failed", reason, costMicroUsd: 0 };
    const stored = { ...about, judgeVersion: judgeVersion(judge), judgement, judgedAt: iso(deps.nowMs()) };
    return outcome(judgement, await writeJudgement(deps.s3, deps.resultsBucket, stored));
  };
  if (inference === null) return unasked("the capture object was overwritten: the chosen answer is not where it was");
  // assay.yml cannot tell what an endpoint that it does not list serves, nor what model is behind a name.
  if (isServedBy(judge, endpoint) || isOwnAnswer(judge, inference.model))
    return unasked("the judge would grade an answer of its own: name another model in judge");
  // While a remediation holds the endpoint's lock, fresh judgements are what proves or undoes it.
  const purpose = (await deps.isRemediated(endpoint)) ? "verification" : "sampled";
  const { judged, fresh } = await judgeOne(
    {
      exchange: { id: eventId, messages: inference.messages, completion: inference.completion },
      endpoint,
      purpose,
      about,
      keyOf: (version) => judgementKey(about, version),
      owner,
    },
    judge,
    budgetOf(settings),
    deps,
  );
  return outcome(judged.judgement, fresh);
}

export function aboutOf({
  eventId,
  endpoint,
  variant,
  window,
  time,
  pi,
  conversation,
  segment,
  scores,
  source,
}: JudgeTask): JudgedInference {
  const about = { eventId, endpoint, variant, window, time, pi, segment, scores, source };
  return conversation === undefined ? about : { ...about, conversation };
}
