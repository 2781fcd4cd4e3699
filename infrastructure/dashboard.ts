import type { Assay, EndpointSettings } from "../shared/config/assay.ts";
import { criteriaOf } from "../shared/judging/rubric.ts";
import { endpointAlarmName, endpointAlarms, watchedAlarms } from "../shared/monitoring/alarmNames.ts";
import { signalOf } from "../shared/monitoring/rules.ts";
import { inputMix } from "../shared/monitoring/signals/questions.ts";
import { readableId } from "./alarms/metricAlarm.ts";
import { type Resource, type Resources, sub } from "./cloudformation.ts";

type Line = [namespace: string, metric: string, dimensions: Record<string, string>, rendering: Record<string, string>];
type Mark = { label: string; value: number };
type Graph = {
  title: string;
  lines: Line[];
  /** Of the vertical axis. */
  label: string;
  periodSeconds: number;
  marks?: Mark[];
  most?: number;
};

const width = 12;
const height = 6;
const minute = 60;
/** State metrics come once in a tick of the drift workflow. */
const tick = 15 * minute;
const hour = 60 * minute;

/** A dashboard of every endpoint of assay.yml: what it serves on the left, how good that is on the right, row by row on one axis of time. */
export function dashboards(assay: Assay, stage: string): Resources {
  return Object.fromEntries(
    Object.keys(assay.endpoints).map((endpoint) => [readableId(`${endpoint}/dashboard`), dashboard(assay, stage, endpoint)]),
  );
}

/** What the dashboard of an endpoint is called. */
const dashboardName = (stage: string, endpoint: string): string => `assay-${stage}-${endpoint}`;

function dashboard(assay: Assay, stage: string, endpoint: string): Resource {
  const settings = assay.endpoints[endpoint]!; // its caller goes through them
  const rows = [
    [requests(endpoint, settings), settings.judge === null ? hardFailures(endpoint, settings) : quality(endpoint, settings)],
    [latency(endpoint, settings), settings.judge === null ? captured(endpoint, settings) : hardFailures(endpoint, settings)],
    [errors(endpoint, settings), evidence(endpoint, settings)],
    [tokens(endpoint, settings), coverage(endpoint, settings)],
    [instances(endpoint, settings), remediations(endpoint, settings)],
    [settings.servingBudget === null ? null : serving(endpoint), settings.judge === null ? null : judge(endpoint)],
    [settings.judge === null ? null : captured(endpoint, settings), settings.judge === null ? null : judgements(endpoint)],
  ];
  const graphs = rows.flatMap((row, y) =>
    row.flatMap((graph, x) => (graph === null ? [] : [graphAt(graph, x * width, (y + 1) * height)])),
  );
  return {
    Type: "AWS::CloudWatch::Dashboard",
    Properties: {
      DashboardName: dashboardName(stage, endpoint),
      // A day before and after something changed is what one compares.
      DashboardBody: sub(
        JSON.stringify({ start: "-P1D", periodOverride: "inherit", widgets: [alarmsOf(assay, stage, endpoint), ...graphs] }),
      ),
    },
  };
}

function alarmsOf(assay: Assay, stage: string, endpoint: string): object {
  const names = [
    ...watchedAlarms(assay, stage).flatMap((alarm) => (alarm.endpoint === endpoint ? [alarm.name] : [])),
    ...endpointAlarms(assay.endpoints[endpoint]!).map((kind) => endpointAlarmName(stage, endpoint, kind)),
  ];
  const alarms = names.map((name) => `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:${name}`);
  return { type: "alarm", x: 0, y: 0, width: 2 * width, height, properties: { title: `Alarms of ${endpoint}`, alarms } };
}

