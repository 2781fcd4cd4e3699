import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { DescribeEndpointCommand, SageMakerClient, SageMakerServiceException } from "@aws-sdk/client-sagemaker";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { approvedVersion } from "../../shared/aws/baselines.ts";
import { readNotifications } from "../../shared/aws/bucketEvents.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { readMonitorState } from "../../shared/aws/monitorState.ts";
import { openTable, type Table } from "../../shared/aws/table.ts";
import type { Assay } from "../../shared/config/assay.ts";
import type { EndpointFacts, StackFacts } from "../../shared/health/health.ts";
import type { Progress } from "../progress.ts";
import { inAws, stackOutputs } from "../stack.ts";
import { resourceFacts } from "./resources.ts";

const hourMs = 3_600_000;
/** Captures come in minutes; of the last ones nobody knows yet. */
const marginMs = 10 * 60_000;
const named = (url: string) => url.split("/").at(-1)!;

/** Asks AWS about a deployed stage and the endpoints of assay.yml; changes nothing. @throws WrongUse where AWS cannot be asked */
export async function stackFacts(stage: string, assay: Assay, nowMs: number, progress: Progress): Promise<StackFacts> {
  const outputs = await stackOutputs(stage, [
    ...(["CaptureUri", "CaptureBucketName", "TableName", "DriftStateMachineArn"] as const),
    ...(["CaptureQueueUrl", "JudgeQueueUrl"] as const),
    ...(["CaptureDeadLetterQueueUrl", "JudgeDeadLetterQueueUrl", "RemediateDeadLetterQueueUrl"] as const),
  ]);
  const asking = <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    progress.tell(() => `asking about ${what}`);
    return inAws(what, ask);
  };
  const table = openTable(new DynamoDBClient(), outputs.TableName);
  const cloudwatch = new CloudWatchClient();
  const queues = [outputs.CaptureQueueUrl, outputs.JudgeQueueUrl];
  const deadLetters = [outputs.CaptureDeadLetterQueueUrl, outputs.JudgeDeadLetterQueueUrl, outputs.RemediateDeadLetterQueueUrl];
  const notifications = await asking(`The bucket ${outputs.CaptureBucketName}`, () =>
    readNotifications(new S3Client(), outputs.CaptureBucketName),
  );
  const endpoints: EndpointFacts[] = [];
  for (const name of Object.keys(assay.endpoints))
    endpoints.push(await asking(`The endpoint ${name}`, () => endpointFacts(name, assay, table, cloudwatch, nowMs)));
  return {
    captureUri: outputs.CaptureUri,
    captureBucketSendsEvents: notifications.EventBridgeConfiguration !== undefined,
    ...(await asking(`The functions, rules and roles of stage ${stage}`, () =>
      resourceFacts(new CloudFormationClient(), `assay-${stage}`),
    )),
    queues: await asking("The queues' ages", () => ages(cloudwatch, queues.map(named), nowMs)),
    deadLetters: await asking("The dead-letter queues", () => lengths(deadLetters)),
    drift: await asking("The drift workflow", () => lastExecution(outputs.DriftStateMachineArn)),
    endpoints,
  };
}

async function endpointFacts(
  name: string,
  assay: Assay,
  table: Table,
  cloudwatch: CloudWatchClient,
  nowMs: number,
): Promise<EndpointFacts> {
  const { variants, judge } = assay.endpoints[name]!; // its caller goes through them
  const day = judge === null ? null : await openLedger(table).day(name, nowMs);
  const state = judge === null ? null : await readMonitorState(table, name);
  return {
    name,
    serves: await serves(name),
    listed: variants,
    lastHour: await lastHour(cloudwatch, name, variants, nowMs),
    budget: day,
    monitor:
      judge === null
        ? null
        : {
            hasBaseline: (await approvedVersion(table, name)) !== null,
            lastWindowMs: state?.lastWindow == null ? null : Date.parse(state.lastWindow),
          },
  };
}

async function serves(EndpointName: string): Promise<EndpointFacts["serves"]> {
  try {
    const described = await new SageMakerClient().send(new DescribeEndpointCommand({ EndpointName }));
    const { DataCaptureConfig: capture, ProductionVariants = [], EndpointStatus } = described;
    return {
      status: EndpointStatus!, // every endpoint has one
      variants: ProductionVariants.map(({ VariantName }) => VariantName!),
      capture: capture
        ? {
            on: capture.EnableCapture === true && capture.CaptureStatus === "Started",
            percentage: capture.CurrentSamplingPercentage ?? 100,
            to: capture.DestinationS3Uri ?? "",
          }
        : null,
    };
  } catch (error) {
    // SageMaker has no error of its own for "Could not find endpoint".
    if (error instanceof SageMakerServiceException && error.name === "ValidationException") return null;
    throw error;
  }
}

async function lastHour(cloudwatch: CloudWatchClient, endpoint: string, variants: string[], nowMs: number) {
  const untilMs = Math.floor((nowMs - marginMs) / 60_000) * 60_000;
  const sum = async (Namespace: string, MetricName: string, of: string, by: string) => {
    const MetricDataQueries = variants.map((variant, i): MetricDataQuery => {
      const Dimensions = [
        { Name: of, Value: endpoint },
        { Name: by, Value: variant },
      ];
      return { Id: `m${i}`, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 300, Stat: "Sum" } };
    });
    const span = { StartTime: new Date(untilMs - hourMs), EndTime: new Date(untilMs) };
    const { MetricDataResults = [] } = await cloudwatch.send(new GetMetricDataCommand({ ...span, MetricDataQueries }));
    return MetricDataResults.flatMap(({ Values = [] }) => Values).reduce((a, b) => a + b, 0);
  };
  return {
    requests: await sum("AWS/SageMaker", "Invocations", "EndpointName", "VariantName"),
    captured: await sum("Assay", "Captured", "Endpoint", "Variant"),
  };
}

/** Of the last quarter of an hour: CloudWatch has the age of a message that waits, once a minute. */
async function ages(cloudwatch: CloudWatchClient, names: string[], nowMs: number): Promise<StackFacts["queues"]> {
  const MetricDataQueries = names.map((Value, i): MetricDataQuery => {
    const Dimensions = [{ Name: "QueueName", Value }];
    const Metric = { Namespace: "AWS/SQS", MetricName: "ApproximateAgeOfOldestMessage", Dimensions };
    return { Id: `q${i}`, MetricStat: { Metric, Period: 60, Stat: "Maximum" } };
  });
  const minute = Math.floor(nowMs / 60_000) * 60_000;
  const span = { StartTime: new Date(minute - marginMs), EndTime: new Date(minute + 60_000) };
  const { MetricDataResults = [] } = await cloudwatch.send(new GetMetricDataCommand({ ...span, MetricDataQueries }));
  const newest = new Map(MetricDataResults.map(({ Id, Values = [] }) => [Id, Values[0]]));
  return names.map((name, i) => ({ name, oldestSeconds: newest.get(`q${i}`) ?? null }));
}

async function lengths(urls: string[]): Promise<StackFacts["deadLetters"]> {
  const sqs = new SQSClient();
  return Promise.all(
    urls.map(async (QueueUrl) => {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
      );
      return { name: named(QueueUrl), messages: Number(Attributes?.ApproximateNumberOfMessages ?? 0) };
    }),
  );
}

async function lastExecution(stateMachineArn: string): Promise<StackFacts["drift"]> {
  const { executions = [] } = await new SFNClient().send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }));
  const [last] = executions;
  return last ? { startedAtMs: last.startDate!.getTime(), status: last.status! } : null;
}
