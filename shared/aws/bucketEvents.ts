import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { keys, type Table } from "./table.ts";

/**
 * Where a bucket's notifications go now. The S3 API replaces them all at once, so whoever changes them gives back the rest.
 */
export async function readNotifications(s3: S3Client, Bucket: string): Promise<NotificationConfiguration> {
  const { $metadata: _, ...configuration } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  return configuration;
}

/**
 * Has a bucket send its events to EventBridge and keeps every other notification. That it was us is written down before, so that a crash in
 * between, and any repeat, leaves a bucket whose events we take back with the stack; one that sent them already is left alone.
 */
export async function turnEventsOn(s3: S3Client, table: Table, bucket: string): Promise<void> {
  const configuration = await readNotifications(s3, bucket);
  if (configuration.EventBridgeConfiguration !== undefined) return;
  await table.client.send(new PutCommand({ TableName: table.name, Item: keys.bucketEvents(bucket) }));
  await write(s3, bucket, { ...configuration, EventBridgeConfiguration: {} });
}

/** Takes back what `turnEventsOn` added, if it added it; a bucket that is gone needs nothing. */
export async function turnEventsOff(s3: S3Client, table: Table, bucket: string): Promise<void> {
  const Key = keys.bucketEvents(bucket);
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
  if (!Item) return;
  try {
    const { EventBridgeConfiguration, ...others } = await readNotifications(s3, bucket);
    if (EventBridgeConfiguration !== undefined) await write(s3, bucket, others);
  } catch (error) {
    if (!(error instanceof S3ServiceException && error.name === "NoSuchBucket")) throw error;
  }
  await table.client.send(new DeleteCommand({ TableName: table.name, Key }));
}

async function write(s3: S3Client, Bucket: string, configuration: NotificationConfiguration): Promise<void> {
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: configuration,
      // What others have S3 notify is theirs to keep working: a queue of theirs that is gone must not stop our deployment.
      SkipDestinationValidation: true,
    }),
  );
}
