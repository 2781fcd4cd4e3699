import type { Assay } from "../shared/config/assay.ts";
import type { Deployment } from "../shared/config/deploymentSchema.ts";
import { arnOf, frameworkIds, keptOn, type Resource, type Resources, ref, sub, tlsOnly, type Value } from "./cloudformation.ts";
import { allow, role } from "./roles.ts";

/** The bucket that SageMaker writes captures to, and the one that Assay writes results to. */
export function buckets({ captures: { bucket }, deployment }: Assay, stage: string): Resources {
  const { captureBucket, removal, retention } = deployment;
  const { capturesDays, quarantineDays, resultsDays } = retention;
  return {
    ...(captureBucket === "existing"
      ? existingBucket(bucket!) // the schema has it named
      : privateBucket(
          "CaptureBucket",
          bucket ?? sub(`assay-${stage}-captures-\${AWS::AccountId}`),
          [expiry("captures", "", capturesDays)],
          removal,
          { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } },
        )),
    ...privateBucket(
      "ResultsBucket",
      sub(`assay-${stage}-results-\${AWS::AccountId}`),
      [expiry("quarantine", "quarantine/", quarantineDays), expiry("results", "", resultsDays)],
      removal,
      {},
    ),
  };
}

/**
 * A bucket that was there before, and stays as it is but for one thing: that it sends its events to EventBridge. Its name is the
 * resource's, so that whatever refers to the capture bucket need not know which kind it is.
 */
function existingBucket(bucket: string): Resources {
  const arn = sub(`arn:\${AWS::Partition}:s3:::${bucket}`);
  return {
    CaptureBucket: {
      Type: "Custom::BucketEvents",
      Properties: {
        ServiceToken: arnOf(frameworkIds.bucketEvents.lambda),
        ServiceTimeout: 300, // of the function, whose retries would not be waited for; CloudFormation's own is an hour
        Bucket: bucket,
        Arn: arn,
      },
      // While the role has no policy yet, or none any more, the function could do nothing.
      DependsOn: ["BucketEventsRole"],
    },
    BucketEventsRole: role(frameworkIds.bucketEvents.logs, [
      allow(arn, "s3:GetBucketNotification", "s3:PutBucketNotification"),
      allow(arnOf("Table"), "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"), // whether it was us
    ]),
  };
}

/** An upload that a crash cut off is never completed: `sample` starts anew, and may not delete. */
const unfinishedUploads = {
  Id: "unfinished-uploads",
  Status: "Enabled",
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
};

function expiry(id: string, prefix: string, days: number) {
  return { Id: id, Status: "Enabled", ...(prefix ? { Prefix: prefix } : {}), ExpirationInDays: days };
}

/** Stays when the stack is removed, unless assay.yml says otherwise; then the plugin empties it, since one with objects cannot be deleted. */
function privateBucket(
  id: string,
  name: Value,
  rules: object[],
  removal: Deployment["removal"],
  properties: Record<string, unknown>,
): Record<string, Resource> {
  return {
    [id]: {
      Type: "AWS::S3::Bucket",
      ...keptOn(removal),
      Properties: {
        BucketName: name,
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
        LifecycleConfiguration: { Rules: [...rules, unfinishedUploads] },
        ...properties,
      },
    },
    [`${id}Policy`]: {
      Type: "AWS::S3::BucketPolicy",
      Properties: {
        Bucket: ref(id),
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [tlsOnly("s3:*", [arnOf(id), sub(`\${${id}.Arn}/*`)])],
        },
      },
    },
  };
}
