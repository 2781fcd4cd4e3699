import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Embedded, startEmbedded } from "../embeddedAws.ts";

const TableName = "ledger";
let aws: Embedded;
let dynamo: DynamoDBClient;
beforeAll(async () => {
  aws = await startEmbedded();
  dynamo = new DynamoDBClient(aws.client);
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    }),
  );
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 600, minDelay: 0.1, maxDelay: 1 }, { TableName });
});
afterAll(() => aws.stop());

const item = (pk: string, owner: string) => ({ pk: { S: pk }, owner: { S: owner } });

test.each([
  {
    it: "a put",
    write: new PutItemCommand({
      TableName,
      Item: item("claim", "second"),
      ConditionExpression: "attribute_not_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    }),
  },
  {
    it: "an update",
    write: new UpdateItemCommand({
      TableName,
      Key: { pk: { S: "claim" } },
      UpdateExpression: "SET #owner = :second",
      ConditionExpression: "#owner = :second",
      ExpressionAttributeNames: { "#owner": "owner" },
      ExpressionAttributeValues: { ":second": { S: "second" } },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    }),
  },
])("$it whose condition fails changes nothing, and tells what is there", async ({ write }) => {
  await dynamo.send(new PutItemCommand({ TableName, Item: item("claim", "first") }));
  const failed = await dynamo.send(write as PutItemCommand).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ConditionalCheckFailedException);
  expect((failed as ConditionalCheckFailedException).Item).toEqual(item("claim", "first"));
  const { Item } = await dynamo.send(new GetItemCommand({ TableName, Key: { pk: { S: "claim" } } }));
  expect(Item).toEqual(item("claim", "first"));
});

test("of many conditional puts at once one wins", async () => {
  const puts = await Promise.allSettled(
    Array.from({ length: 10 }, (_, n) =>
      dynamo.send(
        new PutItemCommand({ TableName, Item: item("race", String(n)), ConditionExpression: "attribute_not_exists(pk)" }),
      ),
    ),
  );
  expect(puts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("the attribute of the time to live is kept and told", async () => {
  const TimeToLiveSpecification = { AttributeName: "ttl", Enabled: true };
  await dynamo.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(TimeToLiveDescription).toEqual({ AttributeName: "ttl", TimeToLiveStatus: "ENABLED" });
});
