import { createRequire } from "node:module";
import db, { type Store } from "dynalite/db/index.js";
import validations from "dynalite/validations/index.js";
import { awsErrorIn } from "./inProcess.ts";
import { AwsError, type Operation, type Part } from "./world.ts";

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

type Answer = Record<string, unknown>;
type Dynalite = {
  act: (store: Store, input: object, done: (error: object | null, answer?: Answer) => void) => void;
  checks: { types: object; custom: unknown };
};
const require = createRequire(import.meta.url);
/** As its own server does, without the server: most calls of the stack are to the table, and HTTP was the larger half of each. */
const dynalite = new Map<string, Dynalite>(
  answeredByDynalite.map((name) => {
    const file = name[0]!.toLowerCase() + name.slice(1);
    return [name, { act: require(`dynalite/actions/${file}`), checks: require(`dynalite/validations/${file}`) }];
  }),
);

/** @throws AwsError, where dynalite says what is wrong */
function askDynalite(store: Store, operation: string, input: Record<string, unknown>): Promise<Answer> {
  const { act, checks } = dynalite.get(operation)!; // only names of `answeredByDynalite` are asked
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown) => {
      const { statusCode, body } = error as { statusCode?: number; body?: Answer };
      reject(statusCode === undefined || body === undefined ? error : awsErrorIn(body, statusCode));
    };
    try {
      const checked = validations.checkTypes(structuredClone(input), checks.types);
      validations.checkValidations(checked, checks.types, checks.custom, store);
      act(store, checked, (error, answer) => (error ? refuse(error) : resolve(answer!))); // without an error there is an answer
    } catch (error) {
      refuse(error);
    }
  });
}

const writesOfTransactions = { Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem" } as const;
/** How long a client's token names a transaction, and how many actions one has. Source: API reference, TransactWriteItems. */
const tokenLifetimeMs = 600_000;
const mostActions = 100;

type Item = Record<string, unknown>;
/** One action of a transaction, its request without what only transactions know, and the item as it was before. */
type Action = { kind: string; request: Item; key: Item; before: Item | undefined; wantsOld: boolean };
type Reason = { Code: string; Message?: string; Item?: unknown };

/** DynamoDB is dynalite, in process; what it lacks (transactions, TTL, backups, the old item of a failed condition) is answered here. */
export function createDynamoDb(): Part {
  const store = db.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const forward = (operation: string, input: Record<string, unknown>) => askDynalite(store, operation, input);
  const timeToLive = new Map<string, Record<string, unknown>>();

  // dynalite ignores ReturnValuesOnConditionCheckFailure, so the item is read before anybody else may write; and nobody may see
  // half a transaction.
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

  async function transact(actions: readonly Action[]): Promise<Record<string, never>> {
    const done: Action[] = [];
    const reasons: Reason[] = [];
    try {
      // Each item is in one action only, so that each condition is judged by itself and all that fail are named, as on AWS.
      for (const action of actions) {
        try {
          await attempt(action);
          done.push(action);
          reasons.push({ Code: "None" });
        } catch (error) {
          if (!(error instanceof AwsError) || error.code !== "ConditionalCheckFailedException") throw error;
          const old = action.wantsOld && action.before ? { Item: action.before } : {};
          reasons.push({ Code: "ConditionalCheckFailed", Message: error.message, ...old });
        }
      }
    } catch (error) {
      await restore(done);
      throw error;
    }
    if (done.length === actions.length) return {};
    await restore(done);
    const codes = reasons.map(({ Code }) => Code).join(", ");
    throw new AwsError(
      "TransactionCanceledException",
      `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      400,
      { CancellationReasons: reasons },
    );
  }

  /** A check writes what is there, or deletes what is not: under its condition, that is. */
  async function attempt({ kind, request, key, before }: Action): Promise<void> {
    if (kind !== "ConditionCheck") {
      await forward(writesOfTransactions[kind as keyof typeof writesOfTransactions], request);
    } else if (before) {
      const { Key: _, ...check } = request;
      await forward("PutItem", { ...check, Item: before });
    } else await forward("DeleteItem", { ...request, Key: key });
  }

  async function restore(done: readonly Action[]): Promise<void> {
    for (const { request, key, before } of done) {
      const { TableName } = request;
      await (before ? forward("PutItem", { TableName, Item: before }) : forward("DeleteItem", { TableName, Key: key }));
    }
  }

  async function actionsIn(input: Item): Promise<Action[]> {
    const items = (input.TransactItems ?? []) as Record<string, Item>[];
    if (items.length === 0 || items.length > mostActions)
      throw new AwsError("ValidationException", `A transaction has 1 to ${mostActions} actions; this one has ${items.length}.`);
    const actions: Action[] = [];
    for (const item of items) {
      const [[kind, given] = ["", {}], ...others] = Object.entries(item);
      if (others.length > 0 || (kind !== "ConditionCheck" && !(kind in writesOfTransactions)))
        throw new AwsError("ValidationException", "Each of TransactItems is one of Put, Update, Delete and ConditionCheck.");
      const { ReturnValuesOnConditionCheckFailure, ...request } = given;
      const key = (request.Key ?? (await keyOf(request))) as Item;
      const { Item: before } = await forward("GetItem", { TableName: request.TableName, Key: key, ConsistentRead: true });
      actions.push({ kind, request, key, before: before as Item, wantsOld: ReturnValuesOnConditionCheckFailure === "ALL_OLD" });
    }
    const names = new Set(actions.map(({ request, key }) => JSON.stringify([request.TableName, Object.entries(key).sort()])));
    if (names.size < actions.length)
      throw new AwsError("ValidationException", "Transaction request cannot include multiple operations on one item");
    return actions;
  }

  async function keyOf(put: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { Table } = (await forward("DescribeTable", { TableName: put.TableName })) as {
      Table: { KeySchema: { AttributeName: string }[] };
    };
    const item = put.Item as Record<string, unknown>;
    return Object.fromEntries(Table.KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]));
  }

  const operations: Record<string, Operation> = Object.fromEntries(
    answeredByDynalite.map((name) => [name, (input: Record<string, unknown>) => exclusively(() => forward(name, input))]),
  );
  for (const name of ["PutItem", "UpdateItem", "DeleteItem"]) operations[name] = write(name);

  // The answer to a transaction may get lost; its token keeps the repeat from doing it again.
  const tokens = new Map<string, { input: string; atMs: number }>();
  operations.TransactWriteItems = ({ ClientRequestToken, ...input }) =>
    exclusively(async () => {
      const token = typeof ClientRequestToken === "string" ? ClientRequestToken : null;
      const known = token === null ? undefined : tokens.get(token);
      if (known && Date.now() - known.atMs < tokenLifetimeMs) {
        if (known.input === JSON.stringify(input)) return {};
        throw new AwsError("IdempotentParameterMismatchException", "The token was used for another transaction.");
      }
      const answer = await transact(await actionsIn(input));
      if (token !== null) tokens.set(token, { input: JSON.stringify(input), atMs: Date.now() });
      return answer;
    });
  operations.TransactGetItems = (input) =>
    exclusively(async () => {
      const Responses: Item[] = [];
      for (const { Get } of (input.TransactItems ?? []) as { Get: Item }[]) {
        Responses.push(await forward("GetItem", { ...Get, ConsistentRead: true }));
      }
      return { Responses };
    });

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
