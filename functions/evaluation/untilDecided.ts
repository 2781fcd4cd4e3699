import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { atOnce } from "../../shared/aws/atOnce.ts";
import { exists, keysUnder, putJsonOnce, readJson } from "../../shared/aws/results.ts";
import type { ItemPointer } from "../../shared/evaluation/goldenSet.ts";
import { evaluationKeys } from "../../shared/evaluation/keys.ts";
import type { Plan } from "../../shared/evaluation/plan.ts";
import { type ItemResult, isFinished } from "../../shared/evaluation/result.ts";
import { isDecided, lookAt } from "../../shared/evaluation/untilDecided.ts";

type Deps = { s3: S3Client; resultsBucket: string };

/** Reads at once: enough to hide the way to S3, few enough for one connection pool. */
const readsAtOnce = 25;

/** Whether an evaluation that may stop early is decided, so that nobody is asked any more. */
export async function mayStop({ id, untilDecided }: Plan, { s3, resultsBucket }: Deps): Promise<boolean> {
  return untilDecided && exists(s3, resultsBucket, evaluationKeys(id).decided);
}

/**
 * Looks whether the items that are finished decide the comparison, each time that there are a fifth more. What counts is the unbroken
 * beginning of the order in which they are asked: what is answered soonest is not what is asked at random. Where an item stays away, nothing stops
 * early. One batch makes each look; one that dies over it leaves it to the next.
 */
export async function lookWhetherDecided(plan: Plan, { s3, resultsBucket }: Deps): Promise<void> {
  if (!plan.untilDecided) return;
  const keys = evaluationKeys(plan.id);
  const present = new Set(await keysUnder(s3, resultsBucket, keys.items));
  const look = lookAt(present.size);
  if (look === null || !(await putJsonOnce(s3, resultsBucket, keys.look(look), {}))) return;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: resultsBucket, Key: keys.pointers }));
  const lines = (await Body!.transformToString()).trim().split("\n"); // GetObject has a body
  const order = lines.map((line) => keys.item((JSON.parse(line) as ItemPointer).id));
  const firstMissing = order.findIndex((key) => !present.has(key));
  const begun = await atOnce(readsAtOnce, firstMissing < 0 ? order : order.slice(0, firstMissing), (key) =>
    readJson<ItemResult>(s3, resultsBucket, key),
  );
  const firstUnfinished = begun.findIndex((item) => !isFinished(item));
  const items = firstUnfinished < 0 ? begun : begun.slice(0, firstUnfinished);
  if (isDecided(items, plan)) await putJsonOnce(s3, resultsBucket, keys.decided, { items: items.length });
}
