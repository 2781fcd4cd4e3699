import { z } from "zod";
import { defineResource, flag, integer, tags } from "../resource.ts";

const status = z.enum(["Enabled", "Disabled"]);
const lifecycleRule = z.strictObject({
  Id: z.string().optional(),
  Status: status,
  Prefix: z.string().default(""),
  ExpirationInDays: integer.optional(),
  NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: integer }).optional(),
  AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: integer }).optional(),
});
const encryptionRule = z.strictObject({
  ServerSideEncryptionByDefault: z
    .strictObject({ SSEAlgorithm: z.literal("AES256", "is not honoured: there are no keys but S3's own") })
    .optional(),
  BucketKeyEnabled: flag.optional(),
});
const schema = z.strictObject({
  BucketName: z.string().optional(),
  BucketEncryption: z.strictObject({ ServerSideEncryptionConfiguration: z.array(encryptionRule) }).optional(),
  PublicAccessBlockConfiguration: z
    .strictObject({
      BlockPublicAcls: flag.optional(),
      BlockPublicPolicy: flag.optional(),
      IgnorePublicAcls: flag.optional(),
      RestrictPublicBuckets: flag.optional(),
    })
    .optional(),
  LifecycleConfiguration: z.strictObject({ Rules: z.array(lifecycleRule) }).optional(),
  VersioningConfiguration: z.strictObject({ Status: z.enum(["Enabled", "Suspended"]) }).optional(),
  NotificationConfiguration: z
    .strictObject({ EventBridgeConfiguration: z.strictObject({ EventBridgeEnabled: flag.default(true) }) })
    .optional(),
  OwnershipControls: z
    .strictObject({
      Rules: z.array(z.strictObject({ ObjectOwnership: z.literal("BucketOwnerEnforced", "is not honoured: there are no ACLs") })),
    })
    .optional(),
  Tags: tags,
});
type Bucket = z.output<typeof schema>;
type Put = { property: keyof Bucket; put: string; delete: string | null; input(properties: Bucket): Record<string, unknown> };

const puts: readonly Put[] = [
  {
    property: "BucketEncryption",
    put: "PutBucketEncryption",
    delete: "DeleteBucketEncryption",
    input: ({ BucketEncryption }) => ({
      ServerSideEncryptionConfiguration: {
        Rules: BucketEncryption?.ServerSideEncryptionConfiguration.map(({ ServerSideEncryptionByDefault, ...rest }) => ({
          ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault,
          ...rest,
        })),
      },
    }),
  },
  {
    property: "PublicAccessBlockConfiguration",
    put: "PutPublicAccessBlock",
    delete: "DeletePublicAccessBlock",
    input: ({ PublicAccessBlockConfiguration }) => ({ PublicAccessBlockConfiguration }),
  },
  {
    property: "LifecycleConfiguration",
    put: "PutBucketLifecycleConfiguration",
    delete: "DeleteBucketLifecycleConfiguration",
    input: ({ LifecycleConfiguration }) => ({
      LifecycleConfiguration: {
        Rules: LifecycleConfiguration?.Rules.map(({ Id, Prefix, ExpirationInDays, ...rest }) => ({
          ...(Id === undefined ? {} : { ID: Id }),
          Filter: { Prefix },
          ...(ExpirationInDays === undefined ? {} : { Expiration: { Days: ExpirationInDays } }),
          ...rest,
        })),
      },
    }),
  },
  {
    property: "VersioningConfiguration",
    put: "PutBucketVersioning",
    delete: null,
    input: ({ VersioningConfiguration }) => ({ VersioningConfiguration: VersioningConfiguration ?? { Status: "Suspended" } }),
  },
  {
    property: "NotificationConfiguration",
    put: "PutBucketNotificationConfiguration",
    delete: null,
    input: ({ NotificationConfiguration }) => ({
      NotificationConfiguration: NotificationConfiguration?.EventBridgeConfiguration.EventBridgeEnabled
        ? { EventBridgeConfiguration: {} }
        : {},
    }),
  },
];

export const bucket = defineResource({
  type: "AWS::S3::Bucket",
  schema,
  replacedBy: ["BucketName"],
  async create({ BucketName }, { call, generateName, world: { region } }) {
    const Bucket = BucketName ?? generateName(63).toLowerCase();
    await call("s3", "CreateBucket", { Bucket });
    const attributes = {
      Arn: `arn:aws:s3:::${Bucket}`,
      DomainName: `${Bucket}.s3.amazonaws.com`,
      RegionalDomainName: `${Bucket}.s3.${region}.amazonaws.com`,
    };
    return { physicalId: Bucket, attributes };
  },
  async configure(properties, { physicalId: Bucket }, { call }, before) {
    for (const { property, put, delete: remove, input } of puts) {
      if (properties[property] !== undefined) await call("s3", put, { Bucket, ...input(properties) });
      else if (before?.[property] !== undefined)
        await (remove ? call("s3", remove, { Bucket }) : call("s3", put, { Bucket, ...input(properties) }));
    }
  },
  remove: async (_, { physicalId: Bucket }, { call }) => void (await call("s3", "DeleteBucket", { Bucket })),
});
