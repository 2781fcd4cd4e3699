import { text } from "node:stream/consumers";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Embedded, startEmbedded } from "../embeddedAws.ts";
import { deployFunction } from "./deployFunction.ts";

const Bucket = "shoes";
let aws: Embedded;
let s3: S3Client;
beforeAll(async () => {
  aws = await startEmbedded();
  s3 = new S3Client({ ...aws.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => aws.stop());

const put = (Key: string, Body: string, condition: { IfNoneMatch?: string; IfMatch?: string } = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...condition }));
const textOf = async (Key: string) => text((await s3.send(new GetObjectCommand({ Bucket, Key }))).Body as NodeJS.ReadableStream);
const refusal = (name: string, status: number) => ({ name, $metadata: expect.objectContaining({ httpStatusCode: status }) });

test("a conditional write does what its condition says", async () => {
  const { ETag } = await put("boot", "left", { IfNoneMatch: "*" });
  await expect(put("boot", "right", { IfNoneMatch: "*" })).rejects.toMatchObject(refusal("PreconditionFailed", 412));
  expect(await textOf("boot")).toBe("left");
  await put("boot", "right", { IfMatch: ETag! });
  await expect(put("boot", "both", { IfMatch: ETag! })).rejects.toMatchObject(refusal("PreconditionFailed", 412));
  await expect(put("sock", "left", { IfMatch: ETag! })).rejects.toMatchObject(refusal("NoSuchKey", 404));
  expect(await textOf("boot")).toBe("right");
});

test("of many conditional writes at once one wins", async () => {
  const writes = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => put("race", String(n), { IfNoneMatch: "*" })));
  const won = writes.flatMap(({ status }, n) => (status === "fulfilled" ? [String(n)] : []));
  expect(won).toEqual([await textOf("race")]);
});

test("what is not implemented is refused by its name, and overwrites nothing", async () => {
  await put("tagged", "as it was");
  const tag = new PutObjectTaggingCommand({ Bucket, Key: "tagged", Tagging: { TagSet: [{ Key: "a", Value: "b" }] } });
  await expect(s3.send(tag)).rejects.toMatchObject({
    ...refusal("NotImplemented", 501),
    message: expect.stringContaining("tagging"),
  });
  expect(await textOf("tagged")).toBe("as it was");
});

test("a missing key is missing to whoever may list the bucket", async () => {
  await expect(s3.send(new GetObjectCommand({ Bucket, Key: "gone" }))).rejects.toMatchObject(refusal("NoSuchKey", 404));
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "gone" }))).rejects.toMatchObject(refusal("NotFound", 404));
});

test("to whoever may not, it is forbidden", async () => {
  await deployFunction(aws, "looks", {
    source: `
import http from "node:http";
export const handler = () => new Promise((resolve, reject) => {
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID } = process.env;
  const authorization = "AWS4-HMAC-SHA256 Credential=" + AWS_ACCESS_KEY_ID + "/20260302/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=-";
  http.get(AWS_ENDPOINT_URL + "/${Bucket}/gone", { headers: { authorization } }, (response) => resolve(response.resume().statusCode)).once("error", reject);
});`,
    allowed: [{ Action: ["s3:GetObject"], Resource: `arn:aws:s3:::${Bucket}/*` }],
  });
  const { Payload } = await new LambdaClient(aws.client).send(new InvokeCommand({ FunctionName: "looks" }));
  expect(Payload!.transformToString()).toBe("403");
});

test("an object that is uploaded in parts is one object", async () => {
  const Body = Buffer.alloc(11 * 1024 * 1024, "shoe");
  await new Upload({ client: s3, params: { Bucket, Key: "large", Body } }).done();
  const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key: "large" }));
  expect(ContentLength).toBe(Body.length);
  expect(await textOf("large")).toBe(Body.toString());
});

test("a listing comes in order, page by page; copies and deletions show in it", async () => {
  for (const name of ["c", "a", "b"]) await put(`list/${name}`, name);
  await s3.send(new CopyObjectCommand({ Bucket, Key: "list/d", CopySource: `${Bucket}/list/a` }));
  expect(await textOf("list/d")).toBe("a");
  const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/", MaxKeys: 3 }));
  expect(page.Contents!.map(({ Key }) => Key)).toEqual(["list/a", "list/b", "list/c"]);
  const rest = await s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: "list/", ContinuationToken: page.NextContinuationToken }),
  );
  expect(rest.Contents!.map(({ Key }) => Key)).toEqual(["list/d"]);
  await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "list/a" }, { Key: "list/c" }] } }));
  const after = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/" }));
  expect(after.Contents!.map(({ Key }) => Key)).toEqual(["list/b", "list/d"]);
});
