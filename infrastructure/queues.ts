import type { Captures } from "../shared/config/assay.ts";
import { judgeLeaseSeconds } from "../shared/judging/lease.ts";
import { claimLifetimeSeconds } from "../shared/monitoring/claim.ts";
import { arnOf, type Resources, ref, tlsOnly } from "./cloudformation.ts";

const days = (n: number) => n * 86_400;
/** Work waits four days for whoever repairs what is broken, then moves on to where it is kept longest. */
const workRetention = days(4);
/** The longest that SQS keeps anything. A moved message keeps its age, so this must be longer than the queue it came from. */
const deadLetterRetention = days(14);
/** Five attempts outlast a throttled minute; a file that fails five times fails for a reason of its own. */
const maxReceiveCount = 5;
/**
 * A minute more than the function and the batching window take. Lambda advises six times the timeout, for batches that it holds back
 * while the function is throttled; the event source asks for no more than the function takes (`maximumConcurrency`), and a message
 * that comes twice meets the claim of its object. Half an hour would be two windows in which what crashed is not tried again.
 */
const captureVisibilitySeconds = claimLifetimeSeconds + 60;
/** Lambda's advice for event sources: six times the function's time-out, so that a message is not handed out while it is worked on. */
const visibility = (timeoutSeconds: number) => 6 * timeoutSeconds;

/** Queues whose oldest message is watched: id → last part of the queue's name, and of its alarm's. */
export const deadLetterQueues = {
  CaptureDeadLetterQueue: "captures-dead-letters",
  JudgeDeadLetterQueue: "judge-dead-letters",
  RemediateDeadLetterQueue: "remediate-dead-letters",
} as const;

/** From a new capture object to the queue that `sample` reads, and the queue of what was chosen for judging. */
export function queues({ prefix }: Captures, stage: string): Resources {
  const named = (name: string) => `assay-${stage}-${name}`;
  const rule = { "aws:SourceArn": arnOf("CaptureRule") };
  return {
    CaptureQueue: queue(named("captures"), {
      MessageRetentionPeriod: workRetention,
      VisibilityTimeout: captureVisibilitySeconds,
      RedrivePolicy: { deadLetterTargetArn: arnOf("CaptureDeadLetterQueue"), maxReceiveCount },
    }),
    CaptureDeadLetterQueue: queue(named(deadLetterQueues.CaptureDeadLetterQueue), {
      MessageRetentionPeriod: deadLetterRetention,
    }),
    JudgeQueue: queue(named("judge"), {
      MessageRetentionPeriod: workRetention,
      VisibilityTimeout: visibility(judgeLeaseSeconds),
      RedrivePolicy: { deadLetterTargetArn: arnOf("JudgeDeadLetterQueue"), maxReceiveCount },
    }),
    JudgeDeadLetterQueue: queue(named(deadLetterQueues.JudgeDeadLetterQueue), { MessageRetentionPeriod: deadLetterRetention }),
    RemediateDeadLetterQueue: queue(named(deadLetterQueues.RemediateDeadLetterQueue), {
      MessageRetentionPeriod: deadLetterRetention,
    }),

    CaptureQueuePolicy: policy("CaptureQueue", [fromEventBridge("CaptureQueue", rule)]),
    CaptureDeadLetterQueuePolicy: policy("CaptureDeadLetterQueue", [fromEventBridge("CaptureDeadLetterQueue", rule)]),
    JudgeQueuePolicy: policy("JudgeQueue", []),
    JudgeDeadLetterQueuePolicy: policy("JudgeDeadLetterQueue", []),
    RemediateDeadLetterQueuePolicy: policy("RemediateDeadLetterQueue", []),

    CaptureRule: {
      Type: "AWS::Events::Rule",
      Properties: {
        Name: named("captures"),
        Description: "New capture objects go to the queue that Assay's sample function reads.",
        EventPattern: {
          source: ["aws.s3"],
          "detail-type": ["Object Created"],
          detail: {
            bucket: { name: [ref("CaptureBucket")] },
            // Wildcards, since a prefix and a suffix in one list would mean either of them.
            object: { key: [".jsonl", ".jsonl.gz"].map((end) => ({ wildcard: `${prefix && `${prefix}/`}*${end}` })) },
          },
        },
        Targets: [
          {
            Id: "captures",
            Arn: arnOf("CaptureQueue"),
            // An event that cannot be delivered for a day must not vanish.
            DeadLetterConfig: { Arn: arnOf("CaptureDeadLetterQueue") },
          },
        ],
      },
    },
  };
}

function queue(name: string, properties: Record<string, unknown>) {
  return { Type: "AWS::SQS::Queue", Properties: { QueueName: name, SqsManagedSseEnabled: true, ...properties } };
}

function fromEventBridge(id: string, sourceArn: object) {
  return {
    Sid: "FromCaptureRule",
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: arnOf(id),
    Condition: { ArnEquals: sourceArn },
  };
}

function policy(id: string, statements: object[]) {
  return {
    Type: "AWS::SQS::QueuePolicy",
    Properties: {
      Queues: [ref(id)],
      PolicyDocument: { Version: "2012-10-17", Statement: [...statements, tlsOnly("sqs:*", arnOf(id))] },
    },
  };
}
