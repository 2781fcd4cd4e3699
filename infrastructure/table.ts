import type { Assay } from "../shared/config/assay.ts";
import { keptOn, type Resources } from "./cloudformation.ts";

/** Claims, frozen sampling policies, findings, locks and remediation records: shared/aws/table.ts says under which keys. */
export function table({ deployment }: Assay, stage: string): Resources {
  return {
    Table: {
      Type: "AWS::DynamoDB::Table",
      ...keptOn(deployment.removal),
      Properties: {
        TableName: `assay-${stage}`,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
          { AttributeName: "openEndpoint", AttributeType: "S" },
          { AttributeName: "openWindow", AttributeType: "S" },
        ],
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        GlobalSecondaryIndexes: [
          {
            // Sparse: only a claim that is open has these attributes, so it is as small as what is in flight.
            IndexName: "openClaims",
            KeySchema: [
              { AttributeName: "openEndpoint", KeyType: "HASH" },
              { AttributeName: "openWindow", KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "KEYS_ONLY" },
          },
        ],
        TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    },
  };
}
