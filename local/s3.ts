import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { ask, type InProcessResponse } from "./inProcess.ts";
import { AwsError, notImplemented, type Operation, type Part, type Principal, type World } from "./world.ts";

/** What a request asks of S3, read off its method, path and query. */
export type S3Request = { operation: string; bucket: string; key: string; input: Record<string, unknown> };

type Deps = {
  authorize(principal: Principal, operation: string, input: Record<string, unknown>): Promise<void>;
  /** On AWS a missing key answers 403 to whoever may not list the bucket. */
  mayList(principal: Principal, bucket: string): boolean;
  registerPolicy(arn: string, policy: string | null): void;
  /** An EventBridge event of a bucket that sends them. */
  onEvent(event: Record<string, unknown>): Promise<void>;
};

export type S3 = Part & { serve(request: IncomingMessage, response: ServerResponse, principal: Principal): Promise<void> };

const listParameters = [
  "list-type",
  "prefix",
  "delimiter",
  "continuation-token",
  "start-after",
  "max-keys",
  "encoding-type",
  "fetch-owner",
  "marker",
];
const harmless = new Set(["x-id", "versionId", ...listParameters]);
const bucketSubresources: Record<string, string> = {
  policy: "BucketPolicy",
  encryption: "BucketEncryption",
  publicAccessBlock: "PublicAccessBlock",
  lifecycle: "BucketLifecycleConfiguration",
  versioning: "BucketVersioning",
  notification: "BucketNotificationConfiguration",
};

/** Of a bucket's configuration what clients may ask for; the rest is CloudFormation's to set. */
const bucketRequests = new Set([
  ...["PutBucketPolicy", "GetBucketPolicy", "GetBucketVersioning"],
  ...["PutBucketNotificationConfiguration", "GetBucketNotificationConfiguration"],
]);

/** @throws AwsError for a sub-resource that is not implemented: fauxqs would take it for a plain PUT and overwrite the object. */
export function readS3Request(method: string, url: string, copySource: string | undefined): S3Request {
  const { pathname, searchParams } = new URL(url, "http://s3");
  const [, rawBucket = "", ...rest] = pathname.split("/");
  const bucket = decodeURIComponent(rawBucket);
  const key = rest.map(decodeURIComponent).join("/");
  const query = [...searchParams.keys()].filter(
    (name) => !harmless.has(name) && !name.startsWith("response-") && !name.startsWith("X-Amz-"),
  );
  const only = (...allowed: string[]) => query.every((name) => allowed.includes(name));
  const found = (operation: string): S3Request => ({
    operation,
    bucket,
    key,
    input: { Bucket: bucket, ...(key ? { Key: key } : {}) },
  });

  const copied = (plain: string, copy: string): S3Request => {
    if (copySource === undefined) return found(plain);
    const asked = found(copy);
    return { ...asked, input: { ...asked.input, CopySource: copySource } };
  };

  if (bucket === "" && method === "GET") return found("ListBuckets");
  if (key === "") {
    const subresource = query.find((name) => name in bucketSubresources);
    if (subresource && only(subresource)) {
      const verb = { PUT: "Put", GET: "Get", DELETE: "Delete" }[method];
      const operation = `${verb}${bucketSubresources[subresource]}`;
      if (bucketRequests.has(operation)) return found(operation);
    }
    if (method === "GET" && only("location") && query.length === 1) return found("GetBucketLocation");
    if (method === "POST" && query.includes("delete")) return found("DeleteObjects");
    const plain = { PUT: "CreateBucket", GET: "ListObjectsV2", HEAD: "HeadBucket", DELETE: "DeleteBucket" }[method];
    if (plain === "ListObjectsV2" && query.length === 0) {
      return { ...found(plain), input: { Bucket: bucket, Prefix: searchParams.get("prefix") ?? "" } };
    }
    if (plain && query.length === 0) return found(plain);
  } else {
    if (method === "PUT" && query.includes("uploadId")) return copied("UploadPart", "UploadPartCopy");
    if (method === "DELETE" && query.includes("uploadId")) return found("AbortMultipartUpload");
    if (method === "POST" && query.includes("uploads")) return found("CreateMultipartUpload");
    if (method === "POST" && query.includes("uploadId")) return found("CompleteMultipartUpload");
    if (method === "PUT" && query.length === 0) return copied("PutObject", "CopyObject");
    const plain = { GET: "GetObject", HEAD: "HeadObject", DELETE: "DeleteObject" }[method];
    if (plain && only("partNumber")) return found(plain);
  }
  throw notImplemented("s3", `${method} ${key ? "object" : "bucket"}?${query.join("&")}`);
}

