import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";

/** Writes a small object of the results bucket, in place of an earlier one. */
export async function putJson(s3: S3Client, bucket: string, key: string, value: object): Promise<void> {
  const body = `${JSON.stringify(value)}\n`;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json" }));
}
