import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import middy from "@middy/core";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { openTable } from "../../shared/aws/table.ts";
import { variable } from "../environment.ts";
import { change, respond } from "./change.ts";

const logger = new Logger({ serviceName: "bucketEvents" });
const s3 = new S3Client();
const table = openTable(new DynamoDBClient(), variable(process.env, "TABLE_NAME"));

/** CloudFormation waits for an answer to every request, also for that it failed. */
export const handler = middy(async (event: CloudFormationCustomResourceEvent): Promise<void> => {
  const answer = await change(event, s3, table);
  logger.info(answer.Status, { request: event.RequestType, bucket: answer.PhysicalResourceId });
  await respond(event.ResponseURL, answer);
}).use(injectLambdaContext(logger));
