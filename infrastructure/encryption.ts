import { type Resource, type Resources, sub, type Value } from "./cloudformation.ts";
import { allow, type Statement } from "./roles.ts";

/** What a role's calls to a service take of the key that the service encrypts by. Source: each service's user guide, "Encryption at rest" */
const keyActions: Readonly<Record<string, readonly string[]>> = {
  s3: ["kms:Decrypt", "kms:GenerateDataKey"],
  sqs: ["kms:Decrypt", "kms:GenerateDataKey"],
  sns: ["kms:Decrypt", "kms:GenerateDataKey"],
  dynamodb: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"],
};

/**
 * The same resources, encrypted by a customer's key: buckets, queues, table and topic, and every role that uses one of them may use the
 * key, through that service only. What EventBridge needs to reach the encrypted queue, and CloudWatch the
 * topic, only the key's own policy can give: docs/deploying.md.
 * @param keyArn `null`: by the services' own keys, as they are
 */
export function encryptedBy(keyArn: string | null, resources: Resources): Resources {
  if (keyArn === null) return resources;
  return Object.fromEntries(Object.entries(resources).map(([id, resource]) => [id, encrypted(resource, keyArn)]));
}

function encrypted(resource: Resource, keyArn: string): Resource {
  const { Type, Properties } = resource;
  const having = (properties: Record<string, unknown>): Resource => ({
    ...resource,
    Properties: { ...Properties, ...properties },
  });
  switch (Type) {
    case "AWS::S3::Bucket": {
      const ServerSideEncryptionByDefault = { SSEAlgorithm: "aws:kms", KMSMasterKeyID: keyArn };
      // A key of the bucket's own, derived for a while: else every object is a request to KMS.
      const rule = { ServerSideEncryptionByDefault, BucketKeyEnabled: true };
      return having({ BucketEncryption: { ServerSideEncryptionConfiguration: [rule] } });
    }
    case "AWS::SQS::Queue": {
      const { SqsManagedSseEnabled: _, ...properties } = Properties;
      return { ...resource, Properties: { ...properties, KmsMasterKeyId: keyArn } };
    }
    case "AWS::SNS::Topic":
      return having({ KmsMasterKeyId: keyArn });
    case "AWS::DynamoDB::Table":
      return having({ SSESpecification: { SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: keyArn } });
    case "AWS::IAM::Role":
      return having({
        Policies: [...(Properties.Policies as Policy[]), ...throughServices(Properties.Policies as Policy[], keyArn)],
      });
    default:
      return resource;
  }
}

type Policy = { PolicyName: string; PolicyDocument: { Version: string; Statement: Statement[] } };

function throughServices(policies: readonly Policy[], keyArn: string): Policy[] {
  const used = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action));
  const services = Object.keys(keyActions).filter((service) => used.some((action) => action.startsWith(`${service}:`)));
  if (services.length === 0) return [];
  const statements = services.map((service): Statement => {
    const via: Value = sub(`${service}.\${AWS::Region}.amazonaws.com`);
    return { ...allow(keyArn, ...keyActions[service]!), Condition: { StringEquals: { "kms:ViaService": via } } };
  });
  return [{ PolicyName: "key", PolicyDocument: { Version: "2012-10-17", Statement: statements } }];
}
