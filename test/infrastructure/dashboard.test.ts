import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { judgeDatums } from "../../functions/judge/judgeDatums.ts";
import type { MessageOutcome } from "../../functions/judge/judgeMessage.ts";
import { alarms } from "../../infrastructure/alarms.ts";
import { dashboards } from "../../infrastructure/dashboard.ts";
import { settle, resolve as settled, type Template } from "../../local/cloudformation/template.ts";
import type { Outcome, ScoredInference } from "../../shared/capture/inference.ts";
import type { Assay } from "../../shared/config/assay.ts";
import { parseAssay } from "../../shared/config/load.ts";
import type { Ledger } from "../../shared/judging/ledger.ts";
import { labelDatums } from "../../shared/labels/metrics.ts";
import { coverageOf, foldHour, seeCapturing, startCoverage } from "../../shared/monitoring/coverage.ts";
import { captureEvidenceDatums, coverageDatums } from "../../shared/monitoring/coverageMetrics.ts";
import type { StoredEstimates } from "../../shared/monitoring/estimates.ts";
import { type Datum, datumsOf, type Tally, tallyInference, tallyQuarantined } from "../../shared/monitoring/metrics.ts";
import type { SignalLine } from "../../shared/monitoring/monitorState.ts";
import { monitorSettings, rulesOf, signalOf } from "../../shared/monitoring/rules.ts";
import { servingDatums, stateDatums } from "../../shared/monitoring/stateMetrics.ts";
import { remediationDatums } from "../../shared/remediation/metrics.ts";
import type { RemediationRecord, RemediationStatus } from "../../shared/remediation/record.ts";

const example = parseAssay(readFileSync("assay.yml", "utf8"), "assay.yml");
const many = parseAssay(
  "endpoints:\n  plain: { variants: [only] }\n  judged:\n    variants: [a, b]\n    judge: { provider: bedrock, model: m, rubric: { right: good, kind: good }, weights: { right: 2, kind: 1 }, usdPerMillionInputTokens: 1, usdPerMillionOutputTokens: 1 }\n    evaluationBudget: { usdPerDay: 1 }\n",
  "many.yml",
);
const nowMs = Date.parse("2026-03-02T10:00:00Z");
const at = new Date(nowMs).toISOString();

type Widget = {
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  properties: { metrics?: (string | { stat: string })[][]; alarms?: string[]; title: string };
};

/** The dashboards as CloudWatch gets them, by their logical ids. */
function widgetsOf(assay: Assay): Widget[][] {
  const pseudo = { region: "eu-west-1", accountId: "000000000000", stackName: "s", stackId: "s" };
  const template = {
    Resources: dashboards(assay, "prod"),
    Parameters: {},
    Conditions: {},
    Outputs: {},
    Mappings: {},
  } as unknown as Template;
  const nothing = { ref: () => "", attribute: () => "" };
  return Object.values(template.Resources).map(({ Properties }) => {
    const { DashboardBody } = settled(Properties, settle(template, pseudo, {}), nothing) as { DashboardBody: string };
    return (JSON.parse(DashboardBody) as { widgets: Widget[] }).widgets;
  });
}

/** A metric by its namespace, name and dimensions. */
const identity = (namespace: string, name: string, dimensions: Record<string, string>) =>
  [
    namespace,
    name,
    ...Object.entries(dimensions)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
  ].join(" ");

/** Source: Amazon SageMaker developer guide, "Monitor Amazon SageMaker AI with Amazon CloudWatch": endpoint invocation and instance metrics. */
const vended = {
  "AWS/SageMaker": ["Invocations", "ModelLatency", "OverheadLatency", "Invocation4XXErrors", "Invocation5XXErrors"],
  "/aws/sagemaker/Endpoints": [
    "CPUUtilization",
    "MemoryUtilization",
    "GPUUtilization",
    "GPUMemoryUtilization",
    "DiskUtilization",
  ],
};

