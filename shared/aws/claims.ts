import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type CaptureObject, claimLifetimeSeconds, claimRetentionDays, objectIdOf } from "../monitoring/claim.ts";
import { windowOf } from "../monitoring/windows.ts";
import { expiry, keys, type Table } from "./table.ts";

/** `held`: the object is ours to process until the claim expires. `finished`: it is in the books already. */
export type Claim = { state: "held"; objectId: string; window: string } | { state: "finished"; objectId: string };

/** Another invocation is processing the object, or died less than a claim's lifetime ago. The message must come again. */
class ClaimedElsewhere extends Error {
  override readonly name = "ClaimedElsewhere";
}

/**
 * Claims a capture object. The first claim fixes its window, by the time of the event; every later one gets that window.
 * @param endpoint whose capture it is; while the claim is open, it holds back the endpoint's window (see openClaims.ts)
 * @param owner names this attempt: the same owner may claim again, since the SDK repeats a call whose answer got lost
 * @throws ClaimedElsewhere
 */
export async function claimCapture(
  table: Table,
  object: CaptureObject,
  endpoint: string,
  owner: string,
  nowMs: number,
): Promise<Claim> {
  const objectId = objectIdOf(object);
  const update = new UpdateCommand({
    TableName: table.name,
    Key: keys.claim(objectId),
    UpdateExpression:
      "SET #state = :open, #owner = :owner, expiresAtMs = :expiresAtMs, #window = if_not_exists(#window, :window), " +
      "#ttl = if_not_exists(#ttl, :ttl), #bucket = :bucket, #key = :key, " +
      "openEndpoint = :endpoint, openWindow = if_not_exists(#window, :window)",
    ConditionExpression: "attribute_not_exists(pk) OR (#state = :open AND (expiresAtMs <= :now OR #owner = :owner))",
    ExpressionAttributeNames: {
      "#state": "state",
      "#owner": "owner",
      "#window": "window",
      "#ttl": "ttl",
      "#bucket": "bucket",
      "#key": "key",
    },
    ExpressionAttributeValues: {
      ":open": "open",
      ":endpoint": endpoint,
      ":owner": owner,
      ":now": nowMs,
      ":expiresAtMs": nowMs + claimLifetimeSeconds * 1000,
      ":window": windowOf(object.createdAtMs),
      ":ttl": expiry(nowMs, claimRetentionDays),
      ":bucket": object.bucket,
      ":key": object.key,
    },
    ReturnValues: "ALL_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  try {
    const { Attributes } = await table.client.send(update);
    return { state: "held", objectId, window: Attributes!.window as string };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // The document client does not translate items of exceptions: this one is in DynamoDB's own notation.
    if (error.Item?.state?.S === "finished") return { state: "finished", objectId };
    throw new ClaimedElsewhere(`s3://${object.bucket}/${object.key} is being processed elsewhere. Its message comes again.`, {
      cause: error,
    });
  }
}

/** Says that everything about the object is written. From now on a repeat does nothing. */
export async function finishClaim(table: Table, objectId: string, nowMs: number): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.claim(objectId),
      UpdateExpression: "SET #state = :finished, finishedAtMs = :now REMOVE openEndpoint, openWindow",
      ConditionExpression: "attribute_exists(pk)",
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: { ":finished": "finished", ":now": nowMs },
    }),
  );
}
