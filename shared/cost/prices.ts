/**
 * List prices in us-east-1 as of November 2026, in dollars, without free tiers and discounts; other regions are up to a third dearer.
 * Source: the pricing pages of AWS Lambda, Amazon S3, DynamoDB, SQS, EventBridge, Step Functions and CloudWatch
 */
export const prices = {
  lambdaGbSecond: 0.0000133334, // arm64
  lambdaRequest: 0.2 / 1e6,
  s3Put: 0.005 / 1e3, // and lists
  s3Get: 0.0004 / 1e3,
  s3GbMonth: 0.023,
  dynamoWrite: 0.625 / 1e6, // on demand, of 1 KB; one in a transaction counts twice
  dynamoRead: 0.125 / 1e6, // on demand, of 4 KB
  sqsRequest: 0.4 / 1e6,
  eventBridgeEvent: 1 / 1e6, // S3's are events that one opts into
  stateTransition: 0.025 / 1e3,
  metricMonth: 0.3, // of the first ten thousand, by the hour in which something is published
  metricPut: 0.01 / 1e3,
  metricRead: 0.01 / 1e3, // for each metric asked
  alarmMonth: 0.1, // for each metric that it looks at
  compositeAlarmMonth: 0.5,
  dashboardMonth: 3,
  logsGb: 0.5,
} as const;

/** What others publish, as they charge for a month of `answers`. Each with where and when it was read. */
export type Alternative = { name: string; usdPerMonth(endpoints: number, answersPerEndpoint: number): number; rests: string };

/** Units beyond those included, by the tiers of Langfuse: up to and dollars for 100,000. */
const langfuseTiers = [
  { upTo: 1e6, usd: 8 },
  { upTo: 10e6, usd: 7 },
  { upTo: 50e6, usd: 6.5 },
  { upTo: Number.POSITIVE_INFINITY, usd: 6 },
];

export const alternatives: readonly Alternative[] = [
  {
    name: "Langfuse Cloud, Core",
    usdPerMonth(endpoints, answers) {
      // A trace, its observation and a score: three units an answer.
      const units = endpoints * answers * 3;
      let from = 100_000;
      let usd = 29;
      for (const { upTo, usd: per } of langfuseTiers) {
        usd += (Math.max(0, Math.min(units, upTo) - from) / 100_000) * per;
        from = Math.max(from, upTo);
      }
      return usd;
    },
    rests: "$29 with 100,000 units, then $8 to $6 for 100,000; three units an answer. Published list price, read June 2026",
  },
  {
    name: "LangSmith, Plus",
    usdPerMonth: (endpoints, answers) => 39 + (Math.max(0, endpoints * answers - 10_000) / 1_000) * 2.5,
    rests:
      "one seat at $39 with 10,000 base traces, then $2.50 for 1,000; kept for 14 days. Published list price, read May and September 2026",
  },
  {
    name: "SageMaker Model Monitor",
    usdPerMonth: (endpoints) => endpoints * 730 * 0.2 * 0.23,
    rests:
      "one data-quality schedule an endpoint, every hour for 12 minutes on ml.m5.xlarge at $0.23 an hour; no judge. Closed to new customers. Read November 2026",
  },
];
