import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import { type Faults, throttled } from "./faults.ts";
import type { Functions, Running } from "./lambda/functions.ts";
import { sequenceHeader } from "./lambda/messages.ts";
import { encodeEvent } from "./protocols/eventStream.ts";
import { type Encoded, encodeJson, encodeJsonError, operationOf } from "./protocols/json.ts";
import { decodeForm, encodeS3Error, encodeXml, encodeXmlError } from "./protocols/query.ts";
import type { Pump } from "./pump.ts";
import type { S3 } from "./s3.ts";
import { AwsError, type Principal, type World } from "./world.ts";

export type Deps = {
  world: World;
  pump: Pump;
  s3: S3;
  functions: Functions;
  faults: Faults;
  principalOf(accessKeyId: string): Principal;
  /** Answers a path under `/_assay/`: what a test or a demo may do to this process, which no AWS API does. */
  control(path: string, input: Record<string, unknown>): Promise<unknown>;
};

type Caller = { service: string; accessKeyId: string };

const signature = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\/aws4_request/;
const invokePath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
/** What a client may ask of Lambda by REST, besides `Invoke`; the other operations are CloudFormation's. */
export const lambdaReads = {
  GetFunction: /^\/2015-03-31\/functions\/([^/]+)\/?$/,
  ListFunctions: /^\/2015-03-31\/functions\/?$/,
  ListEventSourceMappings: /^\/2015-03-31\/event-source-mappings\/?$/,
};
const conversePath = /^\/model\/([^/]+)\/converse$/;
const endpointPath = /^\/endpoints\/([^/]+)\/invocations(-response-stream)?$/;

