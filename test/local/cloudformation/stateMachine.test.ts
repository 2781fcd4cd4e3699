import { expect, test } from "@jest/globals";
import { stateMachine } from "../../../local/cloudformation/resources/stateMachine.ts";
import { recordingWorld } from "../recordingWorld.ts";

const RoleArn = "arn:aws:iam::000000000000:role/machine";
const arn = "arn:aws:states:eu-west-1:000000000000:stateMachine:drift";

function resource() {
  const { world, calls } = recordingWorld({ "states:CreateStateMachine": () => ({ stateMachineArn: arn }) });
  const ctx = {
    world,
    stackName: "s",
    stackId: "i",
    logicalId: "Drift",
    call: (service: string, operation: string, input: Record<string, unknown>) => world.call(service, operation, input),
    generateName: () => "s-Drift-1",
  };
  return { calls, ctx };
}

test.each([
  { it: "an object", definition: { Definition: { Resource: "${F}", N: "${N}", Kept: "${Other}" } } },
  { it: "a text", definition: { DefinitionString: '{"Resource":"${F}","N":"${N}","Kept":"${Other}"}' } },
])("a definition that is $it has its substitutions filled in", async ({ definition }) => {
  const { calls, ctx } = resource();
  const properties = { ...definition, RoleArn, DefinitionSubstitutions: { F: 'arn:"f"', N: 3 }, StateMachineType: "STANDARD" };
  expect(await stateMachine.create(properties, ctx)).toEqual({ physicalId: arn, attributes: { Arn: arn, Name: "s-Drift-1" } });
  expect(calls.map(({ operation }) => operation)).toEqual(["CreateStateMachine"]);
  const { definition: text, ...rest } = calls[0]!.input;
  expect(JSON.parse(String(text))).toEqual({ Resource: 'arn:"f"', N: "3", Kept: "${Other}" });
  expect(rest).toEqual({ name: "s-Drift-1", roleArn: RoleArn, type: "STANDARD" });
});

test("a change is made in place, a new name is a new machine, and removal deletes it", async () => {
  const { calls, ctx } = resource();
  const [before, after] = ["{}", '{"a":1}'].map((DefinitionString) => ({ DefinitionString, RoleArn, StateMachineName: "drift" }));
  const made = { physicalId: arn, attributes: {} };
  await stateMachine.update(before, after, made, ctx);
  await stateMachine.remove(after, made, ctx);
  expect(calls.map(({ operation, input }) => ({ operation, input }))).toEqual([
    { operation: "UpdateStateMachine", input: { stateMachineArn: arn, definition: '{"a":1}', roleArn: RoleArn } },
    { operation: "DeleteStateMachine", input: { stateMachineArn: arn } },
  ]);
  expect(stateMachine.isReplacement(before, after, ctx)).toBe(false);
  expect(stateMachine.isReplacement(before, { ...before, StateMachineName: "other" }, ctx)).toBe(true);
});

test.each([
  { it: "no definition", properties: { RoleArn }, says: "either Definition or DefinitionString" },
  {
    it: "tracing",
    properties: { RoleArn, DefinitionString: "{}", TracingConfiguration: { Enabled: true } },
    says: "TracingConfiguration",
  },
  {
    it: "a log with destinations",
    properties: { RoleArn, DefinitionString: "{}", LoggingConfiguration: { Level: "ALL", Destinations: [] } },
    says: "Destinations",
  },
])("$it is refused", async ({ properties, says }) => {
  await expect(stateMachine.create(properties, resource().ctx)).rejects.toThrow(says);
});
