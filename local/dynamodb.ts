import type { RequestListener } from "node:http";
import dynalite from "dynalite";
import { askJson } from "./inProcess.ts";
import { AwsError, type Operation, type Part, type World } from "./world.ts";

const answeredByDynalite = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
] as const;

/** DynamoDB is dynalite, in process; what it lacks (TTL, backups, the old item of a failed condition) is answered here. */
export function createDynamoDb(world: World): Part {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const listener: RequestListener = (request, response) => void server.emit("request", request, response);
  const forward = (operation: string, input: Record<string, unknown>) =>
    askJson(listener, "dynamodb", `DynamoDB_20120810.${operation}`, world.region, input);
  const timeToLive = new Map<string, Record<string, unknown>>();

  // dynalite ignores ReturnValuesOnConditionCheckFailure, so the item is read before anybody else may write.
  let last: Promise<unknown> = Promise.resolve();
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };

  const write =
    (operation: string): Operation =>
    (input) =>
      exclusively(async () => {
        const { ReturnValuesOnConditionCheckFailure: wanted, ...rest } = input;
        try {
          return await forward(operation, rest);
        } catch (error) {
          if (!(error instanceof AwsError) || error.code !== "ConditionalCheckFailedException" || wanted !== "ALL_OLD")
            throw error;
          const Key = rest.Key ?? (await keyOf(rest));
          const { Item } = await forward("GetItem", { TableName: rest.TableName, Key, ConsistentRead: true });
          throw new AwsError(error.code, error.message, error.status, { ...error.extra, ...(Item ? { Item } : {}) });
        }
      });

  async function keyOf(put: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { Table } = (await forward("DescribeTable", { TableName: put.TableName })) as {
      Table: { KeySchema: { AttributeName: string }[] };
    };
    const item = put.Item as Record<string, unknown>;
    return Object.fromEntries(Table.KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]));
  }

  const operations: Record<string, Operation> = Object.fromEntries(
    answeredByDynalite.map((name) => [name, (input: Record<string, unknown>) => forward(name, input)]),
  );
  for (const name of ["PutItem", "UpdateItem", "DeleteItem"]) operations[name] = write(name);

  const tableNameOf = (input: Record<string, unknown>) => String(input.TableName);
  operations.UpdateTimeToLive = async (input) => {
    await forward("DescribeTable", { TableName: input.TableName });
    const TimeToLiveSpecification = input.TimeToLiveSpecification as Record<string, unknown>;
    timeToLive.set(tableNameOf(input), TimeToLiveSpecification);
    return { TimeToLiveSpecification };
  };
  operations.DescribeTimeToLive = (input) => {
    const set = timeToLive.get(tableNameOf(input));
    // Expired items stay readable, as they do on AWS for hours: code must compare the time itself.
    return {
      TimeToLiveDescription: { TimeToLiveStatus: set?.Enabled ? "ENABLED" : "DISABLED", AttributeName: set?.AttributeName },
    };
  };
  operations.UpdateContinuousBackups = async (input) => {
    await forward("DescribeTable", { TableName: input.TableName });
    return { ContinuousBackupsDescription: { ContinuousBackupsStatus: "ENABLED" } };
  };

  return { scope: "dynamodb", operations };
}
