import { createHash } from "node:crypto";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openJsonLines } from "../../../shared/aws/jsonLines.ts";
import { startWire, type Wire } from "../../functions/wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

/** Text that gzip cannot shorten much, so that an upload takes more than one part of 5 MiB. */
function* lines(count: number): Generator<{ i: number; noise: string }> {
  for (let i = 0; i < count; i++) {
    const noise = Array.from({ length: 40 }, (_, j) => createHash("sha256").update(`${i} ${j}`).digest("base64")).join("");
    yield { i, noise };
  }
}

test("an object of several parts holds every line in order, and the same lines make the same bytes", async () => {
  const { s3, resultsBucket } = await wire.fresh();
  for (const key of ["a.gz", "b.gz"]) {
    const object = openJsonLines(s3, resultsBucket, key);
    for (const line of lines(5_000)) await object.write(line);
    await object.close();
  }
  const { "a.gz": text } = await wire.objects(resultsBucket);
  const read = text!
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).i);
  expect(read).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
  const digests = await Promise.all(
    ["a.gz", "b.gz"].map(async (Key) => {
      const { Body, ContentLength } = await s3.send(new GetObjectCommand({ Bucket: resultsBucket, Key }));
      expect(ContentLength).toBeGreaterThan(5 * 1024 * 1024);
      return createHash("sha256")
        .update(await Body!.transformToByteArray())
        .digest("hex");
    }),
  );
  expect(digests[0]).toBe(digests[1]);
});

test.each([
  { it: "while lines are still being written", count: 5_000 },
  { it: "on closing", count: 1 },
])("a failed upload is thrown with S3's own reason $it", async ({ count }) => {
  const { s3 } = await wire.fresh();
  const object = openJsonLines(s3, "no-such-bucket", "a.gz");
  const writing = async () => {
    for (const line of lines(count)) await object.write(line);
    await object.close();
  };
  await expect(writing()).rejects.toMatchObject({ name: "NoSuchBucket" });
});

test("an abandoned object does not come to be", async () => {
  const { s3, resultsBucket } = await wire.fresh();
  const object = openJsonLines(s3, resultsBucket, "a.gz");
  for (const line of lines(10)) await object.write(line);
  object.abandon();
  await expect(object.close()).rejects.toThrow();
  expect(await wire.objects(resultsBucket)).toEqual({});
});
