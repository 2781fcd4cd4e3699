import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { buildApp } from "fauxqs";
import { table } from "../../infrastructure/table.ts";
import { createDynamoDb } from "../../local/dynamodb.ts";
import { type Encoded, encodeJson, encodeJsonError, operationOf } from "../../local/protocols/json.ts";
import { encodeS3Error } from "../../local/protocols/query.ts";
import { createS3 } from "../../local/s3.ts";
import type { AwsError, Call, World } from "../../local/world.ts";
import { openTable, type Table } from "../../shared/aws/table.ts";
import { parseAssay } from "../../shared/config/load.ts";

/** Keys and index as they are deployed: CloudFormation's names are the API's. */
const assay = parseAssay(JSON.stringify({ endpoints: { chat: { variants: ["a"] } } }), "assay.yml");
const deployed = table(assay, "test").Table!.Properties as unknown as CreateTableCommandInput;
const { BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = deployed;

const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const region = "eu-west-1";

export type Wire = Awaited<ReturnType<typeof startWire>>;

/** S3, SQS and DynamoDB as servers, with real clients. One per test file; `fresh` gives each test its own table and buckets. */
export async function startWire() {
  const app = buildApp({ logger: false });
  await app.ready();
  const server = await serve((request, response) => app.routing(request, response));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let count = 0;

  const s3Client = () => new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const s3 = s3Client();
  const sqs = new SQSClient({ endpoint, region, credentials });
  const dynamoClient = () => new DynamoDBClient({ endpoint, region, credentials });
  const admin = dynamoClient();

  return {
    async fresh() {
      const name = `world-${++count}`;
      await admin.send(
        new CreateTableCommand({ TableName: name, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes }),
      );
      for (const Bucket of [`${name}-captures`, `${name}-results`]) await s3.send(new CreateBucketCommand({ Bucket }));
      await sqs.send(new CreateQueueCommand({ QueueName: name }));
      return {
        table: openTable(dynamoClient(), name),
        s3: s3Client(),
        sqs: new SQSClient({ endpoint, region, credentials }),
        captures: `${name}-captures`,
        resultsBucket: `${name}-results`,
        judgeQueueUrl: `${endpoint}/000000000000/${name}`,
      };
    },
    async put(bucket: string, key: string, body: string | Uint8Array): Promise<{ etag: string }> {
      const { ETag } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
      return { etag: ETag!.replaceAll('"', "") };
    },
    /** Every object as text, by key. */
    async objects(bucket: string): Promise<Record<string, string>> {
      const texts: Record<string, string> = {};
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
      for (const { Key } of Contents) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
        const bytes = await Body!.transformToByteArray();
        texts[Key!] = (Key!.endsWith(".gz") ? gunzipSync(bytes) : Buffer.from(bytes)).toString("utf8");
      }
      return texts;
    },
    async remove(bucket: string, key: string): Promise<void> {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
    async drain(queueUrl: string): Promise<Record<string, unknown>[]> {
      const bodies: Record<string, unknown>[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return bodies;
        for (const { Body, ReceiptHandle } of Messages) {
          bodies.push(JSON.parse(Body!));
          await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
        }
      }
    },
    async items({ client, name }: Table): Promise<Record<string, unknown>[]> {
      const { Items = [] } = await client.send(new ScanCommand({ TableName: name }));
      return Items;
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await app.close();
    },
  };
}

/** The embedded AWS's S3 and DynamoDB, which know conditional writes and transactions, and fauxqs' SQS, behind one socket. */
async function serve(fauxqs: RequestListener): Promise<Server> {
  const world = { region, hold: () => () => {}, uuid: () => "id" } as unknown as World; // all that these two use of it here
  const call: Call = { principal: { kind: "admin" }, requestId: "r" };
  const { operations } = createDynamoDb();
  const s3 = createS3(world, fauxqs, {
    authorize: async () => {},
    mayList: () => true,
    registerPolicy: () => {},
    onEvent: async () => {},
  });
  const server = createServer(async (request, response) => {
    const target = String(request.headers["x-amz-target"] ?? "");
    if (target.startsWith("AmazonSQS")) return fauxqs(request, response);
    const answer = ({ status, headers, body }: Encoded) => void response.writeHead(status, headers).end(body);
    if (target === "") {
      return s3
        .serve(request, response, call.principal)
        .catch((error: AwsError) => answer(encodeS3Error(error, "r", request.method === "HEAD")));
    }
    const input = JSON.parse(await read(request));
    await Promise.resolve(operations[operationOf(target)]!(input, call)).then(
      (output) => answer(encodeJson(output, "r")),
      (error: AwsError) => answer(encodeJsonError(error, "r")),
    );
  });
  // Who computes for longer than it waits, in the same process, would find the connection closed.
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

class Crash extends Error {
  override readonly name = "Crash";
}

type Sender = { send(...args: never[]): Promise<unknown> };

/**
 * Makes clients die at a call, as a process does: the `at`-th call of all together (1 is the first) is `lost` before it
 * reached the service, or `done` there while nobody heard. After it every further call dies too.
 * @returns the names of the calls, as far as they came, and how to start the process again
 */
export function crashing(clients: readonly Sender[], at: number, how: "lost" | "done"): { calls: string[]; restart(): void } {
  const calls: string[] = [];
  const alive = clients.map(({ send }) => send);
  for (const client of clients) {
    const send = client.send.bind(client) as (...args: unknown[]) => Promise<unknown>;
    client.send = (async (...args: unknown[]) => {
      calls.push((args[0] as object).constructor.name);
      const mine = calls.length;
      if (mine > at || (mine === at && how === "lost")) throw new Crash(`before ${calls.at(-1)}`);
      const output = await send(...args);
      if (mine === at) throw new Crash(`after ${calls[mine - 1]}`);
      return output;
    }) as Sender["send"];
  }
  return {
    calls,
    restart() {
      clients.forEach((client, i) => {
        client.send = alive[i]!;
      });
    },
  };
}