function graphAt({ title, lines, label, periodSeconds, marks = [], most }: Graph, x: number, y: number): object {
  return {
    type: "metric",
    x,
    y,
    width,
    height,
    properties: {
      title,
      region: "${AWS::Region}",
      view: "timeSeries",
      period: periodSeconds,
      metrics: lines.map(([namespace, metric, dimensions, rendering]) => [
        namespace,
        metric,
        ...Object.entries(dimensions).flat(),
        rendering,
      ]),
      yAxis: { left: { label, min: 0, showUnits: false, ...(most === undefined ? {} : { max: most }) } },
      ...(marks.length === 0 ? {} : { annotations: { horizontal: marks } }),
    },
  };
}

type Listed = EndpointSettings & { variants: string[] };

/** One line for each variant and statistic. */
const ofVariants = ({ variants }: Listed, metrics: readonly string[], line: (variant: string, metric: string) => Line): Line[] =>
  metrics.flatMap((metric) => variants.map((variant) => line(variant, metric)));

const served =
  (endpoint: string, stat: string, more: Record<string, string> = {}, namespace = "AWS/SageMaker") =>
  (variant: string, metric: string): Line => [
    namespace,
    metric,
    { EndpointName: endpoint, VariantName: variant },
    { stat, label: `${variant} ${metric}`, ...more },
  ];
const known =
  (endpoint: string, stat: string) =>
  (variant: string, metric: string): Line => [
    "Assay",
    metric,
    { Endpoint: endpoint, Variant: variant },
    { stat, label: `${variant} ${metric}` },
  ];
const ofEndpoint = (endpoint: string, metric: string, stat: string, dimensions: Record<string, string> = {}): Line => [
  "Assay",
  metric,
  { Endpoint: endpoint, ...dimensions },
  { stat, label: [metric, ...Object.values(dimensions)].join(" ") },
];

const requests = (endpoint: string, settings: Listed): Graph => ({
  title: "Requests",
  label: "in 5 minutes",
  periodSeconds: 5 * minute,
  lines: ofVariants(settings, ["Invocations"], served(endpoint, "Sum")),
});

const quality = (endpoint: string, settings: Listed): Graph => ({
  title: "Quality, with its 95 % interval",
  label: "mean grade",
  periodSeconds: tick,
  most: 1,
  lines: ofVariants(settings, ["Quality", "QualityLower", "QualityUpper", "QualityCorrected"], known(endpoint, "Average")),
  marks: [{ label: "target", value: settings.quality.target }],
});

const hardFailures = (endpoint: string, settings: Listed): Graph => ({
  title: "Hard failures: empty, refused, cut off or repeating",
  label: "share of answers",
  periodSeconds: 5 * minute,
  most: 1,
  lines: ofVariants(settings, ["HardFailures"], known(endpoint, "Average")),
  marks: [{ label: "alarm", value: settings.hardFailures.shareOver }],
});

const latency = (endpoint: string, settings: Listed): Graph => ({
  title: "Latency of the model",
  label: "microseconds",
  periodSeconds: 5 * minute,
  lines: ["p50", "p90"].flatMap((stat) =>
    ofVariants(settings, ["ModelLatency"], (variant, metric) =>
      served(endpoint, stat, { label: `${variant} ${stat}` })(variant, metric),
    ),
  ),
  marks: [{ label: "alarm on p90", value: settings.latency.p90OverMs * 1000 }],
});

const errors = (endpoint: string, settings: Listed): Graph => ({
  title: "Errors",
  label: "share of requests",
  periodSeconds: 5 * minute,
  most: 1,
  lines: ofVariants(settings, ["Invocation5XXErrors", "Invocation4XXErrors"], served(endpoint, "Average")),
  marks: [{ label: "alarm on 5XX", value: settings.errors.shareOver }],
});