/** One port for all services: tells them apart by the scope of the signature, checks permissions, speaks each protocol. */
export function createGateway(deps: Deps): Server {
  const { world, pump, functions } = deps;

  const server = createServer((request, response) => {
    // Node's Date header is the machine's time. An SDK on another clock would see skew and retry every error.
    response.sendDate = false;
    void serve(request, response).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ECONNRESET") return; // a caller that crashed while it was speaking
      process.stderr.write(
        `embedded AWS: ${request.method} ${request.url}: ${error instanceof Error ? error.stack : String(error)}\n`,
      );
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.keepAliveTimeout = 0;
  return server;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?")[0]!;
    if (path.startsWith("/_assay/")) return answerControl(path.slice("/_assay/".length), request, response);
    const [, accessKeyId = "", service = ""] = signature.exec(request.headers.authorization ?? "") ?? [];
    if (!mayWaitForWork(service, path, request)) {
      // Until the answer is read and what follows from it (events) is done.
      response.once("close", pump.hold());
      const release = pump.hold();
      return serveSigned(service, accessKeyId, request, response).finally(release);
    }
    return serveSigned(service, accessKeyId, request, response);
  }

  function serveSigned(service: string, accessKeyId: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const caller = { service, accessKeyId };
    const running = functions.runningWith(accessKeyId);
    const sequence = request.headers[sequenceHeader];
    if (!running || sequence === undefined || !running.environment.lockstep) return answer(caller, running, request, response);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    running.environment.lockstep.arrive({
      seq: Number(sequence),
      serve: () => answer(caller, running, request, response).then(resolve, reject),
      waitsForCaller: () => !request.complete || response.headersSent,
    });
    return promise;
  }

  /** A synchronous invocation waits for the pump, which waits for all that holds time: it must not hold it. */
  function mayWaitForWork(service: string, path: string, request: IncomingMessage): boolean {
    return service === "lambda" && invokePath.test(path) && request.headers["x-amz-invocation-type"] !== "Event";
  }

  async function answer(
    caller: Caller,
    running: Running | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const finished = new Promise<void>((resolve) => {
      // A caller that crashed with several requests open is gone before the later ones have their turn.
      if (response.closed) resolve();
      response.once("finish", resolve);
      response.once("close", resolve);
    });
    const { service } = caller;
    const requestId = world.uuid("request");
    try {
      if (service === "")
        throw new AwsError("MissingAuthenticationToken", "The request is not signed. Any key pair will do here.", 403);
      const handle = handlerOf(service, requestId);
      await handle(request, response, deps.principalOf(caller.accessKeyId), running);
    } catch (error) {
      // A caller that crashed in the middle of its request hears nothing any more.
      if (response.destroyed || (error as NodeJS.ErrnoException).code === "ECONNRESET") return;
      send(response, encodeError(service, request, asAwsError(error, `${request.method} ${request.url}`), requestId));
    }
    await finished;
  }

  type Handle = (
    request: IncomingMessage,
    response: ServerResponse,
    principal: Principal,
    running: Running | undefined,
  ) => Promise<void>;
  function handlerOf(service: string, requestId: string): Handle {
    if (service === "s3") return serveS3;
    return async (request, response, principal, running) => {
      const body = await read(request);
      const path = (request.url ?? "/").split("?")[0]!;
      const { operation, input, encode } = decode(service, path, request, body, requestId);
      if (await disturbed(running, service, operation)) return;
      const output = await world.call(service, operation, input, principal);
      send(response, encode(output));
    };
  }

  async function serveS3(request: IncomingMessage, response: ServerResponse, principal: Principal, running: Running | undefined) {
    if (await disturbed(running, "s3", `${request.method} ${request.url}`)) return;
    await deps.s3.serve(request, response, principal);
  }

  /** True when the caller is no more: its connection is gone with it, and nothing is served. @throws AwsError when throttled */
  async function disturbed(running: Running | undefined, service: string, operation: string): Promise<boolean> {
    if (!running) return false;
    const { functionName, requestId, number: invocation } = running;
    const fault = deps.faults.at({ functionName, requestId, invocation, call: ++running.calls, service, operation });
    if (fault?.kind === "crash") {
      await running.environment.crash();
      return true;
    }
    if (fault?.kind === "throttle") throw throttled(service);
    if (fault?.kind === "slow") running.environment.pass(fault.ms ?? 0);
    return running.environment.dead;
  }

  async function answerControl(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    try {
      const result = await deps.control(
        path,
        (body.length > 0 ? JSON.parse(body.toString("utf8")) : {}) as Record<string, unknown>,
      );
      send(response, { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(result ?? {}) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      send(response, { status: 400, headers: { "content-type": "application/json" }, body: JSON.stringify({ message }) });
    }
  }
}

/** What a client sent and cannot be read is its error; the rest is ours, and named. */
function asAwsError(error: unknown, what: string): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof SyntaxError) return new AwsError("SerializationException", "The request's body is not JSON.");
  if (error instanceof URIError) return new AwsError("InvalidURI", "The request's path is not percent-encoded as it should be.");
  if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_"))
    return new AwsError("SerializationException", "The request's body says that it is gzip and is not.");
  process.stderr.write(`embedded AWS: ${what}: ${error instanceof Error ? error.stack : String(error)}\n`);
  return new AwsError("InternalFailure", `The embedded AWS failed at ${what}; its log says how.`, 500);
}

type Decoded = { operation: string; input: Record<string, unknown>; encode(output: Record<string, unknown>): Encoded };

const formServices = new Set(["cloudformation", "sts", "iam", "sns"]);
/** Spoke forms once: an old client still does. */
const jsonSince = new Set(["monitoring", "sqs"]);

function decode(service: string, path: string, request: IncomingMessage, body: Buffer, requestId: string): Decoded {
  const target = request.headers["x-amz-target"];
  if (typeof target === "string") {
    const text = body.toString("utf8");
    const input: unknown = text === "" ? {} : JSON.parse(text);
    if (input === null || typeof input !== "object" || Array.isArray(input))
      throw new AwsError("SerializationException", "The request's body is not a JSON object.");
    const encode = (output: Record<string, unknown>) => encodeJson(output, requestId);
    return { operation: operationOf(target), input: input as Record<string, unknown>, encode };
  }
  if (isForm(request)) {
    const { action, input } = decodeForm(body.toString("utf8"));
    if (jsonSince.has(service)) {
      const message = `${service}:${action}: this client speaks the query protocol; the embedded AWS speaks JSON for ${service}. Use a newer AWS CLI or an SDK.`;
      throw new AwsError("InvalidAction", message);
    }
    return { operation: action, input, encode: (output) => encodeXml(action, output, requestId) };
  }
  if (service === "lambda") return decodeLambda(path, request, body, requestId);
  if (service === "sagemaker") return decodeRuntime(path, request, body, requestId);
  if (service === "bedrock") return decodeBedrock(path, request, body, requestId);
  throw new AwsError(
    "UnknownOperationException",
    `${request.method} ${path}: not a request that the embedded AWS knows for ${service || "an unsigned caller"}.`,
  );
}

function decodeLambda(path: string, request: IncomingMessage, body: Buffer, requestId: string): Decoded {
  const name = (pattern: RegExp) => decodeURIComponent(pattern.exec(path)?.[1] ?? "");
  if (invokePath.test(path)) {
    const InvocationType = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
    return {
      operation: "Invoke",
      input: { FunctionName: name(invokePath), InvocationType, Payload: body.toString("utf8") },
      encode: ({ StatusCode, FunctionError, Payload }) => ({
        status: Number(StatusCode),
        headers: {
          "x-amzn-requestid": requestId,
          "x-amz-executed-version": "$LATEST",
          ...(FunctionError ? { "x-amz-function-error": String(FunctionError) } : {}),
        },
        body: String(Payload ?? ""),
      }),
    };
  }
  const encode = (output: Record<string, unknown>): Encoded => ({
    ...encodeJson(output, requestId),
    headers: { "content-type": "application/json" },
  });
  const found = Object.entries(lambdaReads).find(([, pattern]) => request.method === "GET" && pattern.test(path));
  if (!found) return { operation: `${request.method} ${path}`, input: {}, encode };
  const [operation, pattern] = found;
  return { operation, input: operation === "GetFunction" ? { FunctionName: name(pattern) } : {}, encode };
}

function decodeRuntime(path: string, request: IncomingMessage, Body: Buffer, requestId: string): Decoded {
  const found = endpointPath.exec(path);
  if (!found) return { operation: `${request.method} ${path}`, input: {}, encode: (output) => encodeJson(output, requestId) };
  const header = (name: string) => request.headers[name] as string | undefined;
  const input: Record<string, unknown> = { EndpointName: decodeURIComponent(found[1]!), Body };
  for (const [member, name] of Object.entries(runtimeHeaders)) {
    const value = header(name);
    if (value !== undefined) input[member] = value;
  }
  const isStream = found[2] !== undefined;
  return {
    operation: isStream ? "InvokeEndpointWithResponseStream" : "InvokeEndpoint",
    input,
    encode: ({ Body: answer, ContentType, InvokedProductionVariant, CustomAttributes }) => ({
      status: 200,
      headers: {
        "x-amzn-requestid": requestId,
        "x-amzn-invoked-production-variant": String(InvokedProductionVariant),
        ...(isStream ? { "content-type": "application/vnd.amazon.eventstream" } : {}),
        ...(ContentType ? { [isStream ? "x-amzn-sagemaker-content-type" : "content-type"]: String(ContentType) } : {}),
        ...(CustomAttributes ? { "x-amzn-sagemaker-custom-attributes": String(CustomAttributes) } : {}),
      },
      body: isStream ? Buffer.concat((answer as Buffer[]).map((part) => encodeEvent("PayloadPart", part))) : (answer as Buffer),
    }),
  };
}

function decodeBedrock(path: string, request: IncomingMessage, body: Buffer, requestId: string): Decoded {
  const modelId = request.method === "POST" ? conversePath.exec(path)?.[1] : undefined;
  const encode = (output: Record<string, unknown>): Encoded => ({
    ...encodeJson(output, requestId),
    headers: { "content-type": "application/json", "x-amzn-requestid": requestId },
  });
  if (modelId === undefined) return { operation: `${request.method} ${path}`, input: {}, encode };
  const input = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
  return { operation: "Converse", input: { ...input, modelId: decodeURIComponent(modelId) }, encode };
}

const runtimeHeaders = {
  ContentType: "content-type",
  Accept: "accept",
  TargetVariant: "x-amzn-sagemaker-target-variant",
  InferenceId: "x-amzn-sagemaker-inference-id",
  CustomAttributes: "x-amzn-sagemaker-custom-attributes",
  TargetModel: "x-amzn-sagemaker-target-model",
  InferenceComponentName: "x-amzn-sagemaker-inference-component",
};

const isForm = (request: IncomingMessage) => (request.headers["content-type"] ?? "").includes("x-www-form-urlencoded");

function encodeError(service: string, request: IncomingMessage, error: AwsError, requestId: string): Encoded {
  if (service === "s3") return encodeS3Error(error, requestId, request.method === "HEAD");
  if (formServices.has(service) || isForm(request)) return encodeXmlError(error, requestId);
  return encodeJsonError(error, requestId);
}

function send(response: ServerResponse, { status, headers, body }: Encoded): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, headers);
  response.end(body);
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}
