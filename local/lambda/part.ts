import { z } from "zod";
import type { Delivery } from "../faults.ts";
import type { Pump } from "../pump.ts";
import type { Sqs } from "../sqs.ts";
import { AwsError, type Operation, type Part, type World } from "../world.ts";
import { EventSource } from "./eventSource.ts";
import { type DeployedFunction, type Functions, parse } from "./functions.ts";

const invokeConfig = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.string().optional(),
  MaximumRetryAttempts: z.number().int().min(0).max(2).default(2),
  MaximumEventAgeInSeconds: z.number().int().min(60).max(21_600).default(21_600),
  DestinationConfig: z
    .strictObject({ OnFailure: z.strictObject({ Destination: z.string().startsWith("arn:aws:sqs:") }).optional() })
    .default({}),
});
const permission = z.strictObject({
  FunctionName: z.string(),
  StatementId: z.string(),
  Action: z.string(),
  Principal: z.string(),
  SourceAccount: z.string().optional(),
  SourceArn: z.string().optional(),
});

const retryAfterMs = [60_000, 120_000];

/** Lambda: functions, event sources, permissions, synchronous and asynchronous invocations. */
export function createLambda(
  world: World,
  pump: Pump,
  functions: Functions,
  sqs: Sqs,
  registerPolicy: (arn: string, policy: string | null) => void,
  delivery: (payload: string) => Delivery,
): Part {
  const sources = new Map<string, EventSource>();
  const invokeConfigs = new Map<string, z.infer<typeof invokeConfig>>();
  const permissions = new Map<string, Map<string, object>>();

  pump.addSource(async () => {
    for (const source of sources.values()) {
      const work = await source.nextBatch();
      if (work) return work;
    }
    return null;
  });
  sqs.onMaybeReady((queue) => {
    for (const source of sources.values()) if (source.queue === queue) source.maybeReady();
  });

  /** Lambda keeps an asynchronous event, tries it three times unless told otherwise, and hands it to the destination in the end. */
  function invokeAsync(found: DeployedFunction, payload: string, { duplicates, delaySeconds }: Delivery): void {
    const requestId = world.uuid("invocation");
    const queuedAtMs = Date.now();
    const attempt = (count: number) => {
      pump.enqueue(async () => {
        const result = await functions.run(found, payload, requestId);
        if (result.ok) return;
        const config = invokeConfigs.get(found.configuration.FunctionName) ?? parse(invokeConfig, { FunctionName: "" });
        const wait = retryAfterMs[count - 1];
        const tooOld = Date.now() + (wait ?? 0) - queuedAtMs > config.MaximumEventAgeInSeconds * 1_000;
        if (wait !== undefined && count <= config.MaximumRetryAttempts && !tooOld) setTimeout(() => attempt(count + 1), wait);
        else await giveUp(found, config.DestinationConfig.OnFailure?.Destination, payload, requestId, count, result.error);
      });
    };
    if (delaySeconds > 0) setTimeout(() => attempt(1), delaySeconds * 1_000);
    else attempt(1);
    for (let copy = 0; copy < duplicates; copy++) attempt(1);
  }

  async function giveUp(
    found: DeployedFunction,
    destination: string | undefined,
    payload: string,
    requestId: string,
    count: number,
    error: object,
  ): Promise<void> {
    if (!destination) return;
    const MessageBody = JSON.stringify({
      version: "1.0",
      timestamp: new Date().toISOString(),
      requestContext: {
        requestId,
        functionArn: `${found.arn}:$LATEST`,
        condition: "RetriesExhausted",
        approximateInvokeCount: count,
      },
      requestPayload: JSON.parse(payload),
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: error,
    });
    const QueueUrl = `${world.endpoint}/${world.accountId}/${destination.split(":").at(-1)}`;
    try {
      await world.call("sqs", "SendMessage", { QueueUrl, MessageBody }, found.principal);
    } catch (refused) {
      // On AWS a destination that refuses loses the event and shows as a metric; nothing else stops.
      if (!(refused instanceof AwsError)) throw refused;
    }
  }

  const describe = ({ configuration, arn, codeSha256, codeSize, modifiedAtMs }: DeployedFunction) => ({
    ...configuration,
    FunctionArn: arn,
    CodeSha256: codeSha256,
    CodeSize: codeSize,
    LastModified: new Date(modifiedAtMs).toISOString().replace("Z", "+0000"),
    Version: "$LATEST",
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
  });
  const describeSource = (source: EventSource) => ({
    UUID: source.uuid,
    ...source.settings,
    FunctionArn: functions.get(source.settings.FunctionName).arn,
    State: source.settings.Enabled ? "Enabled" : "Disabled",
    StateTransitionReason: source.problem === "" ? "USER_INITIATED" : source.problem,
  });
  const sourceOf = (input: Record<string, unknown>): EventSource => {
    const found = sources.get(String(input.UUID));
    if (!found) throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404);
    return found;
  };
  const nameIn = (input: Record<string, unknown>) => functions.get(String(input.FunctionName)).configuration.FunctionName;

  function publishPermissions(name: string): void {
    const statements = [...(permissions.get(name)?.values() ?? [])];
    registerPolicy(
      functions.arnOf(name),
      statements.length === 0 ? null : JSON.stringify({ Version: "2012-10-17", Statement: statements }),
    );
  }

  const operations: Record<string, Operation> = {
    CreateFunction: async (input) => describe(await functions.create(input)),
    UpdateFunctionCode: async (input) => describe(await functions.updateCode(input)),
    UpdateFunctionConfiguration: async (input) => describe(await functions.updateConfiguration(input)),
    DeleteFunction: async (input) => {
      const name = nameIn(input);
      await functions.delete(name);
      permissions.delete(name);
      invokeConfigs.delete(name);
      return {};
    },
    GetFunction: (input) => ({
      Configuration: describe(functions.get(String(input.FunctionName))),
      Code: { RepositoryType: "S3" },
    }),
    GetFunctionConfiguration: (input) => describe(functions.get(String(input.FunctionName))),
    ListFunctions: () => ({ Functions: functions.all().map(describe) }),
    Invoke: async (input, { principal }) => {
      const found = functions.get(String(input.FunctionName));
      const payload = input.Payload === undefined || String(input.Payload) === "" ? "{}" : String(input.Payload);
      JSON.parse(payload);
      if (input.InvocationType === "Event") {
        // As with queues: whoever looks from outside is not disturbed.
        const undisturbed = { duplicates: 0, delaySeconds: 0 };
        invokeAsync(found, payload, principal.kind === "admin" ? undisturbed : delivery(payload));
        return { StatusCode: 202 };
      }
      const result = await new Promise<Awaited<ReturnType<Functions["run"]>>>((resolve) => {
        pump.enqueue(async () => resolve(await functions.run(found, payload, world.uuid("invocation"))));
      });
      if (result.ok) return { StatusCode: 200, ExecutedVersion: "$LATEST", Payload: result.payload };
      return { StatusCode: 200, ExecutedVersion: "$LATEST", FunctionError: "Unhandled", Payload: JSON.stringify(result.error) };
    },
    AddPermission: (input) => {
      const { FunctionName, StatementId, Action, Principal, SourceAccount, SourceArn } = parse(permission, input);
      const name = nameIn({ FunctionName });
      const conditions = {
        ...(SourceAccount ? { StringEquals: { "aws:SourceAccount": SourceAccount } } : {}),
        ...(SourceArn ? { ArnLike: { "aws:SourceArn": SourceArn } } : {}),
      };
      const statement = {
        Sid: StatementId,
        Effect: "Allow",
        Principal: Principal.endsWith(".amazonaws.com") ? { Service: Principal } : { AWS: Principal },
        Action,
        Resource: functions.arnOf(name),
        ...(Object.keys(conditions).length > 0 ? { Condition: conditions } : {}),
      };
      const held = permissions.get(name) ?? new Map<string, object>();
      if (held.has(StatementId))
        throw new AwsError("ResourceConflictException", `The statement id (${StatementId}) provided already exists.`, 409);
      permissions.set(name, held.set(StatementId, statement));
      publishPermissions(name);
      return { Statement: JSON.stringify(statement) };
    },
    RemovePermission: (input) => {
      const name = nameIn(input);
      permissions.get(name)?.delete(String(input.StatementId));
      publishPermissions(name);
      return {};
    },
    CreateEventSourceMapping: (input) => {
      functions.get(String(input.FunctionName));
      const source = new EventSource(world, functions, input);
      sources.set(source.uuid, source);
      return describeSource(source);
    },
    UpdateEventSourceMapping: (input) => {
      const source = sourceOf(input);
      source.update(input);
      return describeSource(source);
    },
    DeleteEventSourceMapping: (input) => {
      const source = sourceOf(input);
      const described = describeSource(source);
      sources.delete(source.uuid);
      return described;
    },
    ListEventSourceMappings: () => ({ EventSourceMappings: [...sources.values()].map(describeSource) }),
    PutFunctionEventInvokeConfig: (input) => {
      const config = parse(invokeConfig, input);
      invokeConfigs.set(nameIn(input), config);
      return { FunctionArn: functions.arnOf(nameIn(input)) };
    },
    DeleteFunctionEventInvokeConfig: (input) => {
      invokeConfigs.delete(nameIn(input));
      return {};
    },
  };
  return { scope: "lambda", operations };
}
