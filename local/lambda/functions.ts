import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { unzipSync } from "fflate";
import { z } from "zod";
import { realTime } from "../clock.ts";
import { parseInput } from "../parseInput.ts";
import { AwsError, type Principal, type World } from "../world.ts";
import { ExecutionEnvironment, type InvocationResult } from "./environment.ts";

const configuration = z.strictObject({
  FunctionName: z.string(),
  Role: z.string(),
  Handler: z.string().regex(/^[\w./-]+\.handler$/, "must end in .handler"),
  Runtime: z.literal("nodejs24.x"),
  Timeout: z.number().int().min(1).max(900).default(3),
  MemorySize: z.number().int().min(128).max(10_240).default(128),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()).default({}) }).default({ Variables: {} }),
  Description: z.string().default(""),
  Architectures: z.array(z.enum(["arm64", "x86_64"])).default(["x86_64"]),
  LoggingConfig: z.strictObject({ LogGroup: z.string().optional() }).default({}),
  Tags: z.record(z.string(), z.string()).optional(),
});
const code = z.strictObject({ S3Bucket: z.string(), S3Key: z.string() });
const codeUpdate = code.extend({
  FunctionName: z.string(),
  Architectures: configuration.shape.Architectures.unwrap().optional(),
});
type FunctionConfiguration = z.infer<typeof configuration>;

/** A deployed function: its configuration, its unpacked code and, once invoked, a warm environment. */
export type DeployedFunction = {
  configuration: FunctionConfiguration;
  arn: string;
  principal: Principal & { kind: "role" };
  codeDirectory: string;
  codeSha256: string;
  codeSize: number;
  modifiedAtMs: number;
  environment: Warm | null;
  invocations: number;
};
type Warm = {
  environment: ExecutionEnvironment;
  accessKeyId: string;
  logStream: string;
  logStreamMade: boolean;
  stepped: boolean;
};

/** An invocation that is running: what the gateway needs to serve its calls in order and to inject faults. */
export type Running = {
  environment: ExecutionEnvironment;
  functionName: string;
  requestId: string;
  /** The n-th invocation of this function, from 1. */
  number: number;
  /** Calls that the gateway has begun to serve. */
  calls: number;
};

type Deps = {
  isStepped(): boolean;
  codeDirectory: string;
  seed: string;
  issueCredentials(principal: Principal): string;
  /** Whether a role's trust policy lets a service act as it. */
  trusts(roleArn: string, service: string): boolean;
};

export type InvocationRecord = { function: string; requestId: string; ok: boolean; error?: string };

/** The functions of the stack: deploys the packaged bundles and runs them, one warm environment a function. */
export class Functions {
  readonly #world: World;
  readonly #deps: Deps;
  readonly #functions = new Map<string, DeployedFunction>();
  readonly #running = new Map<string, Running>();
  readonly #listeners: ((record: InvocationRecord) => void)[] = [];

  constructor(world: World, deps: Deps) {
    this.#world = world;
    this.#deps = deps;
  }

  onInvoked(listener: (record: InvocationRecord) => void): void {
    this.#listeners.push(listener);
  }

  /** The invocation whose worker signs with this key, if any. */
  runningWith(accessKeyId: string): Running | undefined {
    return this.#running.get(accessKeyId);
  }

