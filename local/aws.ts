import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildApp } from "fauxqs";
import { createAutoScaling } from "./autoscaling.ts";
import { createBedrock } from "./bedrock/part.ts";
import type { Clock } from "./clock.ts";
import { createCloudFormation } from "./cloudformation/part.ts";
import { createCloudWatch } from "./cloudwatch/part.ts";
import { createControl } from "./control.ts";
import { createDynamoDb } from "./dynamodb.ts";
import { createEcr } from "./ecr.ts";
import { createEvents } from "./events.ts";
import { Faults } from "./faults.ts";
import { createGateway } from "./gateway.ts";
import { createAuthorizer } from "./iam/authorize.ts";
import { createIam } from "./iam/iam.ts";
import { createResourcePolicies } from "./iam/resourcePolicies.ts";
import { Functions } from "./lambda/functions.ts";
import { createLambda } from "./lambda/part.ts";
import { createLogs } from "./logs.ts";
import { Pump } from "./pump.ts";
import { createS3 } from "./s3.ts";
import { createSageMaker } from "./sagemaker/part.ts";
import { createSecrets } from "./secrets.ts";
import { createSns } from "./sns.ts";
import { createSqs } from "./sqs.ts";
import { createStepFunctions } from "./stepfunctions/part.ts";
import { createSts } from "./sts.ts";
import { notImplemented, type Part, type Principal, type World } from "./world.ts";

/** Why the embedded AWS could not start, in one sentence for the user. */
export class CannotStart extends Error {
  override readonly name = "CannotStart";
}

export type EmbeddedAws = Awaited<ReturnType<typeof startAws>>;

/**
 * Starts the embedded AWS on one port: services of our own, fauxqs (S3, SQS) and dynalite (DynamoDB) in this process. Time
 * follows the machine's until `step` is called.
 * @param clock from `installClock`, called before this module was imported
 * @param port 0: any free one
 * @param seed of ids, chance and faults: the same seed gives the same run
 * @throws CannotStart
 */
