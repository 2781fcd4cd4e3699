import { beforeEach, expect, jest, test } from "@jest/globals";
import { createDynamoDb } from "../../local/dynamodb.ts";

type Input = Record<string, unknown>;
let ask: (operation: string, input: Input) => Promise<Input>;
const TableName = "table";
const Key = (k: string) => ({ k: { S: k } });
const item = (k: string, n: number) => ({ ...Key(k), n: { N: String(n) } });
const numbers = async () => {
  const { Items } = (await ask("Scan", { TableName })) as { Items: { k: { S: string }; n: { N: string } }[] };
  return Object.fromEntries(Items.map(({ k, n }) => [k.S, Number(n.N)]));
};
const transact = (TransactItems: Input[], more: Input = {}) => ask("TransactWriteItems", { TransactItems, ...more });

beforeEach(async () => {
  const { operations } = createDynamoDb();
  ask = async (operation, input) => operations[operation]!(input, { principal: { kind: "admin" }, requestId: "r" });
  await ask("CreateTable", {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "k", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "k", KeyType: "HASH" }],
  });
  const isActive = async () => {
    const { Table } = (await ask("DescribeTable", { TableName })) as { Table: { TableStatus: string } };
    return Table.TableStatus === "ACTIVE";
  };
  while (!(await isActive())) await new Promise(setImmediate);
  for (const [k, n] of [
    ["a", 1],
    ["b", 2],
  ] as const)
    await ask("PutItem", { TableName, Item: item(k, n) });
});

const put = (k: string, n: number, condition?: string) => ({
  Put: { TableName, Item: item(k, n), ...(condition ? { ConditionExpression: condition } : {}) },
});
const add = (k: string, by: number, condition?: string) => ({
  Update: {
    TableName,
    Key: Key(k),
    UpdateExpression: "SET n = n + :by",
    ExpressionAttributeValues: { ":by": { N: String(by) } },
    ...(condition ? { ConditionExpression: condition } : {}),
  },
});
const remove = (k: string) => ({ Delete: { TableName, Key: Key(k) } });
const check = (k: string, condition: string) => ({ ConditionCheck: { TableName, Key: Key(k), ConditionExpression: condition } });
const there = "attribute_exists(k)";
const absent = "attribute_not_exists(k)";

test.each([
  { it: "puts, updates and deletes", actions: [put("c", 3), add("a", 10), remove("b")], leaves: { a: 11, c: 3 } },
  { it: "checks what is there", actions: [put("c", 3), check("a", there)], leaves: { a: 1, b: 2, c: 3 } },
  { it: "checks what is not there", actions: [put("c", 3), check("d", absent)], leaves: { a: 1, b: 2, c: 3 } },
])("a transaction $it", async ({ actions, leaves }) => {
  expect(await transact(actions)).toEqual({});
  expect(await numbers()).toEqual(leaves);
});

const [none, failed] = [{ Code: "None" }, { Code: "ConditionalCheckFailed", Message: "The conditional request failed" }];
test.each([
  {
    it: "the last condition",
    actions: [put("c", 3), add("a", 10), remove("b"), put("d", 4, there)],
    reasons: [none, none, none, failed],
  },
  { it: "the first condition", actions: [put("a", 3, absent), add("b", 10)], reasons: [failed, none] },
  { it: "a check of what is there", actions: [add("a", 10), check("b", absent)], reasons: [none, failed] },
  { it: "a check of what is not there", actions: [add("a", 10), check("d", there)], reasons: [none, failed] },
  { it: "two, and names both", actions: [put("a", 3, absent), put("d", 4, there)], reasons: [failed, failed] },
])("nothing is left of a transaction that fails $it", async ({ actions, reasons }) => {
  await expect(transact(actions)).rejects.toMatchObject({
    code: "TransactionCanceledException",
    extra: { CancellationReasons: reasons },
  });
  expect(await numbers()).toEqual({ a: 1, b: 2 });
});

test("a failed condition shows the old item to who asks for it", async () => {
  const asking = { Put: { ...put("a", 3, absent).Put, ReturnValuesOnConditionCheckFailure: "ALL_OLD" } };
  await expect(transact([asking])).rejects.toMatchObject({
    extra: { CancellationReasons: [{ ...failed, Item: item("a", 1) }] },
  });
});

test.each([
  { it: "has nothing to do", actions: [], says: /1 to 100/ },
  { it: "names an item twice", actions: [put("a", 3), add("a", 1)], says: /multiple operations on one item/ },
  { it: "does what there is not", actions: [{ Get: { TableName, Key: Key("a") } }], says: /one of Put/ },
  { it: "has an expression that is none", actions: [add("b", 1), put("a", 3, "n <")], says: /Syntax error/ },
])("a transaction is refused that $it", async ({ actions, says }) => {
  await expect(transact(actions)).rejects.toMatchObject({ code: "ValidationException", message: expect.stringMatching(says) });
  expect(await numbers()).toEqual({ a: 1, b: 2 });
});

test("a token does a transaction once, for ten minutes, and no other", async () => {
  jest.useFakeTimers({ now: 0, doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "setTimeout", "setInterval"] });
  const ClientRequestToken = "t1";
  await transact([add("a", 1)], { ClientRequestToken });
  await transact([add("a", 1)], { ClientRequestToken });
  expect(await numbers()).toMatchObject({ a: 2 });
  await expect(transact([add("a", 2)], { ClientRequestToken })).rejects.toMatchObject({
    code: "IdempotentParameterMismatchException",
  });
  jest.setSystemTime(600_000);
  await transact([add("a", 1)], { ClientRequestToken });
  expect(await numbers()).toMatchObject({ a: 3 });
  jest.useRealTimers();
});

test("parallel transactions happen one after the other", async () => {
  const raise = () =>
    transact(
      [add("a", 1), add("b", 1, "n < :limit")].map((action, i) =>
        i === 0
          ? action
          : { Update: { ...action.Update, ExpressionAttributeValues: { ":by": { N: "1" }, ":limit": { N: "7" } } } },
      ),
    );
  const ended = await Promise.allSettled(Array.from({ length: 9 }, raise));
  expect(ended.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  expect(await numbers()).toEqual({ a: 6, b: 7 });
});

test("reads several items at once", async () =>
  expect(await ask("TransactGetItems", { TransactItems: ["a", "d"].map((k) => ({ Get: { TableName, Key: Key(k) } })) })).toEqual({
    Responses: [{ Item: item("a", 1) }, {}],
  }));
