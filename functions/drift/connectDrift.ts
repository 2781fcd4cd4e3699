import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { openTable } from "../../shared/aws/table.ts";
import { deployedAssay } from "../deployedAssay.ts";
import { variable } from "../environment.ts";
import type { DriftDeps } from "./watch.ts";

/** What every task of the drift workflow works with. */
export function connectDrift(env: NodeJS.ProcessEnv): DriftDeps {
  return {
    assay: deployedAssay(),
    table: openTable(new DynamoDBClient(), variable(env, "TABLE_NAME")),
    s3: new S3Client(),
    resultsBucket: variable(env, "RESULTS_BUCKET"),
    nowMs: () => Date.now(),
  };
}
