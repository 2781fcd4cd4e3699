import type { Assay } from "../config/assay.ts";
import { criteriaOf } from "../judging/rubric.ts";
import { scorers } from "../scoring/registry.ts";
import { type Calls, measured } from "./measured.ts";
import { prices } from "./prices.ts";

/** What a stack costs in a month, by what it is spent on, in dollars. */
export type Month = {
  lines: { what: string; usd: number }[];
  usd: number;
  /** Of that, what the budgets of assay.yml let judges spend at most: `usd` is without it. */
  judgesAtMostUsd: number;
};

/** What of the template costs by its being there. */
export type Watched = { alarmMetrics: number; compositeAlarms: number; dashboards: number };

const days = 365 / 12;
const minutesPerMonth = days * 1_440;
const ticksPerMonth = days * 96;
/** Transitions of one tick: those of the workflow itself, and those of each endpoint in it. Source: statemachines/drift.asl.json, read along its longest path */
const transitions = { ofTick: 8, ofEndpoint: 16 };
/** GB-seconds of a function: its memory in serverless.yml times how long it runs, which only an account can tell; these are guesses on the dear side. */
const gbSeconds = { file: 1 * 0.5, judged: 0.5 * 0.2, tickEndpoint: 0.75 * 4 };
/** Lambda asks each of the two queues five at a time, and waits for up to 20 seconds for an answer, whatever the traffic. */
const pollsPerMonth = 2 * 5 * 3 * minutesPerMonth;
/** Metrics that the drift workflow asks CloudWatch for, of each endpoint at each tick. */
const metricsAsked = 12;
/** A scored line without texts, a line of the summary, and log lines, as gzip where they are kept so. */
const keptBytes = 700;
const logBytesPerFile = 1_000;
const keptMonths = 13;

/**
 * What a month costs with the endpoints of a configuration.
 * @param answersPerDay of each endpoint, evenly over the day and its variants
 * @param watched of the whole template
 * Source: docs/cost.md
 */
export function monthOf(assay: Assay, answersPerDay: number, watched: Watched): Month {
  const endpoints = Object.values(assay.endpoints);
  const answers = answersPerDay * days * endpoints.length;
  // SageMaker writes a file for each minute in which an instance answers.
  const files = sum(
    endpoints.map(({ variants }) => {
      const perMinute = answersPerDay / 1_440 / variants.length;
      return variants.length * minutesPerMonth * (1 - Math.exp(-perMinute));
    }),
  );
  const judged = sum(endpoints.map((endpoint) => judgedPerMonth(endpoint, answersPerDay)));
  const ticks = endpoints.length * ticksPerMonth;
  const calls = (of: keyof Calls) => files * measured.file[of] + judged * measured.judged[of] + ticks * measured.tick[of];
  const metrics = sum(endpoints.map(metricsOf));
  const lines = [
    { what: "metrics", usd: metrics * prices.metricMonth },
    {
      what: "alarms",
      usd: watched.alarmMetrics * prices.alarmMonth + watched.compositeAlarms * prices.compositeAlarmMonth,
    },
    { what: "dashboards", usd: watched.dashboards * prices.dashboardMonth },
    {
      what: "Step Functions",
      usd: (ticksPerMonth * transitions.ofTick + ticks * transitions.ofEndpoint) * prices.stateTransition,
    },
    {
      what: "Lambda",
      usd:
        (files * gbSeconds.file + judged * gbSeconds.judged + ticks * gbSeconds.tickEndpoint) * prices.lambdaGbSecond +
        calls("invocations") * prices.lambdaRequest,
    },
    {
      what: "S3",
      usd:
        calls("s3Puts") * prices.s3Put +
        calls("s3Gets") * prices.s3Get +
        (answers * keptBytes * keptMonths * prices.s3GbMonth) / 1e9,
    },
    { what: "DynamoDB", usd: calls("dynamoWrites") * prices.dynamoWrite + calls("dynamoReads") * prices.dynamoRead },
    {
      what: "SQS and EventBridge",
      usd: (calls("sqs") + pollsPerMonth) * prices.sqsRequest + files * prices.eventBridgeEvent,
    },
    {
      what: "publishing metrics, logs",
      usd:
        calls("metricPuts") * prices.metricPut +
        ticks * metricsAsked * prices.metricRead +
        (files * logBytesPerFile * prices.logsGb) / 1e9,
    },
  ];
  const judgesAtMostUsd = sum(
    endpoints.map(({ evaluationBudgetMicroUsdPerDay }) => (evaluationBudgetMicroUsdPerDay / 1e6) * days),
  );
  return { lines, usd: sum(lines.map(({ usd }) => usd)), judgesAtMostUsd };
}

/** As many as the budget pays for, at the tokens of an average answer, and no more than there are. */
function judgedPerMonth({ judge, evaluationBudgetMicroUsdPerDay }: Assay["defaults"], answersPerDay: number): number {
  if (judge === null) return 0;
  const microUsd =
    (averageTokens.prompt * judge.microUsdPerMillionInputTokens + averageTokens.reply * judge.microUsdPerMillionOutputTokens) /
    1e6;
  return Math.min(answersPerDay, evaluationBudgetMicroUsdPerDay / microUsd) * days;
}

/** Of a judgement: rubric, question and answer; and the grades. */
const averageTokens = { prompt: 800, reply: 40 };

/** How many metrics an endpoint publishes, each a name with its dimensions. Source: shared/monitoring/metrics.ts, stateMetrics.ts, and their like */
function metricsOf({ variants, judge, scorers: own, servingBudget, segment }: Assay["endpoints"][string]): number {
  const scores =
    scorers.filter(({ name }) => !own.off.includes(name)).length +
    Object.keys(own.rules).length +
    Object.keys(own.plugIns).length;
  const criteria = judge === null ? 0 : criteriaOf(judge).length;
  const counted = 6; // Captured, Answered, PromptTokens, CompletionTokens, HardFailures, Coverage
  const judgedQuality = judge === null ? 0 : 3 + (criteria > 1 ? 3 * criteria : 0) + 1 + criteria + 1; // with labels, evidence, answers
  const ofEndpoint = 1 + (judge === null ? 0 : criteria + 1 + (segment === null ? 0 : 1) + 4) + (servingBudget === null ? 0 : 3);
  return variants.length * (counted + scores + judgedQuality) + ofEndpoint;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