export async function startAws(clock: Clock, { port, region, seed }: { port: number; region: string; seed: string }) {
  const pump = new Pump(clock);
  const folder = mkdtempSync(join(tmpdir(), "assay-aws-"));
  const codeDirectory = join(folder, "code");
  mkdirSync(codeDirectory);

  let boundPort = port;
  let stepped = false;
  const counters = new Map<string, number>();
  const hash = (...words: string[]) =>
    createHash("sha256")
      .update([seed, ...words].join("\0"))
      .digest();
  const parts = new Map<string, Part>();
  const accountId = "000000000000";

  const world: World = {
    region,
    accountId,
    get endpoint() {
      return `http://127.0.0.1:${boundPort}`;
    },
    hold: () => pump.hold(),
    enqueue: (work) => pump.enqueue(work),
    uuid(kind) {
      const n = (counters.get(kind) ?? 0) + 1;
      counters.set(kind, n);
      const bytes = hash("uuid", kind, String(n)).subarray(0, 16);
      bytes[6] = (bytes[6]! & 0x0f) | 0x40;
      bytes[8] = (bytes[8]! & 0x3f) | 0x80;
      return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    },
    chance: (...words) => hash("chance", ...words).readUInt32BE() / 2 ** 32,
    async call(service, operation, input, as) {
      const operations = parts.get(service)?.operations ?? {};
      const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (!run) throw notImplemented(service || "an unknown service", operation);
      if (as) authorizer.authorize({ principal: as, service, operation, input });
      // A synchronous invocation waits for the pump, which waits for all that holds time: it must not hold it.
      const waitsForWork = service === "lambda" && operation === "Invoke" && input.InvocationType !== "Event";
      const release = waitsForWork ? () => {} : pump.hold();
      try {
        return await run(input, { principal: as ?? { kind: "admin" }, requestId: as ? world.uuid("request") : "" });
      } finally {
        release();
      }
    },
  };

  const iam = createIam(world);
  const resourcePolicies = createResourcePolicies();
  const authorizer = createAuthorizer(world, { iam, resourcePolicies });
  const registerPolicy = (arn: string, policy: string | null) => resourcePolicies.setResourcePolicy(arn, policy);
  const faults = new Faults(world);
  const principals = new Map<string, Principal>();

  const app = buildApp({ logger: false, defaultRegion: region });
  await app.ready();
  const fauxqs: RequestListener = (request, response) => app.routing(request, response);

  const events = createEvents(world);
  const s3 = createS3(world, fauxqs, {
    authorize: async (principal, operation, input) => authorizer.authorize({ principal, service: "s3", operation, input }),
    mayList: (principal, bucket) => authorizer.mayList(principal, bucket),
    registerPolicy,
    onEvent: (event) => events.deliver(event),
  });
  const sqs = createSqs(world, fauxqs, registerPolicy);
  const sns = createSns(world, registerPolicy);
  sqs.deliverEvents((body) => faults.delivery(body));
  const functions = new Functions(world, {
    isStepped: () => stepped,
    codeDirectory,
    seed,
    trusts: iam.trusts,
    issueCredentials(principal) {
      const accessKeyId = `ASIA${world.uuid("access-key").replaceAll("-", "").slice(0, 16).toUpperCase()}`;
      principals.set(accessKeyId, principal);
      return accessKeyId;
    },
  });
  const cloudwatch = createCloudWatch(world, (event) => events.deliver(event));
  const sagemaker = createSageMaker(world);
  const bedrock = createBedrock(world);
  const logs = createLogs(world);
  cloudwatch.vend(async () =>
    (await sqs.ages()).flatMap(({ queue, visible, oldestAgeSeconds }) => {
      const Dimensions = [{ Name: "QueueName", Value: queue }];
      return [
        { Namespace: "AWS/SQS", MetricName: "ApproximateNumberOfMessagesVisible", Dimensions, Value: visible },
        { Namespace: "AWS/SQS", MetricName: "ApproximateAgeOfOldestMessage", Dimensions, Value: oldestAgeSeconds },
      ];
    }),
  );
  for (const part of [
    iam,
    s3,
    sqs,
    sns,
    events,
    cloudwatch,
    sagemaker,
    bedrock,
    createSecrets(world),
    logs,
    createDynamoDb(),
    createLambda(world, pump, functions, sqs, registerPolicy, (payload) => faults.delivery(payload)),
    createCloudFormation(world),
    createSts(world),
    createEcr(world),
    createStepFunctions(world),
    createAutoScaling(world),
  ]) {
    parts.set(part.scope, part);
  }

  const aws = {
    world,
    parts: parts as ReadonlyMap<string, Part>,
    iam,
    events,
    sqs,
    sns,
    cloudwatch,
    sagemaker,
    bedrock,
    logs,
    functions,
    faults,
    calls: authorizer.calls,
    /** Puts the clock at a moment and lets it stand there; from now on only `advanceTo` moves it. */
    async step(nowMs: number): Promise<void> {
      // What is due is done before the clock jumps, or it would be done after it in some runs and before it in others.
      await pump.advanceTo(Date.now());
      stepped = true;
      clock.set(nowMs);
      events.rearm();
    },
    /** Lets time pass until `untilMs`, doing all that becomes due on the way. */
    advanceTo: (untilMs: number) => pump.advanceTo(untilMs),
    /** Lets the clock go on with the machine's, from where it stands. */
    follow(): void {
      stepped = false;
      pump.follow();
    },
    async stop(): Promise<void> {
      await pump.stopFollowing();
      await functions.stop();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const server = createGateway({
    world,
    pump,
    s3,
    functions,
    faults,
    principalOf: (accessKeyId) => principals.get(accessKeyId) ?? { kind: "admin" },
    control: createControl(aws),
  });
  boundPort = await listen(server, port);
  pump.follow();
  return aws;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? `Port ${port} on 127.0.0.1 is in use. Stop what listens there, or give another with --port (0: any free one).`
          : `The embedded AWS cannot listen on 127.0.0.1:${port}: ${error.message}`;
      reject(new CannotStart(why, { cause: error }));
    });
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
