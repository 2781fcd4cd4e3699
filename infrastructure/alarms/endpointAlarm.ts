import type { EndpointSettings } from "../../shared/config/assay.ts";
import {
  captureAlarmName,
  type EndpointAlarmKind,
  endpointAlarmName,
  judgeAlarmName,
} from "../../shared/monitoring/alarmNames.ts";
import type { Resource } from "../cloudformation.ts";
import { alarmsTopicArn, metricAlarm, metricStat, percent, remediateArn, tickMinutes } from "./metricAlarm.ts";

/** What waits for its judge comes again within 15 minutes, and says so: in half an hour a judge that is only busy has graded something. */
const judgeSilence = { periodMinutes: 15, datapoints: 2, of: 2 };
/** A quarter of the day's budget ahead of an even pace: six hours without a judge at the end of the day. */
const aheadOfPace = 0.25;
const everyone = [remediateArn, alarmsTopicArn];

/** An alarm of an endpoint itself. */
export function endpointAlarm(kind: EndpointAlarmKind, stage: string, endpoint: string, settings: EndpointSettings): Resource {
  const name = endpointAlarmName(stage, endpoint, kind);
  switch (kind) {
    case "capture":
      return captureAlarm(stage, endpoint);
    case "judge":
      return judgeAlarm(stage, endpoint);
    case "evaluation-pace": {
      const usd = settings.evaluationBudgetMicroUsdPerDay / 1_000_000;
      return metricAlarm(name, { periodMinutes: tickMinutes, datapoints: 2, of: 2 }, usd * aheadOfPace, {
        description:
          `The judge of ${endpoint} spends its $${usd} a day faster than the day goes by: it is ${percent(aheadOfPace)} ahead, and will fall silent ` +
          "before midnight (UTC). Nothing costs more than was allowed. Look for longer answers, an evaluation beside the traffic, or a retry loop; " +
          "then raise evaluationBudget, or lower sampling.rate.",
        label: "Dollars that were spent ahead of an even pace",
        expression: `${usd} * (24 - HOUR(left)) / 24 - left`,
        inputs: { left: metricStat("Assay", "JudgeBudgetLeft", { Endpoint: endpoint }, tickMinutes, "Minimum") },
        actions: everyone,
      });
    }
    case "serving-cost": {
      const usd = settings.servingBudget!.microUsdPerDay / 1_000_000; // there is such an alarm only with it
      return metricAlarm(name, { periodMinutes: tickMinutes, datapoints: 1, of: 1 }, usd, {
        description:
          `If the instances of ${endpoint} run on as they do, today will have cost more than its serving budget of $${usd}. ` +
          "Assay adds no instance beyond it. Look what scaled out and why; scale in, or raise servingBudget.",
        label: "Dollars that the day will have cost",
        expression: "projected",
        inputs: { projected: metricStat("Assay", "ServingCostProjected", { Endpoint: endpoint }, tickMinutes, "Maximum") },
        actions: everyone,
      });
    }
    case "remediating":
      // The minimum: what began and ended within one minute is over.
      return metricAlarm(name, { periodMinutes: 1, datapoints: 1, of: 1 }, 0, {
        description:
          `A remediation acts on ${endpoint}, or is being verified. That is no trouble: while it is on, the alarms that are fused of others ` +
          "call nobody, since what they tell is being cured. `assay remediation list` shows it.",
        label: "Whether a remediation acts or is being verified",
        expression: "active",
        inputs: { active: metricStat("Assay", "RemediationActive", { Endpoint: endpoint }, 1, "Minimum") },
        actions: [],
      });
  }
}

function captureAlarm(stage: string, endpoint: string): Resource {
  return metricAlarm(captureAlarmName(stage, endpoint), { periodMinutes: tickMinutes, datapoints: 1, of: 1 }, 0, {
    description:
      `Fewer of the requests to ${endpoint} are captured than should be, as far as the declared rate of false alarms allows to say so. ` +
      "The finding says of which variant and how many. Look whether data capture is on, where it goes to, and at the instances' disks.",
    label: "Whether evidence of lost captures has reached its threshold",
    expression: "evidence >= 1",
    inputs: { evidence: metricStat("Assay", "Evidence", { Endpoint: endpoint, Signal: "capture" }, tickMinutes, "Maximum") },
  });
}

/** Tasks of a judge that is away wait in the queue, and never reach the dead letters: without this alarm nobody would hear of it. */
function judgeAlarm(stage: string, endpoint: string): Resource {
  return metricAlarm(judgeAlarmName(stage, endpoint), judgeSilence, 0, {
    description:
      `Answers of ${endpoint} have been waiting for their judge for half an hour, or fail at it, and none was graded. ` +
      "Nothing is lost for four days, but nobody knows the quality meanwhile. The log of the function judge says why (because, reason): " +
      'the judge is gone or overloaded, refuses its role or key, or does not keep to the schema. See "A judge that is away" in docs/operating.md.',
    label: "Whether the judge was asked and graded nothing",
    expression: "graded < 1",
    inputs: {
      graded: metricStat("Assay", "Judgements", { Endpoint: endpoint, Status: "graded" }, judgeSilence.periodMinutes, "Sum"),
    },
  });
}
