import * as z from "zod";
import type { JudgeTask } from "../../shared/aws/judgeTasks.ts";

const judgeTask = z.object({
  version: z.literal(1),
  eventId: z.string().min(1),
  endpoint: z.string().min(1),
  variant: z.string().min(1),
  time: z.iso.datetime(),
  window: z.iso.datetime(),
  pi: z.number().gt(0).lte(1),
  segment: z.string(),
  conversation: z.string().optional(),
  objectId: z.string(),
  source: z.object({
    bucket: z.string().min(1),
    key: z.string().min(1),
    offset: z.int().min(0),
    length: z.int().min(1),
    gzip: z.literal(true).optional(),
  }),
  scores: z.record(z.string(), z.number().nullable()),
  waiting: z.object({ since: z.iso.datetime(), times: z.int().min(0) }).optional(),
});

/** The message is no task of `sample`: something else writes to the queue. */
class NotAJudgeTask extends Error {
  override readonly name = "NotAJudgeTask";
}

/** @param body of the SQS message. @throws NotAJudgeTask */
export function judgeTaskIn(body: string): JudgeTask {
  const task = judgeTask.safeParse(parsed(body));
  if (task.success) {
    const { conversation, waiting, source, ...rest } = task.data;
    const { gzip, ...place } = source;
    return {
      ...rest,
      source: gzip ? { ...place, gzip } : place,
      ...(conversation === undefined ? {} : { conversation }),
      ...(waiting === undefined ? {} : { waiting }),
    };
  }
  const { path, message } = task.error.issues[0]!; // a failed parse has an issue
  throw new NotAJudgeTask(
    `The message is no judge task (${path.join(".") || "as a whole"}: ${message}). ` +
      "The judge queue should have no writers but the sample and judge functions of this stack.",
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