/** Of what is watched without a judge's grades only the furthest is published: of each variant as `answers`, of the endpoint as `questions`. */
const evidence = (endpoint: string, { variants, segment, judge: own }: Listed): Graph => {
  const criteria = own === null ? [] : criteriaOf(own);
  const ofEach = own === null ? [] : [...criteria, "answers"];
  const ofAll = [
    ...criteria.map((criterion) => signalOf({ kind: "judge", criterion })),
    ...(own === null ? [] : [...(segment === null ? [] : [inputMix.name]), "questions"]),
  ];
  const line = (dimensions: Record<string, string>): Line => [
    "Assay",
    "Evidence",
    { Endpoint: endpoint, ...dimensions },
    { stat: "Maximum", label: Object.values(dimensions).join(" ") },
  ];
  return {
    title: "Evidence that something changed",
    label: "1 = alarm",
    periodSeconds: tick,
    lines: [
      ...variants.flatMap((Variant) => ofEach.map((Signal) => line({ Variant, Signal }))),
      ...[...ofAll, "capture"].map((Signal) => line({ Signal })),
    ],
    marks: [{ label: "alarm", value: 1 }],
  };
};

const tokens = (endpoint: string, settings: Listed): Graph => ({
  title: "Tokens",
  label: "in 5 minutes",
  periodSeconds: 5 * minute,
  lines: ofVariants(settings, ["PromptTokens", "CompletionTokens"], known(endpoint, "Sum")),
});

const coverage = (endpoint: string, settings: Listed): Graph => ({
  title: "Coverage: records per request that should be captured",
  label: "share",
  periodSeconds: hour,
  lines: ofVariants(settings, ["Coverage"], known(endpoint, "Average")),
  marks: [{ label: "nothing is lost", value: 1 }],
});

const captured = (endpoint: string, settings: Listed): Graph => ({
  title: "What was captured",
  label: "in 5 minutes",
  periodSeconds: 5 * minute,
  lines: ofVariants(
    settings,
    ["Captured", "Answered", "ModelErrors", "InputOnly", "OutputOnly", "Quarantined"],
    known(endpoint, "Sum"),
  ),
});

/** Of all instances of a variant together: 100 for each processor. */
const instances = (endpoint: string, settings: Listed): Graph => ({
  title: "Instances",
  label: "percent, 100 for each processor",
  periodSeconds: 5 * minute,
  lines: ofVariants(
    settings,
    ["GPUUtilization", "GPUMemoryUtilization", "CPUUtilization", "MemoryUtilization", "DiskUtilization"],
    served(endpoint, "Average", {}, "/aws/sagemaker/Endpoints"),
  ),
});

const remediations = (endpoint: string, { variants }: Listed): Graph => ({
  title: "Remediations",
  label: "records; 1 while one is made and verified",
  periodSeconds: 5 * minute,
  lines: [
    ...variants.flatMap((Variant) =>
      ["proposed", "acted", "kept", "undone", "held", "failed"].map(
        (Outcome): Line => [
          "Assay",
          "Remediations",
          { Endpoint: endpoint, Variant, Outcome },
          { stat: "Sum", label: `${Variant} ${Outcome}` },
        ],
      ),
    ),
    ofEndpoint(endpoint, "RemediationActive", "Maximum"),
  ],
});

const serving = (endpoint: string): Graph => ({
  title: "What serving costs today",
  label: "dollars",
  periodSeconds: tick,
  lines: ["ServingCost", "ServingCostProjected", "ServingBudgetLeft"].map((metric) => ofEndpoint(endpoint, metric, "Maximum")),
});

const judge = (endpoint: string): Graph => ({
  title: "What judging costs, and what is left of today's budget",
  label: "dollars",
  periodSeconds: tick,
  lines: [ofEndpoint(endpoint, "JudgeCost", "Sum"), ofEndpoint(endpoint, "JudgeBudgetLeft", "Minimum")],
});

const judgements = (endpoint: string): Graph => ({
  title: "The judge",
  label: "in 15 minutes",
  periodSeconds: tick,
  lines: [
    ...["graded", "failed", "refused", "unparseable", "skipped", "waiting"].map((Status) =>
      ofEndpoint(endpoint, "Judgements", "Sum", { Status }),
    ),
    ofEndpoint(endpoint, "JudgeFailures", "Sum"),
  ],
});
