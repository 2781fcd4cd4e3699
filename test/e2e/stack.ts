import { gunzipSync } from "node:zlib";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DeleteItemCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectsCommand, GetObjectCommand, PutObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { type Embedded, region, startEmbedded } from "../embeddedAws.ts";
import { type Ended, serverless } from "./command.ts";

export type Stack = Awaited<ReturnType<typeof startStack>>;

type Environment = Record<string, string>;

/**
 * An embedded AWS with the packaged stack, deployed by the framework's own command, and real clients of it.
 * @param environment to deploy in, or how to make it of what the configuration refers to
 */
export async function startStack(environment: Environment | ((aws: Embedded) => Promise<Environment>) = {}) {
  const aws = await startEmbedded();
  const env = typeof environment === "function" ? await environment(aws) : environment;
  const s3 = new S3Client({ ...aws.client, forcePathStyle: true });
  const dynamo = new DynamoDBClient(aws.client);
  const cloudformation = new CloudFormationClient(aws.client);
  const framework = (args: string[], more: Record<string, string>) => serverless(args, { ...environmentOf(aws), ...more });
  const deployed = await framework(["deploy", "--stage", "local"], env);
  if (deployed.code !== 0) {
    await aws.stop(); // or its process would keep the tests from ending
    throw new Error(`serverless deploy ended with ${deployed.code}:\n${deployed.stdout}${deployed.stderr}`);
  }
  const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: "assay-local" }));
  const outputs = Object.fromEntries(Stacks![0]!.Outputs!.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
  const output = (name: string): string => {
    if (outputs[name] === undefined) throw new Error(`The stack has no output ${name}, but ${Object.keys(outputs)}.`);
    return outputs[name];
  };

  return {
    aws,
    output,
    s3,
    cloudformation,
    sqs: new SQSClient(aws.client),
    cloudwatch: new CloudWatchClient(aws.client),
    logs: new CloudWatchLogsClient(aws.client),
    sagemaker: new SageMakerClient(aws.client),
    /** `serverless deploy` once more, perhaps with another configuration. */
    deploy: (more: Record<string, string> = {}, stage = "local"): Promise<Ended> => framework(["deploy", "--stage", stage], more),
    remove: (stage = "local"): Promise<Ended> => framework(["remove", "--stage", stage], {}),

    /** Puts a capture object under a key without the prefix. */
    async capture(key: string, body: string): Promise<void> {
      await s3.send(new PutObjectCommand({ Bucket: output("CaptureBucketName"), Key: `captures/${key}`, Body: body }));
    },
    /** Every object of the results bucket under some prefixes, as text, by key. */
    async results(...prefixes: string[]): Promise<Record<string, string>> {
      const texts: Record<string, string> = {};
      for (const prefix of prefixes) {
        for (const Key of await keysIn(s3, output("ResultsBucketName"), prefix)) {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket: output("ResultsBucketName"), Key }));
          const bytes = await Body!.transformToByteArray();
          texts[Key] = (Key.endsWith(".gz") ? gunzipSync(bytes) : Buffer.from(bytes)).toString("utf8");
        }
      }
      return texts;
    },
    async empty(bucket: string, prefix = ""): Promise<void> {
      const keys = await keysIn(s3, bucket, prefix);
      for (let at = 0; at < keys.length; at += 1_000) {
        const Objects = keys.slice(at, at + 1_000).map((Key) => ({ Key }));
        await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
      }
    },
    async emptyTable(): Promise<void> {
      const TableName = output("TableName");
      const { Items = [] } = await dynamo.send(new ScanCommand({ TableName, ProjectionExpression: "pk, sk" }));
      for (const Key of Items) await dynamo.send(new DeleteItemCommand({ TableName, Key }));
    },
    /** The items of a partition of the table. */
    async tableItems(partition: string): Promise<Record<string, unknown>[]> {
      const { Items = [] } = await DynamoDBDocumentClient.from(dynamo).send(
        new QueryCommand({
          TableName: output("TableName"),
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": partition },
        }),
      );
      return Items;
    },
    stop: () => aws.stop(),
  };
}

/** What a program needs to take the embedded AWS for AWS. */
export function environmentOf({ endpoint }: Embedded): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region, // the AWS CLI knows no other
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_EC2_METADATA_DISABLED: "true",
    SLS_AWS_MONITORING_FREQUENCY: "100",
  };
}

async function keysIn(s3: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
    keys.push(...Contents.map(({ Key }) => Key!));
  }
  return keys;
}