const pathOf = (bucket: string, key = "") => `/${bucket}${key ? `/${key.split("/").map(encodeURIComponent).join("/")}` : ""}`;
const createsObject: Record<string, string> = {
  PutObject: "PutObject",
  CopyObject: "CopyObject",
  CompleteMultipartUpload: "CompleteMultipartUpload",
};

const largestRequest = 11 * 1024 * 1024;
/** In parts of an upload, which have 5 MiB at least. */
const mostInOnePut = 8 * 1024 * 1024;

/** S3 is fauxqs, in process; what it ignores (conditional writes, bucket configuration, events) is done here, the rest refused. */
export function createS3(world: World, fauxqs: RequestListener, deps: Deps): S3 {
  const configuration = new Map<string, Map<string, unknown>>();
  const writing = new Map<string, Promise<void>>();
  let sequence = 0;

  const head = (bucket: string, key: string) => ask(fauxqs, { method: "HEAD", url: pathOf(bucket, key), headers: {} });
  const configurationOf = (bucket: string) => {
    const found = configuration.get(bucket);
    if (!found) throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
    return found;
  };

  async function announce(bucket: string, key: string, reason: string): Promise<void> {
    const notification = configuration.get(bucket)?.get("BucketNotificationConfiguration") as Record<string, unknown> | undefined;
    if (!notification?.EventBridgeConfiguration) return;
    const { headers } = await head(bucket, key);
    await deps.onEvent({
      version: "0",
      id: world.uuid("s3-event"),
      "detail-type": "Object Created",
      source: "aws.s3",
      account: world.accountId,
      time: `${new Date().toISOString().slice(0, 19)}Z`,
      region: world.region,
      resources: [`arn:aws:s3:::${bucket}`],
      detail: {
        version: "0",
        bucket: { name: bucket },
        object: {
          key,
          size: Number(headers["content-length"]),
          etag: String(headers.etag).replaceAll('"', ""),
          sequencer: (++sequence).toString(16).toUpperCase().padStart(16, "0"),
        },
        "request-id": world.uuid("s3-request"),
        requester: world.accountId,
        "source-ip-address": "127.0.0.1",
        reason,
      },
    });
  }

  /** One writer a key at a time, so that a condition and its write are one step. */
  async function exclusively<T>(bucket: string, key: string, work: () => Promise<T>): Promise<T> {
    const name = `${bucket}/${key}`;
    const before = writing.get(name) ?? Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const tail = before.then(() => promise);
    writing.set(name, tail);
    await before;
    try {
      return await work();
    } finally {
      resolve();
      if (writing.get(name) === tail) writing.delete(name);
    }
  }

  async function checkCondition(request: S3Request, ifNoneMatch: string | undefined, ifMatch: string | undefined): Promise<void> {
    if (ifNoneMatch === undefined && ifMatch === undefined) return;
    const { status, headers } = await head(request.bucket, request.key);
    if (ifMatch !== undefined && status === 404) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
    const fails = ifMatch !== undefined ? headers.etag !== ifMatch : status === 200;
    if (fails) throw new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
  }

  async function refuseMissing({ operation, bucket, key }: S3Request, principal: Principal): Promise<void> {
    if (operation !== "GetObject" && operation !== "HeadObject") return;
    if (principal.kind !== "role" || deps.mayList(principal, bucket)) return;
    const { status } = await head(bucket, key);
    if (status === 404)
      throw new AwsError(
        "AccessDenied",
        "Access Denied: the key is missing, and who may not list the bucket is not told so.",
        403,
      );
  }

  async function serve(request: IncomingMessage, response: ServerResponse, principal: Principal): Promise<void> {
    const copySource = request.headers["x-amz-copy-source"] as string | undefined; // never sent twice
    const asked = readS3Request(request.method ?? "GET", request.url ?? "/", copySource);
    if (asked.operation === "DeleteObjects") return deleteObjects(request, response, asked, principal);
    await deps.authorize(principal, asked.operation, asked.input);
    if (asked.operation === "PutObject" && Number(request.headers["content-length"] ?? 0) > largestRequest) {
      const message = "The embedded S3 takes 11 MiB in one request. Upload in parts, as the AWS CLI and @aws-sdk/lib-storage do.";
      throw new AwsError("EntityTooLarge", message, 400);
    }
    const configured = /^(Put|Get|Delete)(Bucket(?!Location)|PublicAccessBlock)/.test(asked.operation);
    if (configured || asked.operation === "CreateBucket" || asked.operation === "GetBucketLocation") {
      return answerBucketRequest(request, response, asked, principal);
    }
    await refuseMissing(asked, principal);
    const reason = createsObject[asked.operation];
    if (!reason) return pass(request, response);
    await exclusively(asked.bucket, asked.key, async () => {
      await checkCondition(asked, request.headers["if-none-match"], request.headers["if-match"]);
      await pass(request, response);
    });
    if (response.statusCode === 200) await announce(asked.bucket, asked.key, reason);
  }

  /** The keys are in the body. All are deleted or, where one may not be, none: S3 itself decides key by key. */
  async function deleteObjects(
    request: IncomingMessage,
    response: ServerResponse,
    { operation, bucket, input }: S3Request,
    principal: Principal,
  ): Promise<void> {
    const body = await read(request);
    const Objects = [...body.toString("utf8").matchAll(/<Key>(.*?)<\/Key>/gs)].map(([, key]) => ({ Key: unescapeXml(key!) }));
    await deps.authorize(principal, operation, { ...input, Delete: { Objects } });
    const headers = { "content-type": "application/xml" };
    const answer = await ask(fauxqs, { method: "POST", url: `${pathOf(bucket)}?delete=`, headers, body });
    response.writeHead(answer.status, headers).end(answer.body);
  }

  const pass = (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    new Promise((resolve) => {
      response.once("finish", resolve);
      response.once("close", resolve);
      fauxqs(request, response);
    });

  async function answerBucketRequest(
    request: IncomingMessage,
    response: ServerResponse,
    asked: S3Request,
    principal: Principal,
  ): Promise<void> {
    if (asked.operation === "CreateBucket") await call("CreateBucket", asked.input, principal);
    else if (asked.operation === "GetBucketLocation") {
      configurationOf(asked.bucket);
      const place = world.region === "us-east-1" ? "" : world.region;
      response.setHeader("content-type", "application/xml");
      response.end(`<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${place}</LocationConstraint>`);
      return;
    } else if (asked.operation === "PutBucketPolicy") {
      await call("PutBucketPolicy", { ...asked.input, Policy: (await read(request)).toString("utf8") }, principal);
    } else if (asked.operation === "GetBucketPolicy") {
      const { Policy } = await call("GetBucketPolicy", asked.input, principal);
      response.setHeader("content-type", "application/json");
      response.end(String(Policy));
      return;
    } else if (asked.operation === "PutBucketNotificationConfiguration") {
      const notifications = readNotifications((await read(request)).toString("utf8"));
      await call(asked.operation, { ...asked.input, NotificationConfiguration: notifications }, principal);
    } else if (asked.operation === "GetBucketNotificationConfiguration") {
      const notifications = configurationOf(asked.bucket).get("BucketNotificationConfiguration");
      response.setHeader("content-type", "application/xml");
      response.end(notificationsXml((notifications ?? {}) as Notifications));
      return;
    } else if (asked.operation === "GetBucketVersioning") {
      configurationOf(asked.bucket);
      response.setHeader("content-type", "application/xml");
      response.end('<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>');
      return;
    } else throw notImplemented("s3", `${asked.operation} over the wire`);
    response.statusCode = asked.operation === "PutBucketPolicy" ? 204 : 200;
    response.end();
  }

  /** An object that is too large for one request of fauxqs. */
  async function putInParts(bucket: string, key: string, body: Buffer): Promise<Record<string, unknown>> {
    const url = pathOf(bucket, key);
    const begun = must(await ask(fauxqs, { method: "POST", url: `${url}?uploads`, headers: {} })).body.toString("utf8");
    const id = encodeURIComponent(/<UploadId>(.*?)<\/UploadId>/.exec(begun)?.[1] ?? "");
    const parts: string[] = [];
    for (let at = 0; at < body.length; at += mostInOnePut) {
      const part = { method: "PUT", url: `${url}?partNumber=${parts.length + 1}&uploadId=${id}`, headers: {} };
      const { headers } = must(await ask(fauxqs, { ...part, body: body.subarray(at, at + mostInOnePut) }));
      parts.push(`<Part><PartNumber>${parts.length + 1}</PartNumber><ETag>${String(headers.etag)}</ETag></Part>`);
    }
    const complete = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
    must(
      await ask(fauxqs, {
        method: "POST",
        url: `${url}?uploadId=${id}`,
        headers: { "content-type": "application/xml" },
        body: complete,
      }),
    );
    await announce(bucket, key, "CompleteMultipartUpload");
    return {};
  }

  const call = async (operation: string, input: Record<string, unknown>, principal: Principal) =>
    operations[operation]!(input, { principal, requestId: world.uuid("s3") });

  const must = (answer: InProcessResponse): InProcessResponse => {
    if (answer.status < 300) return answer;
    const xml = answer.body.toString("utf8");
    const code = /<Code>([^<]+)<\/Code>/.exec(xml)?.[1] ?? (answer.status === 404 ? "NoSuchKey" : "InternalError");
    throw new AwsError(code, /<Message>([^<]+)<\/Message>/.exec(xml)?.[1] ?? code, answer.status);
  };
  const bucketIn = (input: Record<string, unknown>) => String(input.Bucket);
  const keyIn = (input: Record<string, unknown>) => String(input.Key);

  const operations: Record<string, Operation> = {
    CreateBucket: async (input) => {
      if (configuration.has(bucketIn(input)))
        throw new AwsError("BucketAlreadyOwnedByYou", `The bucket ${bucketIn(input)} exists already.`, 409);
      must(await ask(fauxqs, { method: "PUT", url: pathOf(bucketIn(input)), headers: {} }));
      configuration.set(bucketIn(input), new Map());
      return { Location: `/${bucketIn(input)}` };
    },
    DeleteBucket: async (input) => {
      must(await ask(fauxqs, { method: "DELETE", url: pathOf(bucketIn(input)), headers: {} }));
      configuration.delete(bucketIn(input));
      deps.registerPolicy(`arn:aws:s3:::${bucketIn(input)}`, null);
      return {};
    },
    PutObject: async (input) => {
      const body = Buffer.from(input.Body as Buffer | string);
      if (body.length > mostInOnePut) return putInParts(bucketIn(input), keyIn(input), body);
      const { status, headers } = must(
        await ask(fauxqs, {
          method: "PUT",
          url: pathOf(bucketIn(input), keyIn(input)),
          headers: {},
          body: input.Body as Buffer | string,
        }),
      );
      if (status === 200) await announce(bucketIn(input), keyIn(input), "PutObject");
      return { ETag: headers.etag };
    },
    GetObject: async (input) => {
      const { body, headers } = must(
        await ask(fauxqs, { method: "GET", url: pathOf(bucketIn(input), keyIn(input)), headers: {} }),
      );
      return { Body: body, ETag: headers.etag, ContentLength: body.length };
    },
    ListObjectsV2: async (input) => {
      const keys: { Key: string; Size: number }[] = [];
      let token = "";
      do {
        const query = new URLSearchParams({
          "list-type": "2",
          prefix: String(input.Prefix ?? ""),
          ...(token ? { "continuation-token": token } : {}),
        });
        const xml = must(
          await ask(fauxqs, { method: "GET", url: `${pathOf(bucketIn(input))}?${query}`, headers: {} }),
        ).body.toString("utf8");
        for (const [, contents = ""] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
          const key = /<Key>(.*?)<\/Key>/s.exec(contents)?.[1] ?? "";
          keys.push({ Key: unescapeXml(key), Size: Number(/<Size>(\d+)<\/Size>/.exec(contents)?.[1]) });
        }
        token = /<NextContinuationToken>(.*?)<\/NextContinuationToken>/.exec(xml)?.[1] ?? "";
      } while (token !== "");
      return { Contents: keys };
    },
  };
  for (const name of Object.values(bucketSubresources)) {
    operations[`Put${name}`] = (input) => {
      const { Bucket: _, ...rest } = input;
      configurationOf(bucketIn(input)).set(name, rest.NotificationConfiguration ?? rest.Policy ?? rest);
      if (name === "BucketPolicy") deps.registerPolicy(`arn:aws:s3:::${bucketIn(input)}`, String(rest.Policy));
      return {};
    };
    operations[`Delete${name}`] = (input) => {
      configurationOf(bucketIn(input)).delete(name);
      if (name === "BucketPolicy") deps.registerPolicy(`arn:aws:s3:::${bucketIn(input)}`, null);
      return {};
    };
  }
  operations.GetBucketPolicy = (input) => {
    const policy = configurationOf(bucketIn(input)).get("BucketPolicy");
    if (policy === undefined) throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
    return { Policy: policy };
  };

  return { scope: "s3", operations, serve };
}

/** What EventBridge is told is sent; what queues, topics and functions should be told (`others`) is kept as it came, and nobody is told. */
type Notifications = { EventBridgeConfiguration?: object; others?: string };

const eventBridgeXml = /<EventBridgeConfiguration\s*(?:\/>|>\s*<\/EventBridgeConfiguration>)/;

function readNotifications(xml: string): Notifications {
  const [, inner = ""] = /<NotificationConfiguration[^>]*?(?:\/>|>(.*)<\/NotificationConfiguration>)/s.exec(xml) ?? [];
  return {
    ...(eventBridgeXml.test(inner) ? { EventBridgeConfiguration: {} } : {}),
    others: inner.replace(eventBridgeXml, ""),
  };
}

function notificationsXml({ EventBridgeConfiguration, others = "" }: Notifications): string {
  const eventBridge = EventBridgeConfiguration ? "<EventBridgeConfiguration/>" : "";
  return `<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${others}${eventBridge}</NotificationConfiguration>`;
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const unescapeXml = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
