import type { Assay } from "../shared/config/assay.ts";
import { endpointAlarms, isFused, type WatchedAlarm, watchedAlarms } from "../shared/monitoring/alarmNames.ts";
import { deadLetterAlarm } from "./alarms/deadLetterAlarm.ts";
import { endpointAlarm } from "./alarms/endpointAlarm.ts";
import { fusedAlarm } from "./alarms/fusedAlarm.ts";
import { alarmsTopicArn, readableId } from "./alarms/metricAlarm.ts";
import { variantAlarm } from "./alarms/variantAlarm.ts";
import { arnOf, frameworkIds, type Resource, type Resources, ref, sub, tlsOnly } from "./cloudformation.ts";
import { deadLetterQueues } from "./queues.ts";

/**
 * The alarms of every variant and those that are fused of them, of every endpoint, and of every dead-letter queue. Those that somebody has
 * to decide about invoke `remediate`, once per change of state; those that it does not cure tell people and chat tools through a topic.
 *
 * Missing data is ignored: a variant without (enough) answers keeps the state that its last answers gave it. So sparse traffic never
 * makes an alarm flap, and a variant that traffic was shifted away from stays known as failing until fresh answers say otherwise,
 * so that traffic is never shifted back to it on the strength of silence.
 */
export function alarms(assay: Assay, stage: string): Resources {
  return {
    AlarmsMayInvokeRemediate: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: arnOf(frameworkIds.remediate.lambda),
        Action: "lambda:InvokeFunction",
        Principal: "lambda.alarms.cloudwatch.amazonaws.com",
        SourceAccount: { Ref: "AWS::AccountId" },
        // By name, not by ARN of each: the alarms refer to the function already, and names are in its own stage.
        SourceArn: ownAlarms(stage),
      },
    },
    ...alarmsTopic(stage),
    ...Object.fromEntries(
      watchedAlarms(assay, stage).map((alarm) => [
        readableId(`${alarm.endpoint}/${alarm.variant}/${alarm.kind}`),
        alarmOf(alarm, assay),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(assay.endpoints).flatMap(([endpoint, settings]) =>
        endpointAlarms(settings).map((kind) => [
          readableId(`${endpoint}/${kind}`),
          endpointAlarm(kind, stage, endpoint, settings),
        ]),
      ),
    ),
    ...Object.fromEntries(
      Object.entries(deadLetterQueues).map(([queue, name]) => [
        `${queue}Alarm`,
        deadLetterAlarm(queue, `assay-${stage}-${name}`),
      ]),
    ),
  };
}

function alarmOf(alarm: WatchedAlarm, assay: Assay): Resource {
  const { kind, endpoint } = alarm;
  return isFused(kind) ? fusedAlarm(alarm, kind) : variantAlarm(alarm, kind, assay.endpoints[endpoint]!);
}

/** Not encrypted but by the customer's key: CloudWatch may not use the one that SNS brings. It carries names and figures. */
function alarmsTopic(stage: string): Resources {
  return {
    AlarmsTopic: { Type: "AWS::SNS::Topic", Properties: { TopicName: `assay-${stage}-alarms`, DisplayName: "Assay" } },
    AlarmsTopicPolicy: {
      Type: "AWS::SNS::TopicPolicy",
      Properties: {
        Topics: [ref("AlarmsTopic")],
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "cloudwatch.amazonaws.com" },
              Action: "sns:Publish",
              Resource: alarmsTopicArn,
              Condition: { ArnLike: { "aws:SourceArn": ownAlarms(stage) } },
            },
            tlsOnly("sns:Publish", alarmsTopicArn),
          ],
        },
      },
    },
  };
}

const ownAlarms = (stage: string) =>
  sub(`arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:assay-${stage}-*`);
