import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";

/** Writes a small object of the results bucket, in place of an earlier one. */
export async function putJson(s3: S3Client, bucket: string, key: string, value: object): Promise<void> {
  const body = `${JSON.stringify(value)}\n`;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json" }));
}

/** Writes a report, in place of an earlier one. */
export async function putPage(s3: S3Client, bucket: string, key: string, html: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: html, ContentType: "text/html; charset=utf-8" }));
}

/**
 * Writes a small object of the results bucket unless it is there: whoever comes first has the last word.
 * @returns whether it was written
 */
export async function putJsonOnce(s3: S3Client, bucket: string, key: string, value: object): Promise<boolean> {
  const body = `${JSON.stringify(value)}\n`;
  try {
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json", IfNoneMatch: "*" }),
    );
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && error.name === "PreconditionFailed") return false;
    throw error;
  }
}

/** An object that we wrote, and that is there. @throws what S3 says */
export async function readJson<T>(s3: S3Client, bucket: string, key: string): Promise<T> {
  return JSON.parse(await readText(s3, bucket, key)) as T;
}

/** @throws what S3 says */
export async function readText(s3: S3Client, bucket: string, key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body!.transformToString(); // GetObject has a body
}

/** Every key that begins so, in order. */
export async function keysUnder(s3: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix }))
    keys.push(...Contents.map(({ Key }) => Key!)); // listed objects have keys
  return keys;
}

/** Whether an object is there, asked by its name: S3 answers "denied" to who reads a missing object without the right to list all. */
export async function exists(s3: S3Client, bucket: string, key: string): Promise<boolean> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }));
  return Contents[0]?.Key === key;
}
