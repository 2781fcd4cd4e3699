import { readFile } from "node:fs/promises";
import { WrongUse } from "../exit.ts";
import { fileReason } from "../reasons.ts";
import { inAws } from "../stack.ts";

/** The bytes of a golden set. @param golden a file, or `s3://bucket/key`. @throws WrongUse where it cannot be read */
export async function readGoldenSet(golden: string): Promise<Uint8Array> {
  if (!golden.startsWith("s3://")) {
    return readFile(golden).catch((error: unknown) => {
      throw new WrongUse(`${golden} cannot be read: ${fileReason(error)}.`);
    });
  }
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(golden) ?? [];
  if (!Bucket || !Key) throw new WrongUse(`${golden} names no object: s3://bucket/key is expected.`);
  const { GetObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  return inAws(golden, async () => {
    const { Body } = await new S3Client().send(new GetObjectCommand({ Bucket, Key }));
    return Body!.transformToByteArray(); // GetObject has a body
  });
}

/** A set as what reads one expects it: in pieces. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