  all(): DeployedFunction[] {
    return [...this.#functions.values()];
  }

  /** @param name a name or an ARN, with or without a qualifier @throws AwsError ResourceNotFoundException */
  get(name: string): DeployedFunction {
    const bare = name.startsWith("arn:") ? name.split(":")[6]! : name.split(":")[0]!;
    const found = this.#functions.get(bare);
    if (!found) throw new AwsError("ResourceNotFoundException", `Function not found: ${this.arnOf(bare)}`, 404);
    return found;
  }

  arnOf(name: string): string {
    return `arn:aws:lambda:${this.#world.region}:${this.#world.accountId}:function:${name}`;
  }

  async create(input: Record<string, unknown>): Promise<DeployedFunction> {
    const { Code, ...rest } = input;
    const parsed = parse(configuration, rest);
    if (this.#functions.has(parsed.FunctionName)) {
      throw new AwsError("ResourceConflictException", `Function already exist: ${parsed.FunctionName}`, 409);
    }
    this.#checkTrust(parsed.Role);
    const unpacked = await this.#unpack(parsed.FunctionName, Code);
    const created: DeployedFunction = {
      configuration: parsed,
      arn: this.arnOf(parsed.FunctionName),
      principal: { kind: "role", roleArn: parsed.Role, sessionName: parsed.FunctionName },
      ...unpacked,
      modifiedAtMs: Date.now(),
      environment: null,
      invocations: 0,
    };
    this.#functions.set(parsed.FunctionName, created);
    return created;
  }

  async updateCode(input: Record<string, unknown>): Promise<DeployedFunction> {
    const { FunctionName, Architectures, ...Code } = parse(codeUpdate, input);
    const found = this.get(FunctionName);
    Object.assign(found, await this.#unpack(found.configuration.FunctionName, Code), { modifiedAtMs: Date.now() });
    if (Architectures) found.configuration = { ...found.configuration, Architectures };
    await this.#cool(found);
    return found;
  }

  async updateConfiguration(input: Record<string, unknown>): Promise<DeployedFunction> {
    const found = this.get(String(input.FunctionName));
    const changed = parse(configuration, { ...found.configuration, ...input });
    this.#checkTrust(changed.Role);
    found.configuration = changed;
    found.modifiedAtMs = Date.now();
    found.principal = { ...found.principal, roleArn: found.configuration.Role };
    await this.#cool(found);
    return found;
  }

  async delete(name: string): Promise<void> {
    const found = this.get(name);
    await this.#cool(found);
    this.#functions.delete(found.configuration.FunctionName);
  }

  /** Ends every environment, so that the process can end. */
  async stop(): Promise<void> {
    for (const found of this.#functions.values()) await this.#cool(found);
  }

  /** Runs one invocation to its end and writes its log. Never rejects. */
  async run(found: DeployedFunction, event: string, requestId: string): Promise<InvocationResult> {
    const { configuration: settings } = found;
    const warm = this.#warm(found);
    const number = ++found.invocations;
    const running: Running = { environment: warm.environment, functionName: settings.FunctionName, requestId, number, calls: 0 };
    this.#running.set(warm.accessKeyId, running);
    const lines: { timestamp: number; message: string }[] = [];
    const log = (text: string) => {
      for (const message of text.split("\n")) if (message !== "") lines.push({ timestamp: Date.now(), message });
    };
    log(`START RequestId: ${requestId} Version: $LATEST`);
    const timeoutMs = settings.Timeout * 1_000;
    const timer = warm.stepped ? null : realTime.setTimeout(() => void warm.environment.timeOut(timeoutMs), timeoutMs);
    const result = await warm.environment.invoke(
      {
        type: "invoke",
        requestId,
        event,
        nowMs: Date.now(),
        timeoutMs,
        seed: `${this.#deps.seed}:${settings.FunctionName}:${number}`,
        functionName: settings.FunctionName,
        functionArn: found.arn,
        memoryMb: settings.MemorySize,
        logGroup: logGroupOf(settings),
        logStream: warm.logStream,
      },
      log,
    );
    if (timer) realTime.clearTimeout(timer);
    this.#running.delete(warm.accessKeyId);
    if (!result.ok) log(`${result.error.errorType}: ${result.error.errorMessage}`);
    log(`END RequestId: ${requestId}`);
    await this.#writeLog(found, warm, lines);
    if (warm.environment.dead) found.environment = null;
    const record: InvocationRecord = { function: settings.FunctionName, requestId, ok: result.ok };
    if (!result.ok) record.error = `${result.error.errorType}: ${result.error.errorMessage}`;
    for (const listener of this.#listeners) listener(record);
    return result;
  }

  #warm(found: DeployedFunction): Warm {
    const stepped = this.#deps.isStepped();
    if (found.environment && !found.environment.environment.dead && found.environment.stepped === stepped)
      return found.environment;
    void found.environment?.environment.stop();
    const { configuration: settings } = found;
    const accessKeyId = this.#deps.issueCredentials(found.principal);
    const id = this.#world.uuid("log-stream").replaceAll("-", "");
    const logStream = `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${id}`;
    const [module] = settings.Handler.split(".handler");
    const entry = join(found.codeDirectory, `${module}.mjs`);
    const environment = new ExecutionEnvironment(
      { entry, stepped, nowMs: Date.now() },
      {
        ...settings.Environment.Variables,
        TZ: "UTC",
        AWS_REGION: this.#world.region,
        AWS_DEFAULT_REGION: this.#world.region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: "local",
        AWS_SESSION_TOKEN: "local",
        AWS_ENDPOINT_URL: this.#world.endpoint,
        AWS_EXECUTION_ENV: `AWS_Lambda_${settings.Runtime}`,
        AWS_LAMBDA_FUNCTION_NAME: settings.FunctionName,
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.MemorySize),
        AWS_LAMBDA_LOG_GROUP_NAME: logGroupOf(settings),
        AWS_LAMBDA_LOG_STREAM_NAME: logStream,
        LAMBDA_TASK_ROOT: found.codeDirectory,
      },
      settings.MemorySize,
    );
    found.environment = { environment, accessKeyId, logStream, logStreamMade: false, stepped };
    return found.environment;
  }

  /** Lambda writes a function's log with the function's own role: without the permission there is no log, and no error either. */
  async #writeLog(found: DeployedFunction, warm: Warm, logEvents: { timestamp: number; message: string }[]): Promise<void> {
    const place = { logGroupName: logGroupOf(found.configuration), logStreamName: warm.logStream };
    try {
      if (!warm.logStreamMade) await this.#world.call("logs", "CreateLogStream", place, found.principal);
      warm.logStreamMade = true;
      await this.#world.call("logs", "PutLogEvents", { ...place, logEvents }, found.principal);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
    }
  }

  #checkTrust(role: string): void {
    if (!this.#deps.trusts(role, "lambda.amazonaws.com"))
      throw new AwsError(
        "InvalidParameterValueException",
        `The role defined for the function cannot be assumed by Lambda: ${role}`,
      );
  }

  async #cool(found: DeployedFunction): Promise<void> {
    await found.environment?.environment.stop();
    found.environment = null;
  }

