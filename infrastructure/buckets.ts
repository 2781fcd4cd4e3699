import type { Captures } from "../shared/config/assay.ts";
import { arnOf, type Resource, type Resources, ref, sub, tlsOnly, type Value } from "./cloudformation.ts";

/** Captured text leaves first. A month is enough to replay what lay in a dead-letter queue (14 days) and to look into a finding. */
const captureDays = 30;
/** A quarantine entry points into a capture, and means nothing without it. */
const quarantineDays = captureDays;
/**
 * A year and a month: this season can be compared with the last one. Scores and counts; text only under
 * evaluations/: golden sets, which somebody wrote to be asked, and the answers to them.
 */
const resultDays = 400;

/** The bucket that SageMaker writes captures to, and the one that Assay writes results to. */
export function buckets({ bucket }: Captures, stage: string): Resources {
  return {
    ...privateBucket(
      "CaptureBucket",
      bucket ?? sub(`assay-${stage}-captures-\${AWS::AccountId}`),
      [expiry("captures", "", captureDays)],
      { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } },
    ),
    ...privateBucket(
      "ResultsBucket",
      sub(`assay-${stage}-results-\${AWS::AccountId}`),
      [expiry("quarantine", "quarantine/", quarantineDays), expiry("results", "", resultDays)],
      {},
    ),
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

/** A bucket that is not empty is not deleted with the stack: the removal stops and says so, and nothing captured is lost by it. */
function privateBucket(id: string, name: Value, rules: object[], properties: Record<string, unknown>): Record<string, Resource> {
  return {
    [id]: {
      Type: "AWS::S3::Bucket",
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
