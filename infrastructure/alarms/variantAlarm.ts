import type { EndpointSettings } from "../../shared/config/assay.ts";
import { criteriaOf } from "../../shared/judging/rubric.ts";
import type { WatchedAlarm } from "../../shared/monitoring/alarmNames.ts";
import type { Resource } from "../cloudformation.ts";
import { alarmsTopicArn, metricAlarm, metricStat, onEndpoint, percent, tickMinutes } from "./metricAlarm.ts";

/** A high percentile of fewer requests rests on one or two slow ones. */
const fewestRequests: Readonly<Record<string, number>> = { p90: 20, p99: 100 };
/** Captures are lost one by one, too; that, the evidence of the endpoint's captures finds. Half of an hour is gone at once. */
const leastCoverage = 0.5;

export type MetricKind = "evidence" | "hard-failures" | "latency" | "errors" | "gpu-memory" | "coverage";

/** The alarm on one metric of a variant. */
export function variantAlarm({ name, endpoint, variant }: WatchedAlarm, kind: MetricKind, settings: EndpointSettings): Resource {
  const of = `${variant} of ${endpoint}`;
  switch (kind) {
    case "hard-failures": {
      const { shareOver, minAnswers, checks: _, ...periods } = settings.hardFailures;
      const metric = ["Assay", "HardFailures", { Endpoint: endpoint, Variant: variant }, periods.periodMinutes] as const;
      return metricAlarm(name, periods, shareOver, {
        description:
          `Over ${percent(shareOver)} of the answers from ${of} fail a hard check: empty, refused, cut off, repeating themselves or unsafe. ` +
          "Read some of them: the captures of these minutes, through `assay score`. Then look at what was deployed last.",
        label: "Share of answers that fail a hard check",
        expression: `IF(answers >= ${minAnswers}, share)`,
        inputs: { share: metricStat(...metric, "Average"), answers: metricStat(...metric, "SampleCount") },
      });
    }
    case "latency":
      return latencyAlarm(name, { endpoint, variant }, settings.latency);
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
      const ids = criteria.map((_, i) => `evidence${i}`);
      // A criterion of which too little is known publishes nothing: it must not blind the alarm to the others, and only where none of them
      // does, there is no point. A metric fills the other's gaps.
      const known = ids.reduce((filled, id) => `FILL(${filled}, ${id})`);
      const reached = ids.map((id) => `(FILL(${id}, 0) >= 1)`).join(" + ");
      const ofSignal = (Signal: string) =>
        metricStat("Assay", "Evidence", { Endpoint: endpoint, Variant: variant, Signal }, tickMinutes, "Maximum");
      return metricAlarm(name, { periodMinutes: tickMinutes, datapoints: 1, of: 1 }, 0, {
        description:
          `The grades of ${of} have left their baseline, as far as the declared rate of false alarms allows to say so. ` +
          "The finding in the results bucket has cause and size; what is done about it is in remediations/.",
        label: "Criteria whose evidence has reached its threshold",
        expression: ids.length === 1 ? `${ids[0]} >= 1` : `0 * ${known} + ${reached}`,
        inputs: Object.fromEntries(criteria.map((criterion, i) => [ids[i]!, ofSignal(criterion)])),
      });
    }
    case "gpu-memory": {
      const { percentOver, gpus, ...periods } = settings.gpuMemory!; // there is such an alarm only with it
      return metricAlarm(name, periods, percentOver * gpus, {
        description:
          `An instance of ${of} has over ${percentOver} % of its GPU memory in use: answers will soon wait for room, or fail. ` +
          "Look at its longest requests and at how many it takes at once; then more instances, or a model server that takes fewer.",
        label: "GPU memory in use, in percent of one GPU",
        expression: "used",
        inputs: {
          used: metricStat(
            "/aws/sagemaker/Endpoints",
            "GPUMemoryUtilization",
            onEndpoint(endpoint, variant),
            periods.periodMinutes,
            "Maximum",
          ),
        },
        actions: [alarmsTopicArn],
      });
    }
    case "coverage":
      // Hours are counted when they are over, and come an hour or two late.
      return metricAlarm(name, { periodMinutes: 60, datapoints: 1, of: 3 }, 1 - leastCoverage, {
        description:
          `Less than half of the requests to ${of} were captured in an hour, so most of its answers nobody has seen. ` +
          "Look whether data capture is on, where it goes to, and at its instances' disks: capture stops when they are full.",
        label: "Share of requests that were not captured",
        expression: "1 - covered",
        inputs: { covered: metricStat("Assay", "Coverage", { Endpoint: endpoint, Variant: variant }, 60, "Minimum") },
        actions: [alarmsTopicArn],
      });
  }
}

/**
 * On the time to a whole answer, or to its first token where that is vended, as it is for streams. A p99 needs five times the requests that
 * a p90 needs: with fewer it is the slowest of them.
 */
function latencyAlarm(name: string, { endpoint, variant }: Place, settings: EndpointSettings["latency"]): Resource {
  const { p90OverMs, p99OverMs, firstTokenP99OverMs, ...periods } = settings;
  const watched =
    firstTokenP99OverMs !== null
      ? { metric: "FirstChunkModelLatency", stat: "p99", overMs: firstTokenP99OverMs, what: "the first token" }
      : { metric: "ModelLatency", stat: p99OverMs === null ? "p90" : "p99", overMs: p99OverMs ?? p90OverMs, what: "the model" };
  const { metric, stat, overMs, what } = watched;
  const of = (statistic: string) =>
    metricStat("AWS/SageMaker", metric, onEndpoint(endpoint, variant), periods.periodMinutes, statistic);
  return metricAlarm(name, periods, overMs * 1000, {
    description:
      `One request in ${stat === "p90" ? "ten" : "a hundred"} to ${variant} of ${endpoint} waits for ${what} longer than ${overMs} ms. ` +
      "Look at its invocations per instance and at the lengths of its answers: too few instances, or longer work.",
    label: `${stat} of ${metric} in microseconds`,
    expression: `IF(requests >= ${fewestRequests[stat]}, slowest)`,
    inputs: { slowest: of(stat), requests: of("SampleCount") },
  });
}

type Place = { endpoint: string; variant: string };