  async #unpack(name: string, input: unknown): Promise<Pick<DeployedFunction, "codeDirectory" | "codeSha256" | "codeSize">> {
    const { S3Bucket, S3Key } = parse(code, input);
    const { Body } = (await this.#world.call("s3", "GetObject", { Bucket: S3Bucket, Key: S3Key })) as { Body: Buffer };
    const hash = createHash("sha256").update(Body).digest();
    const codeDirectory = join(this.#deps.codeDirectory, `${name}-${hash.toString("hex").slice(0, 12)}`);
    for (const [path, bytes] of Object.entries(unzipSync(Body))) {
      if (path.endsWith("/")) continue;
      const target = join(codeDirectory, path);
      if (!target.startsWith(codeDirectory + sep))
        throw new AwsError("InvalidParameterValueException", `The archive of ${name} leaves its folder.`);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, bytes);
    }
    return { codeDirectory, codeSha256: hash.toString("base64"), codeSize: Body.length };
  }
}

const logGroupOf = (settings: FunctionConfiguration) => settings.LoggingConfig.LogGroup ?? `/aws/lambda/${settings.FunctionName}`;

/** @throws AwsError ValidationException that names the first member which is wrong or not honoured */
export const parse = <T>(schema: z.ZodType<T>, input: unknown): T => parseInput(schema, input, "ValidationException");
