import type { Resources } from "./cloudformation.ts";

/** Claims, frozen sampling policies, findings, locks and remediation records: shared/aws/table.ts says under which keys. */
export function table(stage: string): Resources {
  return {
    Table: {
      Type: "AWS::DynamoDB::Table",
      Properties: {
        TableName: `assay-${stage}`,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
        ],
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    },
  };
}
