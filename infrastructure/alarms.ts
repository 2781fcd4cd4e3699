import { createHash } from "node:crypto";
import type { Assay, EndpointSettings } from "../shared/config/assay.ts";
import { criteriaOf } from "../shared/judging/rubric.ts";
import {
  type AlarmKind,
  captureAlarmName,
  judgeAlarmName,
  type WatchedAlarm,
  watchedAlarms,
} from "../shared/monitoring/alarmNames.ts";
import { arnOf, frameworkIds, type Resource, type Resources, sub } from "./cloudformation.ts";
import { deadLetterQueues } from "./queues.ts";

/** With more, a stack of the permitted size could hold fewer than eighty variants, and an operator would read none of them. */
const mostAlarmsPerVariant = 6;
/** A p90 of fewer requests rests on one or two slow ones. */
const fewestForPercentile = 20;
/** Evidence is published once in a tick of the drift workflow. */
const tickMinutes = 15;
/** What waits for its judge comes again within 15 minutes, and says so: in half an hour a judge that is only busy has graded something. */
const judgeSilence = { periodMinutes: 15, datapoints: 2, of: 2 };

/**
 * The alarms of every variant, of every endpoint's captures and judge, and of every dead-letter queue. All invoke `remediate`, once per change of state.
 *
 * Missing data is ignored: a variant without (enough) answers keeps the state that its last answers gave it. So sparse traffic never
 * makes an alarm flap, and a variant that traffic was shifted away from stays known as failing until fresh answers say otherwise,
 * so that traffic is never shifted back to it on the strength of silence.
 * @throws RangeError when a variant would have more than six
 */
export function alarms(assay: Assay, stage: string): Resources {
  const watched = watchedAlarms(assay, stage);
  for (const { endpoint, variant } of watched) {
    const count = watched.filter((alarm) => alarm.endpoint === endpoint && alarm.variant === variant).length;
    if (count > mostAlarmsPerVariant) {
      throw new RangeError(`${variant} of ${endpoint} would have ${count} alarms. Keep to ${mostAlarmsPerVariant} a variant.`);
    }
  }
  return {
    AlarmsMayInvokeRemediate: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: arnOf(frameworkIds.remediate.lambda),
        Action: "lambda:InvokeFunction",
        Principal: "lambda.alarms.cloudwatch.amazonaws.com",
        SourceAccount: { Ref: "AWS::AccountId" },
        // By name, not by ARN of each: the alarms refer to the function already, and names are in its own stage.
        SourceArn: sub(`arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:assay-${stage}-*`),
      },
    },
    ...Object.fromEntries(watched.map((alarm) => [logicalId(alarm), variantAlarm(alarm, assay.endpoints[alarm.endpoint]!)])),
    ...Object.fromEntries(Object.keys(assay.endpoints).map((endpoint) => captureAlarm(stage, endpoint))),
    ...Object.fromEntries(
      Object.entries(assay.endpoints).flatMap(([endpoint, { judge }]) => (judge === null ? [] : [judgeAlarm(stage, endpoint)])),
    ),
    ...Object.fromEntries(
      Object.entries(deadLetterQueues).map(([queue, name]) => [
        `${queue}Alarm`,
        deadLetterAlarm(queue, `assay-${stage}-${name}`),
      ]),
    ),
  };
}

/** Readable, and unique: without hyphens `a-b` of `c` and `a` of `b-c` would read the same. */
function logicalId({ endpoint, variant, kind }: Pick<WatchedAlarm, "endpoint" | "variant" | "kind">): string {
  return readableId(`${endpoint}/${variant}/${kind}`);
}

