import type { S3Client } from "@aws-sdk/client-s3";
import type { JudgeSettings } from "../config/assay.ts";
import { boundMicroUsd } from "../judging/cost.ts";
import { costOf, type Judged, type Judgement } from "../judging/judgement.ts";
import { judgeVersion } from "../judging/judgeVersion.ts";
import type { Budget, Ledger, Purpose, Reserved } from "../judging/ledger.ts";
import type { Exchange } from "../judging/prompt.ts";
import { judgeRequest } from "../judging/request.ts";
import { iso } from "../monitoring/windows.ts";
import type { AskJudge } from "./judge.ts";
import { JudgeUnreachable } from "./judgeUnreachable.ts";
import { exists, putJsonOnce, readJson } from "./results.ts";
import { Throttled } from "./throttled.ts";

/** One answer to be judged. */
export type Question<About extends object> = {
  /** Its `id` names the call for ever: the same id is never paid for twice. */
  exchange: Exchange;
  /** Whose budget pays. */
  endpoint: string;
  purpose: Purpose;
  /** What is kept beside the judgement. No captured text: the results bucket has none. */
  about: About;
  /** Where in the results bucket the judgement is kept, by the judge's version. */
  keyOf: (judgeVersion: string) => string;
  /** Names this attempt; an attempt that repeats itself at once keeps its name. */
  owner: string;
};
export type JudgeDeps = {
  s3: S3Client;
  askJudge: AskJudge;
  ledger: Ledger;
  resultsBucket: string;
  nowMs: () => number;
};

/**
 * Judges one answer, or finds its judgement: reserves the budget, asks, writes the judgement, settles. Safe to repeat after a crash
 * between any two of these: the reservation remembers the call, the judgement is written before it is settled, and the first
 * judgement written stands.
 * @returns the judgement as it is kept, and whether this call made it
 * @throws Throttled, JudgeUnreachable, JudgedElsewhere: try again later, nothing is lost, and nothing that was not asked twice is charged twice; what AWS says otherwise
 */
export async function judgeOne<About extends object>(
  { exchange, endpoint, purpose, about, keyOf, owner }: Question<About>,
  judge: JudgeSettings,
  budget: Budget,
  { s3, askJudge, ledger, resultsBucket, nowMs }: JudgeDeps,
): Promise<{ judged: Judged<About>; fresh: boolean }> {
  const version = judgeVersion(judge);
  const key = keyOf(version);
  const call = { endpoint, id: exchange.id, judgeVersion: version };
  const find = async () => ({ judged: await readJson<Judged<About>>(s3, resultsBucket, key), fresh: false });
  const keep = async (judgement: Judgement) => {
    const judged = { ...about, judgeVersion: version, judgement, judgedAt: iso(nowMs()) };
    return (await putJsonOnce(s3, resultsBucket, key, judged)) ? { judged, fresh: true } : find();
  };
  const settled = async (kept: { judged: Judged<About>; fresh: boolean }, held?: Reserved) => {
    await ledger.settle(call, costOf(kept.judged.judgement), nowMs(), held);
    return kept;
  };

  const body = judgeRequest(exchange, judge);
  const bound = boundMicroUsd(body, judge);
  const skip = () => keep({ status: "skipped", reason: "budget" });
  const ask = async (held?: Reserved) => {
    try {
      return settled(await keep(await askJudge(judge, body)), held);
    } catch (error) {
      // What waits for its judge must not hold the budget of what does not.
      if (wasNotTaken(error)) await ledger.release(call, owner);
      throw error;
    }
  };
  const reservation = await ledger.reserve(call, purpose, bound, budget, owner, nowMs());
  switch (reservation.state) {
    case "settled":
      return find();
    case "skipped":
      return skip();
    case "reopened":
      if (await exists(s3, resultsBucket, key)) return settled(await find());
      return (await ledger.again(call, bound, budget, owner)) === "reserved" ? ask() : skip();
    case "reserved":
      return ask(reservation.held);
  }
}

/** Whether a call that failed is known to cost nothing. After a timeout nobody knows. */
const wasNotTaken = (error: unknown): boolean =>
  error instanceof Throttled || (error instanceof JudgeUnreachable && !error.mayHaveAnswered);
