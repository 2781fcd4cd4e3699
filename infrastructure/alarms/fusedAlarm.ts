import type { FusedKind, WatchedAlarm } from "../../shared/monitoring/alarmNames.ts";
import { type Resource, sub } from "../cloudformation.ts";
import { alarmsTopicArn, readableId, remediateArn } from "./metricAlarm.ts";
import type { MetricKind } from "./variantAlarm.ts";

/** A remediation begins within a minute or two of the alarm that it is about, and says so within another. */
const waitSeconds = 180;
/** As long as the longest of the alarms needs to see that it is over. */
const extensionSeconds = 1200;

/** An alarm that is fused of others of its variant, and silent while a remediation acts on the endpoint. */
export function fusedAlarm({ name, endpoint, variant }: WatchedAlarm, kind: FusedKind): Resource {
  const on = (child: MetricKind) => `ALARM("\${${readableId(`${endpoint}/${variant}/${child}`)}}")`;
  const judge = `ALARM("\${${readableId(`${endpoint}/judge`)}}")`;
  const { rule, description } = fused(kind, `${variant} of ${endpoint}`, on, judge);
  return {
    Type: "AWS::CloudWatch::CompositeAlarm",
    Properties: {
      AlarmName: name,
      AlarmDescription: description,
      AlarmRule: sub(rule), // the references make it wait for its children
      AlarmActions: [remediateArn, alarmsTopicArn],
      ActionsSuppressor: sub(`\${${readableId(`${endpoint}/remediating`)}}`),
      ActionsSuppressorWaitPeriod: waitSeconds,
      ActionsSuppressorExtensionPeriod: extensionSeconds,
    },
  };
}

type Fused = { rule: string; description: string };

function fused(kind: FusedKind, of: string, on: (child: MetricKind) => string, judge: string): Fused {
  switch (kind) {
    case "slow-and-failing":
      return {
        rule: `${on("latency")} AND ${on("hard-failures")}`,
        description:
          `${of} is slow and its answers fail hard checks at the same time: the variant itself is broken. ` +
          "Shift its traffic away if remediation has not done so (remediation in assay.yml), then look at what was deployed last.",
      };
    case "worse-and-slow":
      return {
        rule: `${on("evidence")} AND ${on("latency")}`,
        description:
          `The grades of ${of} have left their baseline while it is slow: perhaps too few instances. ` +
          "The finding's remediation adds an instance first, and shifts traffic away if that was no cure.",
      };
    case "worse-not-judge":
      return {
        rule: `${on("evidence")} AND NOT ${judge}`,
        description:
          `The grades of ${of} have left their baseline, and its judge answers: the model, or what it is asked. ` +
          "The finding in the results bucket says which; `assay remediation list` shows what is done about it.",
      };
    case "slow-not-worse":
      return {
        rule: `${on("latency")} AND NOT ${on("evidence")} AND NOT ${on("hard-failures")}`,
        description:
          `${of} is slow, and its answers are as good as ever: too few instances for what it is asked. ` +
          "Remediation adds one after an hour, if assay.yml lets it; look at its invocations per instance, and at when this comes again.",
      };
  }
}