export function readableId(identity: string): string {
  const words = identity.split(/[-/]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join("")}${createHash("sha256").update(identity).digest("hex").slice(0, 8)}`;
}

function variantAlarm({ name, endpoint, variant, kind }: WatchedAlarm, settings: EndpointSettings): Resource {
  const of = `${variant} of ${endpoint}`;
  switch (kind) {
    case "hard-failures": {
      const { shareOver, minAnswers, ...periods } = settings.hardFailures;
      const metric = ["Assay", "HardFailures", { Endpoint: endpoint, Variant: variant }, periods.periodMinutes] as const;
      return metricAlarm(name, periods, shareOver, {
        description:
          `Over ${percent(shareOver)} of the answers from ${of} fail a hard check: empty, refused, cut off or repeating themselves. ` +
          "Read some of them: the captures of these minutes, through `assay score`. Then look at what was deployed last.",
        label: "Share of answers that fail a hard check",
        expression: `IF(answers >= ${minAnswers}, share)`,
        inputs: { share: metricStat(...metric, "Average"), answers: metricStat(...metric, "SampleCount") },
      });
    }
    case "latency": {
      const { p90OverMs, ...periods } = settings.latency;
      const metric = ["AWS/SageMaker", "ModelLatency", onEndpoint(endpoint, variant), periods.periodMinutes] as const;
      return metricAlarm(name, periods, p90OverMs * 1000, {
        description:
          `One request in ten to ${of} takes the model longer than ${p90OverMs} ms. ` +
          "Look at its invocations per instance and at the lengths of its answers: too few instances, or longer work.",
        label: "p90 of ModelLatency in microseconds",
        expression: `IF(requests >= ${fewestForPercentile}, slowest)`,
        inputs: { slowest: metricStat(...metric, "p90"), requests: metricStat(...metric, "SampleCount") },
      });
    }
    case "errors": {
      const { shareOver, ...periods } = settings.errors;
      const sum = (metric: string) =>
        metricStat("AWS/SageMaker", metric, onEndpoint(endpoint, variant), periods.periodMinutes, "Sum");
      return metricAlarm(name, periods, shareOver, {
        description:
          `Over ${percent(shareOver)} of the requests to ${of} end in a 5XX. ` +
          "Look into the model container's log for the first error, and at its memory.",
        label: "Share of requests that end in a 5XX",
        expression: "failed / requests",
        inputs: { failed: sum("Invocation5XXErrors"), requests: sum("Invocations") },
      });
    }
    case "evidence": {
      const criteria = criteriaOf(settings.judge!); // there is such an alarm only with a judge
      const reached = criteria.map((_, i) => `(evidence${i} >= 1)`).join(" + ");
      const ofSignal = (Signal: string) =>
        metricStat("Assay", "Evidence", { Endpoint: endpoint, Variant: variant, Signal }, tickMinutes, "Maximum");
      return metricAlarm(name, { periodMinutes: tickMinutes, datapoints: 1, of: 1 }, 0, {
        description:
          `The grades of ${of} have left their baseline, as far as the declared rate of false alarms allows to say so. ` +
          "The finding in the results bucket has cause and size; what is done about it is in remediations/.",
        label: "Criteria whose evidence has reached its threshold",
        expression: reached,
        inputs: Object.fromEntries(criteria.map((criterion, i) => [`evidence${i}`, ofSignal(criterion)])),
      });
    }
    case "worse-and-slow":
      return composite(["evidence", "latency"], {
        alarm: { name, endpoint, variant },
        description:
          `The grades of ${of} have left their baseline while it is slow: perhaps too few instances. ` +
          "The finding's remediation adds an instance first, and shifts traffic away if that was no cure.",
      });
    case "slow-and-failing":
      return composite(["latency", "hard-failures"], {
        alarm: { name, endpoint, variant },
        description:
          `${of} is slow and its answers fail hard checks at the same time: the variant itself is broken. ` +
          "Shift its traffic away if remediation has not done so (remediation in assay.yml), then look at what was deployed last.",
      });
  }
}

function captureAlarm(stage: string, endpoint: string): [logicalId: string, Resource] {
  const alarm = metricAlarm(captureAlarmName(stage, endpoint), { periodMinutes: tickMinutes, datapoints: 1, of: 1 }, 0, {
    description:
      `Fewer of the requests to ${endpoint} are captured than should be, as far as the declared rate of false alarms allows to say so. ` +
      "The finding says of which variant and how many. Look whether data capture is on, where it goes to, and at the instances' disks.",
    label: "Whether evidence of lost captures has reached its threshold",
    expression: "evidence >= 1",
    inputs: { evidence: metricStat("Assay", "Evidence", { Endpoint: endpoint, Signal: "capture" }, tickMinutes, "Maximum") },
  });
  return [readableId(`${endpoint}/capture`), alarm];
}

/** Tasks of a judge that is away wait in the queue, and never reach the dead letters: without this alarm nobody would hear of it. */
function judgeAlarm(stage: string, endpoint: string): [logicalId: string, Resource] {
  const alarm = metricAlarm(judgeAlarmName(stage, endpoint), judgeSilence, 0, {
    description:
      `Answers of ${endpoint} have been waiting for their judge for half an hour, or come back from it without grades, and none was graded. ` +
      "Nothing is lost for four days, but nobody knows the quality meanwhile. The log of the function judge says why (because, reason): " +
      'the judge is gone or overloaded, refuses its role or key, or does not keep to the schema. See "A judge that is away" in docs/operating.md.',
    label: "Whether the judge was asked and graded nothing",
    expression: "graded < 1",
    inputs: {
      graded: metricStat("Assay", "Judgements", { Endpoint: endpoint, Status: "graded" }, judgeSilence.periodMinutes, "Sum"),
    },
  });
  return [readableId(`${endpoint}/judge`), alarm];
}

/** On while both of its children are. */
function composite(
  children: readonly AlarmKind[],
  { alarm, description }: { alarm: Omit<WatchedAlarm, "kind">; description: string },
): Resource {
  const rule = children.map((kind) => `ALARM("\${${logicalId({ ...alarm, kind })}}")`).join(" AND ");
  return {
    Type: "AWS::CloudWatch::CompositeAlarm",
    Properties: {
      AlarmName: alarm.name,
      AlarmDescription: description,
      AlarmRule: sub(rule), // the references make it wait for its children
      AlarmActions: [arnOf(frameworkIds.remediate.lambda)],
    },
  };
}

type Periods = Pick<EndpointSettings["latency"], "periodMinutes" | "datapoints" | "of">;
type Watched = { description: string; label: string; expression: string; inputs: Record<string, object> };

function metricAlarm(
  name: string,
  periods: Periods,
  threshold: number,
  { description, label, expression, inputs }: Watched,
): Resource {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: name,
      AlarmDescription: description,
      Metrics: [
        { Id: "watched", Expression: expression, Label: label, ReturnData: true },
        ...Object.entries(inputs).map(([Id, MetricStat]) => ({ Id, MetricStat, ReturnData: false })),
      ],
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: threshold,
      EvaluationPeriods: periods.of,
      DatapointsToAlarm: periods.datapoints,
      TreatMissingData: "ignore",
      AlarmActions: [arnOf(frameworkIds.remediate.lambda)],
    },
  };
}

/**
 * Age, not number: CloudWatch counts it from the arrival in the dead-letter queue, it goes on growing while nobody looks, and a message
 * that somebody redrives at once raises no alarm. A queue that was empty for six hours reports nothing, which is good news.
 */
function deadLetterAlarm(queue: string, name: string): Resource {
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
      AlarmActions: [arnOf(frameworkIds.remediate.lambda)],
    },
  };
}

function metricStat(namespace: string, metric: string, dimensions: Record<string, string>, periodMinutes: number, stat: string) {
  return {
    Metric: {
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: periodMinutes * 60,
    Stat: stat,
  };
}

const onEndpoint = (endpoint: string, variant: string) => ({ EndpointName: endpoint, VariantName: variant });
const percent = (share: number) => `${Number((share * 100).toFixed(2))} %`;
