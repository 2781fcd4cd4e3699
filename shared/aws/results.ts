import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";

/** Writes a small object of the results bucket, in place of an earlier one. */
export async function putJson(s3: S3Client, bucket: string, key: string, value: object): Promise<void> {
  const body = `${JSON.stringify(value)}\n`;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json" }));
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
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return JSON.parse(await Body!.transformToString()) as T; // GetObject has a body
}

/** Whether an object is there, asked by its name: S3 answers "denied" to who reads a missing object without the right to list all. */
export async function exists(s3: S3Client, bucket: string, key: string): Promise<boolean> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }));
  return Contents[0]?.Key === key;
}
