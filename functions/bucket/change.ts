import type { S3Client } from "@aws-sdk/client-s3";
import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from "aws-lambda";
import * as z from "zod";
import { turnEventsOff, turnEventsOn } from "../../shared/aws/bucketEvents.ts";
import type { Table } from "../../shared/aws/table.ts";

const properties = z.looseObject({ Bucket: z.string(), Arn: z.string() });

/**
 * Does what CloudFormation asks about a bucket that is there already. The resource's physical id is the bucket's name: another name is another
 * resource, and CloudFormation asks for the deletion of the first one after the update.
 * @returns the answer; never throws, since CloudFormation would wait for it for as long as it waits
 */
export async function change(
  event: CloudFormationCustomResourceEvent,
  s3: S3Client,
  table: Table,
): Promise<CloudFormationCustomResourceResponse> {
  const { RequestId, StackId, LogicalResourceId } = event;
  const about = { RequestId, StackId, LogicalResourceId };
  const known = "PhysicalResourceId" in event ? event.PhysicalResourceId : String(event.ResourceProperties.Bucket);
  try {
    const { Bucket, Arn } = properties.parse(event.ResourceProperties);
    if (event.RequestType === "Delete") await turnEventsOff(s3, table, known);
    else await turnEventsOn(s3, table, Bucket);
    const PhysicalResourceId = event.RequestType === "Delete" ? known : Bucket;
    return { Status: "SUCCESS", ...about, PhysicalResourceId, Data: { Arn } };
  } catch (error) {
    const { name, message } = error as Error;
    const Reason = `The notifications of the bucket cannot be changed (${name}: ${message}). Is it there, in this account and region?`;
    return { Status: "FAILED", ...about, PhysicalResourceId: known, Reason };
  }
}

/** Puts the answer where CloudFormation reads it. @throws Error when that is refused: Lambda then invokes again, and the change repeats */
export async function respond(url: string, answer: CloudFormationCustomResourceResponse): Promise<void> {
  // The URL is signed for a request without a content type, which fetch would add.
  const { ok, status } = await fetch(url, { method: "PUT", headers: { "content-type": "" }, body: JSON.stringify(answer) });
  if (!ok) throw new Error(`CloudFormation does not take the answer (HTTP ${status}).`);
}
