import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Scores, Source } from "../capture/inference.ts";
import type { Waiting } from "../judging/waiting.ts";

/** One answer to be judged. Its text is not in it: the judge reads it at `source`. */
export type JudgeTask = {
  version: 1;
  eventId: string;
  endpoint: string;
  variant: string;
  time: string;
  window: string;
  pi: number;
  segment: string;
  conversation?: string;
  objectId: string;
  source: Source;
  scores: Scores;
  /** Where it waits for its judge. */
  waiting?: Waiting;
};

/** SQS refused part of a batch. Sending all of it again is harmless: a judgement has one key, however often it is asked for. */
class JudgeTasksRefused extends Error {
  override readonly name = "JudgeTasksRefused";
}

/** As many as SQS takes in one request, by number. */
export const tasksPerRequest = 10;
const bytesPerRequest = 1024 * 1024;

/** @throws JudgeTasksRefused with SQS's codes if not every task was taken */
export async function sendJudgeTasks(sqs: SQSClient, queueUrl: string, tasks: readonly JudgeTask[]): Promise<void> {
  for (const bodies of requests(tasks.map((task) => JSON.stringify(task)))) {
    const Entries = bodies.map((MessageBody, i) => ({ Id: String(i), MessageBody }));
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed.length > 0) {
      const codes = [...new Set(Failed.map(({ Code }) => Code))].join(", ");
      throw new JudgeTasksRefused(
        `${queueUrl} refused ${Failed.length} of ${bodies.length} judge tasks: ${codes}. They are sent again.`,
      );
    }
  }
}

/** Sends a task that comes again after some seconds, at most 900. */
export async function sendJudgeTaskLater(sqs: SQSClient, queueUrl: string, task: JudgeTask, delaySeconds: number): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(task), DelaySeconds: delaySeconds }));
}

/** Splits bodies into requests that SQS takes, in order. */
function requests(bodies: readonly string[]): string[][] {
  const split: string[][] = [];
  let room = 0;
  for (const body of bodies) {
    const bytes = Buffer.byteLength(body);
    const last = split.at(-1);
    if (last && last.length < tasksPerRequest && bytes <= room) last.push(body);
    else {
      split.push([body]);
      room = bytesPerRequest;
    }
    room -= bytes;
  }
  return split;
}
