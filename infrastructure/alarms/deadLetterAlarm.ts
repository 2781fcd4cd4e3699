import type { Resource } from "../cloudformation.ts";
import { alarmsTopicArn, remediateArn } from "./metricAlarm.ts";

/**
 * Age, not number: CloudWatch counts it from the arrival in the dead-letter queue, it goes on growing while nobody looks, and a message
 * that somebody redrives at once raises no alarm. A queue that was empty for six hours reports nothing, which is good news.
 */
export function deadLetterAlarm(queue: string, name: string): Resource {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: name,
      AlarmDescription:
        "Messages that could not be processed wait in a dead-letter queue, and are gone after 14 days. " +
        'The function\'s log says why they failed. Repair that, then see "Dead letters" in docs/operating.md.',
      Namespace: "AWS/SQS",
      MetricName: "ApproximateAgeOfOldestMessage",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [queue, "QueueName"] } }],
      Statistic: "Maximum",
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 300,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "notBreaching",
      AlarmActions: [remediateArn, alarmsTopicArn],
    },
  };
}
