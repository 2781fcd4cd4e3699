import { type CloudFormationClient, DescribeStackResourcesCommand, GetTemplateCommand } from "@aws-sdk/client-cloudformation";
import { DeleteObjectsCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import type { Resources } from "./cloudformation.ts";

/** Buckets of data that the stack makes. One that it only listens to is none of them, whatever it is called. */
const dataBuckets = ["CaptureBucket", "ResultsBucket"];

/**
 * Empties the buckets that a deployed stack says are to go with it, since CloudFormation deletes only empty ones. The stack's word counts,
 * not that of assay.yml as it is now: what was deployed to stay stays.
 * @returns the names of the buckets that were emptied
 */
export async function emptyWhatGoes(cloudformation: CloudFormationClient, s3: S3Client, StackName: string): Promise<string[]> {
  const { TemplateBody } = await cloudformation.send(new GetTemplateCommand({ StackName }));
  const { Resources } = JSON.parse(TemplateBody!) as { Resources: Resources };
  const goes = (id: string) => {
    const { Type, DeletionPolicy } = Resources[id] ?? {};
    return dataBuckets.includes(id) && Type === "AWS::S3::Bucket" && DeletionPolicy === "Delete";
  };
  const { StackResources = [] } = await cloudformation.send(new DescribeStackResourcesCommand({ StackName }));
  const buckets = StackResources.flatMap(({ LogicalResourceId, PhysicalResourceId }) =>
    PhysicalResourceId !== undefined && goes(LogicalResourceId!) ? [PhysicalResourceId] : [],
  );
  for (const Bucket of buckets) {
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
      const Objects = Contents.map(({ Key }) => ({ Key: Key! }));
      if (Objects.length === 0) continue;
      const { Errors: [refused] = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      if (refused) throw new Error(`${Bucket} cannot be emptied (${refused.Code}). Nothing was removed but objects of it.`);
    }
  }
  return buckets;
}
