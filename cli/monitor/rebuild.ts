import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { CannotRebuild, type Rebuilt, rebuildMonitor } from "../../shared/aws/rebuildMonitor.ts";
import { openTable } from "../../shared/aws/table.ts";
import type { Assay } from "../../shared/config/assay.ts";
import { watchedSettings } from "../baseline/inStack.ts";
import { WrongUse } from "../exit.ts";
import { inAws, stackOutputs } from "../stack.ts";

/** Rebuilds the monitors of a deployed stage. @throws WrongUse with what to do instead */
export async function rebuildInStack(stage: string, endpoints: readonly string[], assay: Assay): Promise<Rebuilt[]> {
  const { ResultsBucketName, TableName } = await stackOutputs(stage, ["ResultsBucketName", "TableName"]);
  const store = { table: openTable(new DynamoDBClient(), TableName), s3: new S3Client(), resultsBucket: ResultsBucketName };
  const rebuilt: Rebuilt[] = [];
  for (const endpoint of endpoints) {
    const settings = watchedSettings(assay, endpoint);
    try {
      rebuilt.push(await inAws(`The monitor of ${endpoint}`, () => rebuildMonitor(endpoint, settings, store, Date.now())));
    } catch (error) {
      const { cause } = error as Error;
      throw cause instanceof CannotRebuild ? new WrongUse(cause.message, { cause }) : error;
    }
  }
  return rebuilt;
}
