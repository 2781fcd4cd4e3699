import { z } from "zod";
import { defineResource } from "../resource.ts";

export const bucketPolicy = defineResource({
  type: "AWS::S3::BucketPolicy",
  schema: z.strictObject({ Bucket: z.string(), PolicyDocument: z.record(z.string(), z.unknown()) }),
  replacedBy: ["Bucket"],
  create: async ({ Bucket }) => ({ physicalId: Bucket, attributes: {} }),
  configure: async ({ Bucket, PolicyDocument }, _, { call }) =>
    void (await call("s3", "PutBucketPolicy", { Bucket, Policy: JSON.stringify(PolicyDocument) })),
  remove: async ({ Bucket }, _, { call }) => void (await call("s3", "DeleteBucketPolicy", { Bucket })),
});
