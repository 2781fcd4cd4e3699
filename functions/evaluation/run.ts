import type { S3Client } from "@aws-sdk/client-s3";
import type { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { readGoldenBytes } from "../../shared/aws/goldenSets.ts";
import { invokeVariant } from "../../shared/aws/invokeVariant.ts";
import type { AskJudge } from "../../shared/aws/judge.ts";
import { judgeOne } from "../../shared/aws/judgeOne.ts";
import { exists, putJson, putJsonOnce, readJson } from "../../shared/aws/results.ts";
import { type Assay, settingsOf } from "../../shared/config/assay.ts";
import { type Answer, type Reply, readAnswer, replyOf } from "../../shared/evaluation/answer.ts";
import { sketchOfAnswer } from "../../shared/evaluation/consistency.ts";
import { type GoldenItem, type ItemPointer, readGoldenLine } from "../../shared/evaluation/goldenSet.ts";
import { evaluationInferenceId, evaluationKeys } from "../../shared/evaluation/keys.ts";
import { requestBody } from "../../shared/evaluation/payload.ts";
import { narrowed, type Plan, requireJudge } from "../../shared/evaluation/plan.ts";
import { InvalidEvaluation, type Target } from "../../shared/evaluation/request.ts";
import { type ItemResult, isFinished, type TargetResult } from "../../shared/evaluation/result.ts";
import { boundMicroUsd } from "../../shared/judging/cost.ts";
import { costOf, type Judgement } from "../../shared/judging/judgement.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import { budgetOf, type Ledger } from "../../shared/judging/ledger.ts";
import type { Exchange } from "../../shared/judging/prompt.ts";
import { judgeRequest } from "../../shared/judging/request.ts";
import { isOwnAnswer, isServedBy } from "../../shared/judging/selfJudging.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { satisfies } from "../../shared/scoring/jsonSchema.ts";
import { type PlugIns, scorePlugIns } from "../../shared/scoring/plugIn.ts";
import { lookWhetherDecided, mayStop } from "./untilDecided.ts";

/** One batch of the Distributed Map. `owner` names the child execution, whose retries are one after the other. */
export type Batch = {
  items: ItemPointer[];
  evaluation: { id: string; attempt: number; budgetMicroUsd: number | null };
  owner: string;
};

export type RunDeps = {
  assay: Assay;
  plugIns: PlugIns;
  s3: S3Client;
  runtime: SageMakerRuntimeClient;
  askJudge: AskJudge;
  ledger: Ledger;
  resultsBucket: string;
  nowMs: () => number;
};

/** Counts of a batch. `unfinished`: the budget did not suffice. */
export type BatchOutcome = { finished: number; unfinished: number };

/**
 * Asks every target each item of a batch, scores and judges the answers, and writes a result for each item. Safe to repeat after a
 * crash anywhere: what is finished is left alone, the first answer stands, and a judgement is paid for once.
 * @throws Throttled, JudgedElsewhere: worth waiting for; InvalidEvaluation: the set or the judge was changed meanwhile
 */
export async function runBatch(batch: Batch, deps: RunDeps): Promise<BatchOutcome> {
  const plan = await readJson<Plan>(deps.s3, deps.resultsBucket, evaluationKeys(batch.evaluation.id).plan);
  const outcome: BatchOutcome = { finished: 0, unfinished: 0 };
  if (await mayStop(plan, deps)) return outcome;
  for (const pointer of batch.items) {
    const result = await runItem(pointer, plan, batch, deps);
    outcome[isFinished(result) ? "finished" : "unfinished"]++;
  }
  await lookWhetherDecided(plan, deps);
  return outcome;
}

async function runItem(pointer: ItemPointer, plan: Plan, batch: Batch, deps: RunDeps): Promise<ItemResult> {
  const { s3, resultsBucket } = deps;
  const key = evaluationKeys(plan.id).item(pointer.id);
  if (await exists(s3, resultsBucket, key)) {
    const before = await readJson<ItemResult>(s3, resultsBucket, key);
    if (isFinished(before)) return before;
  }
  const item = readGoldenLine(await readGoldenBytes(s3, plan.goldenSet, pointer));
  const variants: Record<string, TargetResult> = {};
  for (const target of plan.targets) variants[target.name] = await runTarget(item, target, plan, batch, deps);
  const result: ItemResult = { id: item.id, tags: item.tags, ...(item.group === null ? {} : { group: item.group }), variants };
  await putJson(s3, resultsBucket, key, result);
  return result;
}

/** A model that grades its own answers finds them good. */
const ownAnswer: Judgement = {
  status: "failed",
  reason: "the judge would grade an answer of its own: name another model in judge",
  costMicroUsd: 0,
};

/** The first answer is graded; the others say whether the target gives the same answer again. */
async function runTarget(item: GoldenItem, target: Target, plan: Plan, batch: Batch, deps: RunDeps): Promise<TargetResult> {
  const answer = await answerOf(item, target, 1, plan, deps);
  if (answer.outcome !== "answered") return { ...answer, judgement: null };
  const { completion, model, ...measured } = answer;
  const completions = [completion];
  // What was brought along is there once.
  const repeats = target.kind === "endpoint" ? item.repeats : 1;
  for (let repeat = 2; repeat <= repeats; repeat++) {
    const again = await answerOf(item, target, repeat, plan, deps);
    if (again.outcome === "answered") completions.push(again.completion);
  }
  const sketches = repeats > 1 || item.group !== null ? { sketches: completions.map(sketchOfAnswer) } : {};
  const judge = requireJudge(plan.endpoint, settingsOf(deps.assay, plan.endpoint));
  const isOwn = isOwnAnswer(judge, model) || (target.kind === "endpoint" && isServedBy(judge, target.endpoint));
  const judgement = isOwn ? ownAnswer : await judgeAnswer(item, target.name, completion, plan, batch, deps);
  return { ...measured, ...sketches, judgement };
}

/** The first answer that was kept: what is judged must not change between a judgement and its repeat. */
async function answerOf(item: GoldenItem, target: Target, repeat: number, plan: Plan, deps: RunDeps): Promise<Answer> {
  const { s3, resultsBucket } = deps;
  const key = evaluationKeys(plan.id).answer(target.name, item.id, repeat);
  if (await exists(s3, resultsBucket, key)) return readJson<Answer>(s3, resultsBucket, key);
  const answer = await ask(item, target, plan, deps);
  return (await putJsonOnce(s3, resultsBucket, key, answer)) ? answer : readJson<Answer>(s3, resultsBucket, key);
}

async function ask(item: GoldenItem, target: Target, plan: Plan, { assay, plugIns, runtime, nowMs }: RunDeps): Promise<Answer> {
  const { scorers } = settingsOf(assay, plan.endpoint);
  const body = requestBody(item, plan.payload, plan.parameters);
  const startedAtMs = nowMs();
  let reply: Reply;
  let latencyMs: number | null = null;
  if (target.kind === "answers") {
    if (!Object.hasOwn(item.answers, target.name)) return { outcome: "missing", latencyMs: null };
    reply = replyOf(item.answers[target.name]!);
  } else {
    reply = await invokeVariant(runtime, target, body, evaluationInferenceId(plan.id));
    latencyMs = nowMs() - startedAtMs;
  }
  const about = {
    eventId: `${plan.id}/${target.name}/${item.id}`,
    endpoint: plan.endpoint,
    variant: target.name,
    time: iso(startedAtMs),
  };
  const answer = readAnswer(body, reply, about, { reference: item.reference, scorers }, latencyMs);
  if (answer.outcome === "answered") {
    const prompt = item.messages.at(-1)?.content ?? "";
    const texts = { prompt, completion: answer.completion };
    Object.assign(answer.scores, await scorePlugIns(texts, item.reference, scorers.plugIns, plugIns));
    if (item.schema !== null) answer.scores.schema = satisfiesSchema(answer.completion, item.schema);
  }
  return answer;
}

/** 1: it is JSON that satisfies the schema of its item; `null`: it cannot be told, since the schema itself is at fault. */
function satisfiesSchema(completion: string, schema: unknown): number | null {
  let value: unknown;
  try {
    value = JSON.parse(completion);
  } catch {
    return 0;
  }
  const fits = satisfies(value, schema);
  return fits === null ? null : fits ? 1 : 0;
}

/**
 * Judges an answer in rounds, one for each attempt of the evaluation: a judgement that was skipped for want of budget stays skipped
 * for good, so the next attempt asks under another name. Earlier rounds are looked through first, since a crash may have kept a
 * judgement from its item's result.
 */
async function judgeAnswer(
  item: GoldenItem,
  variant: string,
  completion: string,
  plan: Plan,
  batch: Batch,
  deps: RunDeps,
): Promise<Judgement> {
  for (let round = 1; ; round++) {
    const judgement = await judgeInRound(round, item, variant, completion, plan, batch, deps);
    if (judgement.status !== "skipped" || round >= batch.evaluation.attempt) return judgement;
  }
}

async function judgeInRound(
  round: number,
  item: GoldenItem,
  variant: string,
  completion: string,
  plan: Plan,
  { evaluation: { budgetMicroUsd }, owner }: Batch,
  deps: RunDeps,
): Promise<Judgement> {
  const { id, endpoint } = plan;
  const settings = settingsOf(deps.assay, endpoint);
  const configured = requireJudge(endpoint, settings);
  if (judgeVersion(narrowed(configured, plan.criteria)) !== plan.judge.version) {
    throw new InvalidEvaluation(
      `The judge of ${endpoint} was changed since the evaluation ${id} was planned. Start another one.`,
    );
  }
  // An item's own criteria come before those of the evaluation.
  const judge = narrowed(configured, item.criteria.length > 0 ? item.criteria : plan.criteria);
  const version = judgeVersion(judge);
  const exchange: Exchange = {
    id: `evaluation/${id}/${variant}/${item.id}/${round}`,
    messages: item.messages,
    completion,
    ...(item.reference === null ? {} : { reference: item.reference }),
  };
  const ask = async () => {
    const about = { evaluation: id, endpoint, variant, item: item.id };
    const keyOf = (by: string) => evaluationKeys(id).judgement(variant, item.id, by, round);
    // Like sampling, it leaves the reserve of the day to anchors and verification.
    const question = { exchange, endpoint, purpose: "sampled" as const, about, keyOf, owner };
    const { judged } = await judgeOne(question, judge, budgetOf(settings), deps);
    return judged.judgement;
  };
  if (budgetMicroUsd === null) return ask();

  // The evaluation's own budget is an account of its own in the ledger, whose one day is that of the plan.
  const call = { endpoint: `evaluation/${id}`, id: exchange.id, judgeVersion: version };
  const plannedAtMs = Date.parse(plan.plannedAt);
  const bound = boundMicroUsd(judgeRequest(exchange, judge), judge);
  // Nobody else spends from it, so nothing of it is held in reserve.
  const budget = { microUsdPerDay: budgetMicroUsd, reserve: 0 };
  const reservation = await deps.ledger.reserve(call, "verification", bound, budget, `evaluation/${id}`, plannedAtMs);
  if (reservation.state === "skipped") return { status: "skipped", reason: "budget" };
  const judgement = await ask();
  const held = reservation.state === "reserved" ? reservation.held : undefined;
  await deps.ledger.settle(call, costOf(judgement), plannedAtMs, held);
  return judgement;
}
