import * as z from "zod";
import { InvalidEvaluation, readEvaluationRequest } from "../evaluation/request.ts";

/** An evaluation that is started by the clock. */
export type ScheduledEvaluation = {
  /** Of EventBridge, in UTC. */
  schedule: string;
  /** Key of a golden set in the results bucket; `null`: captured questions are asked. */
  goldenSet: string | null;
  /** What else its execution is given, but for `id`, `scheduledAt` and `goldenSet`. */
  input: Record<string, unknown>;
};

const idRule = "Give 1 to 26 letters, digits, - or _: with the time of its firing it becomes the evaluation's id.";
const scheduleRule = "Give rate(…) or cron(…) as EventBridge takes it, in UTC, e.g. cron(0 3 * * ? *).";
const goldenSetRule = "Name an object under golden/ of the results bucket, e.g. golden/faq.jsonl.";

/** `evaluations` of assay.yml: name → when, and what an execution is given. */
export const evaluationsSchema = z
  .record(
    z.string().regex(/^[\w-]{1,26}$/),
    z
      .looseObject({
        schedule: z.string(scheduleRule).regex(/^(rate|cron)\([^()]{1,200}\)$/, scheduleRule),
        goldenSet: z
          .string(goldenSetRule)
          .regex(/^golden\/[\w./-]{1,500}$/, goldenSetRule)
          .optional(),
      })
      .transform(({ schedule, goldenSet = null, ...input }, context): ScheduledEvaluation => {
        try {
          const set = goldenSet === null ? {} : { goldenSet: { bucket: "results", key: goldenSet } };
          readEvaluationRequest({ ...input, ...set, id: "x", scheduledAt: "2026-01-01T00:00:00Z" });
        } catch (error) {
          if (!(error instanceof InvalidEvaluation)) throw error;
          context.addIssue({ code: "custom", message: error.message });
        }
        return { schedule, goldenSet, input };
      }),
    { error: ({ code }) => (code === "invalid_key" ? idRule : "Give evaluations by name, each with its schedule.") },
  )
  .default({});