/** Everything that Assay's own functions publish of an endpoint, by letting them publish it. */
async function publishedOf(assay: Assay, endpoint: string): Promise<Datum[]> {
  const settings = assay.endpoints[endpoint]!;
  const rules = monitorSettings(assay, endpoint);
  const lines = (rules === null ? [] : rulesOf(rules)).map((rule): SignalLine => {
    const variant = "variant" in rule ? rule.variant : null;
    const figures = { n: 1, judged: 1, estimate: 0.5, lower: 0.4, upper: 0.6, evidence: 0.1 };
    return { window: at, endpoint, variant, signal: signalOf(rule), ...figures, state: "quiet" };
  });
  const ofTraffic = settings.variants.flatMap((variant) => {
    const tally: Tally = new Map();
    const outcomes: Outcome[] = ["answered", "model_error", "input_only", "output_only"];
    for (const outcome of outcomes)
      tallyInference(tally, inference(endpoint, variant, outcome), outcome === "answered" ? true : null);
    const { source } = inference(endpoint, variant, "answered");
    tallyQuarantined(tally, { outcome: "quarantined", reason: { code: "not_json", message: "" }, time: at, source }, at);
    return datumsOf(tally, { endpoint, variant }, nowMs).datums;
  });
  const hour = { requests: 10, records: 10 };
  const hours = settings.variants.map((variant) => ({ ...coverageOf(at, variant, hour.requests, []), records: hour.records }));
  const begun = seeCapturing(startCoverage(endpoint, nowMs - 7_200_000), 100, nowMs - 7_200_000);
  const { state } = foldHour(begun, hours, at, 5, nowMs);
  const statuses: RemediationStatus[] = ["proposed", "acting", "acted", "kept", "undone", "held", "failed"];
  const records = settings.variants.flatMap((variant) =>
    statuses.map(
      (status) => ({ endpoint, variant, status, decision: { kind: "shift_traffic" } }) as unknown as RemediationRecord,
    ),
  );
  const day = { budgetMicroUsd: 2, committedMicroUsd: 1 };
  const outcomes = (["graded", "failed", "refused", "unparseable", "skipped", "waiting"] as const).map(
    (status) => ({ status, endpoint, eventId: "e", fresh: true, costMicroUsd: 1 }) as unknown as MessageOutcome,
  );
  const corrected = { labels: 100, mean: 0.5, lower: 0.4, upper: 0.6 };
  const labelled = {
    judgeVersion: "v",
    to: at,
    estimates: settings.variants.map((variant) => ({ variant, segment: null, criterion: "quality", corrected })),
  } as unknown as StoredEstimates;
  return [
    ...ofTraffic,
    ...stateDatums(lines, nowMs),
    ...coverageDatums(hours, state),
    ...captureEvidenceDatums(state, 5, nowMs),
    ...records.flatMap((record) => remediationDatums(record, nowMs)),
    ...(settings.servingBudget === null
      ? []
      : servingDatums(endpoint, { costMicroUsd: 1, leftMicroUsd: 1, projectedMicroUsd: 1 }, nowMs)),
    ...(settings.judge === null
      ? []
      : [
          ...(await judgeDatums(outcomes, { day: async () => day } as unknown as Ledger, nowMs)),
          ...labelDatums(endpoint, settings.variants, "v", labelled, nowMs),
        ]),
  ];
}

const inference = (endpoint: string, variant: string, outcome: Outcome): ScoredInference => ({
  ...{ eventId: "e1", endpoint, variant, time: at, adapter: "tgi", outcome, prompt: "", messages: [], completion: "" },
  ...{ finishReason: "stop", promptTokens: 7, completionTokens: 11, tokensEstimated: false, segment: "all", attributes: [] },
  ...{ source: { bucket: "b", key: "k", offset: 0, length: 1 }, scores: {} },
});

test.each([
  { it: "the example", assay: example },
  { it: "several endpoints, with and without a judge", assay: many },
])("every metric on the dashboards of $it is one that Assay or SageMaker publishes", async ({ assay }) => {
  const endpoints = Object.entries(assay.endpoints);
  const ours = (await Promise.all(endpoints.map(([name]) => publishedOf(assay, name)))).flat();
  const known = new Set([
    ...ours.map(({ name, dimensions }) => identity("Assay", name, dimensions)),
    ...endpoints.flatMap(([EndpointName, { variants }]) =>
      variants.flatMap((VariantName) =>
        Object.entries(vended).flatMap(([namespace, names]) =>
          names.map((name) => identity(namespace, name, { EndpointName, VariantName })),
        ),
      ),
    ),
  ]);
  const shown = widgetsOf(assay)
    .flat()
    .flatMap(({ properties: { metrics = [] } }) =>
      metrics.map((metric) => {
        const [namespace, name, ...dimensions] = metric.filter((part) => typeof part === "string");
        const pairs = dimensions.flatMap((key, i) => (i % 2 === 0 ? [[key, dimensions[i + 1]!]] : []));
        return identity(namespace!, name!, Object.fromEntries(pairs) as Record<string, string>);
      }),
    );
  expect(shown.length).toBeGreaterThan(20);
  expect(shown.filter((metric) => !known.has(metric))).toEqual([]);
});

test("quantity stands left of quality, row by row, below every alarm of the endpoint", () => {
  const [widgets = []] = widgetsOf(example);
  const [alarmsWidget, ...graphs] = widgets;
  const own = Object.values(alarms(example, "prod")).flatMap(({ Type, Properties }) =>
    /Alarm$/.test(Type) && String(Properties.AlarmName).includes("support-chat") ? [String(Properties.AlarmName)] : [],
  );
  expect(alarmsWidget?.properties.alarms?.map((arn) => arn.split(":alarm:")[1]).sort()).toEqual(own.sort());
  expect(alarmsWidget?.properties.alarms?.[0]).toMatch(/^arn:aws:cloudwatch:eu-west-1:000000000000:alarm:/);
  const places = graphs.map(({ x, y }) => `${x}/${y}`);
  expect(new Set(places).size).toBe(places.length);
  expect(graphs.slice(0, 2).map(({ x, properties: { title } }) => [x, title])).toEqual([
    [0, "Requests"],
    [12, "Quality, with its 95 % interval"],
  ]);
});
