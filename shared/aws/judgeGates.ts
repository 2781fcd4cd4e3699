import type { JudgePlace } from "../config/assay.ts";
import { admission, begun, ended, firstPace, type Pace } from "../judging/pace.ts";
import { JudgeUnreachable } from "./judgeUnreachable.ts";
import { Throttled } from "./throttled.ts";

/** The judge took no calls lately, or has its hands full for as long as this attempt can wait. Nothing was asked, and nothing reserved. */
export class JudgePaused extends Error {
  override readonly name = "JudgePaused";
}

/**
 * Lets work through to a judge as fast as it takes it. @param latestMs when the work must have begun, epoch milliseconds
 * @throws JudgePaused, and what the work throws
 */
export type ThroughGate = <T extends { asked: boolean }>(
  judge: JudgePlace & { model: string },
  latestMs: number,
  work: () => Promise<T>,
) => Promise<T>;

/** One gate for each judge, for all calls of this process: another process finds out for itself, which costs it some calls. */
export function openJudgeGates(nowMs: () => number): ThroughGate {
  const gates = new Map<string, { pace: Pace; waiting: (() => void)[] }>();
  return async (judge, latestMs, work) => {
    const address = addressOf(judge);
    const gate = gates.get(address) ?? { pace: firstPace, waiting: [] };
    gates.set(address, gate);
    for (;;) {
      const admitted = nowMs() > latestMs ? "late" : admission(gate.pace, nowMs());
      if (admitted === "now") break;
      if (admitted !== "full") {
        throw new JudgePaused(`The judge ${address} is left alone for now: it does not take more. What is to be judged waits.`);
      }
      await new Promise<void>((resolve) => gate.waiting.push(resolve)); // until a call ends, which all do within a minute
    }
    gate.pace = begun(gate.pace);
    const begunAtMs = nowMs();
    const leave = (took: Parameters<typeof ended>[1]) => {
      gate.pace = ended(gate.pace, took, begunAtMs, nowMs());
      for (const wake of gate.waiting.splice(0)) wake();
    };
    try {
      const result = await work();
      leave(result.asked ? "taken" : "unasked");
      return result;
    } catch (error) {
      leave(error instanceof Throttled || error instanceof JudgeUnreachable ? "refused" : "unasked");
      throw error;
    }
  };
}

function addressOf(judge: JudgePlace & { model: string }): string {
  switch (judge.provider) {
    case "sagemaker":
      return judge.endpoint;
    case "bedrock":
      return judge.model;
    case "openai":
      return judge.url;
  }
}
