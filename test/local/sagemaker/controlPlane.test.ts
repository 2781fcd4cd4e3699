import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { captureTo, chat, model, type Tiny, tinyWorld, variant, withConfig } from "./world.ts";

const minute = 60_000;
let tiny: Tiny;
beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse("2026-03-02T09:41:07.250Z"), doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
  tiny = tinyWorld();
});
afterEach(() => void jest.useRealTimers());

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
const describeEndpoint = () => tiny.ask("DescribeEndpoint", { EndpointName: "chat" });
const arn = (rest: string) => `arn:aws:sagemaker:eu-central-1:000000000000:${rest}`;

async function serve(config: Record<string, unknown> = {}): Promise<void> {
  await withConfig(tiny, config);
  await tiny.ask("CreateEndpoint", { EndpointName: "chat", EndpointConfigName: "one" });
  await pass(5 * minute);
}
const twoVariants = { ProductionVariants: [variant("a", "good", { InitialVariantWeight: 9 }), variant("b", "other")] };
const setWeights = (...weights: [string, number][]) =>
  tiny.ask("UpdateEndpointWeightsAndCapacities", {
    EndpointName: "chat",
    DesiredWeightsAndCapacities: weights.map(([VariantName, DesiredWeight]) => ({ VariantName, DesiredWeight })),
  });

test("an endpoint is Creating first, then in service with its variants and its capture", async () => {
  await withConfig(tiny, { ...twoVariants, DataCaptureConfig: captureTo("s3://captures/prod") });
  expect(await tiny.ask("CreateEndpoint", { EndpointName: "chat", EndpointConfigName: "one" })).toEqual({
    EndpointArn: arn("endpoint/chat"),
  });
  expect(await describeEndpoint()).toMatchObject({ EndpointStatus: "Creating", CreationTime: 1772444467.25 });
  expect(await describeEndpoint()).not.toHaveProperty("ProductionVariants");
  await pass(5 * minute);
  expect(await describeEndpoint()).toMatchObject({
    EndpointStatus: "InService",
    EndpointConfigName: "one",
    ProductionVariants: [
      { VariantName: "a", CurrentWeight: 9, DesiredWeight: 9, CurrentInstanceCount: 1, DesiredInstanceCount: 1 },
      { VariantName: "b", CurrentWeight: 1, DesiredWeight: 1 },
    ],
    DataCaptureConfig: {
      EnableCapture: true,
      CaptureStatus: "Started",
      CurrentSamplingPercentage: 100,
      DestinationS3Uri: "s3://captures/prod",
    },
  });
});

test.each([
  { it: "the recording is missing", recording: undefined, reason: /The specified key does not exist/ },
  {
    it: "a line of the recording is broken",
    recording: '{"prompt":"Hi"}',
    reason: /s3:\/\/models\/good.jsonl, line 1: completion/,
  },
])("an endpoint fails, and says why, when $it", async ({ recording, reason }) => {
  await withConfig(tiny);
  if (recording === undefined) tiny.objects.delete("models/good.jsonl");
  else tiny.objects.set("models/good.jsonl", recording);
  await tiny.ask("CreateEndpoint", { EndpointName: "chat", EndpointConfigName: "one" });
  await pass(5 * minute);
  expect(await describeEndpoint()).toMatchObject({ EndpointStatus: "Failed", FailureReason: expect.stringMatching(reason) });
});

test("weights are desired at once, current after some seconds, Updating meanwhile", async () => {
  await serve(twoVariants);
  await setWeights(["a", 1], ["b", 0]);
  const during = await describeEndpoint();
  expect(during).toMatchObject({
    EndpointStatus: "Updating",
    ProductionVariants: [
      { CurrentWeight: 9, DesiredWeight: 1 },
      { CurrentWeight: 1, DesiredWeight: 0 },
    ],
  });
  await pass(minute);
  expect(await describeEndpoint()).toMatchObject({
    EndpointStatus: "InService",
    ProductionVariants: [{ CurrentWeight: 1 }, { CurrentWeight: 0 }],
  });
  expect((await describeEndpoint()).LastModifiedTime).toBeGreaterThan(during.LastModifiedTime as number);
});

test("capacity takes minutes", async () => {
  await serve();
  await tiny.ask("UpdateEndpointWeightsAndCapacities", {
    EndpointName: "chat",
    DesiredWeightsAndCapacities: [{ VariantName: "a", DesiredInstanceCount: 3 }],
  });
  await pass(minute);
  expect(await describeEndpoint()).toMatchObject({
    EndpointStatus: "Updating",
    ProductionVariants: [{ CurrentInstanceCount: 1, DesiredInstanceCount: 3 }],
  });
  await pass(5 * minute);
  expect(await describeEndpoint()).toMatchObject({
    EndpointStatus: "InService",
    ProductionVariants: [{ CurrentInstanceCount: 3 }],
  });
});

const busy = { code: "ValidationException", message: `Cannot update in-progress endpoint "${arn("endpoint/chat")}".` };
test.each([
  { it: "other weights", run: () => setWeights(["b", 5]) },
  { it: "another configuration", run: () => tiny.ask("UpdateEndpoint", { EndpointName: "chat", EndpointConfigName: "one" }) },
  { it: "its end", run: () => tiny.ask("DeleteEndpoint", { EndpointName: "chat" }) },
])("an endpoint that is Updating refuses $it", async ({ run }) => {
  await serve(twoVariants);
  await setWeights(["a", 1]);
  await expect(run()).rejects.toMatchObject(busy);
  expect(await describeEndpoint()).toMatchObject({ ProductionVariants: [{ DesiredWeight: 1 }, { DesiredWeight: 1 }] });
});

test.each([
  { it: "resets weights and counts by default", options: {}, weight: 1, count: 1 },
  { it: "keeps them when told so", options: { RetainAllVariantProperties: true }, weight: 4, count: 2 },
  {
    it: "keeps them but for what is excluded",
    options: { RetainAllVariantProperties: true, ExcludeRetainedVariantProperties: [{ VariantPropertyType: "DesiredWeight" }] },
    weight: 1,
    count: 2,
  },
])("an update to another configuration $it", async ({ options, weight, count }) => {
  await serve();
  await tiny.ask("UpdateEndpointWeightsAndCapacities", {
    EndpointName: "chat",
    DesiredWeightsAndCapacities: [{ VariantName: "a", DesiredWeight: 4, DesiredInstanceCount: 2 }],
  });
  await pass(5 * minute);
  await tiny.ask("CreateEndpointConfig", { EndpointConfigName: "two", ProductionVariants: [variant("a", "other")] });
  await tiny.ask("UpdateEndpoint", { EndpointName: "chat", EndpointConfigName: "two", ...options });
  expect(await describeEndpoint()).toMatchObject({ EndpointStatus: "Updating", EndpointConfigName: "one" });
  await pass(15 * minute);
  expect(await describeEndpoint()).toMatchObject({
    EndpointStatus: "InService",
    EndpointConfigName: "two",
    ProductionVariants: [{ CurrentWeight: weight, CurrentInstanceCount: count }],
  });
  expect(String((await tiny.ask("InvokeEndpoint", { EndpointName: "chat", Body: chat("Where is my parcel?") })).Body)).toMatch(
    /In the van/,
  );
});

test.each([
  { it: "takes as long as its steps", on: [], serves: "two" },
  { it: "goes back where an alarm of it is on", on: ["slow"], serves: "one" },
])("a deployment in steps $it", async ({ on, serves }) => {
  await serve();
  await tiny.ask("CreateEndpointConfig", { EndpointConfigName: "two", ProductionVariants: [variant("a", "other")] });
  await tiny.ask("UpdateEndpoint", {
    EndpointName: "chat",
    EndpointConfigName: "two",
    DeploymentConfig: {
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: {
          Type: "LINEAR",
          LinearStepSize: { Type: "CAPACITY_PERCENT", Value: 50 },
          WaitIntervalInSeconds: 600,
        },
        TerminationWaitInSeconds: 600,
      },
      AutoRollbackConfiguration: { Alarms: [{ AlarmName: "slow" }] },
    },
  });
  for (const name of on) tiny.alarmsOn.add(name);
  await pass(29 * minute);
  expect(await describeEndpoint()).toMatchObject({
    EndpointStatus: "Updating",
    EndpointConfigName: "one",
    PendingDeploymentSummary: { EndpointConfigName: "two" },
  });
  await pass(2 * minute);
  const described = await describeEndpoint();
  expect(described).toMatchObject({ EndpointStatus: "InService", EndpointConfigName: serves });
  expect("FailureReason" in described).toBe(on.length > 0);
});

test("an update whose recording cannot be read leaves the old fleet serving and says why", async () => {
  await serve();
  tiny.objects.delete("models/other.jsonl");
  await tiny.ask("CreateEndpointConfig", { EndpointConfigName: "two", ProductionVariants: [variant("a", "other")] });
  await tiny.ask("UpdateEndpoint", { EndpointName: "chat", EndpointConfigName: "two" });
  await pass(15 * minute);
  expect(await describeEndpoint()).toMatchObject({
    EndpointStatus: "InService",
    EndpointConfigName: "one",
    FailureReason: expect.stringContaining("cannot be read"),
  });
});

test("endpoints are listed newest first, in pages, by name and status", async () => {
  await serve();
  await tiny.ask("CreateEndpoint", { EndpointName: "search", EndpointConfigName: "one" });
  const names = async (input: Record<string, unknown>) => {
    const { Endpoints, NextToken } = await tiny.ask("ListEndpoints", input);
    return [...(Endpoints as { EndpointName: string }[]).map(({ EndpointName }) => EndpointName), NextToken];
  };
  expect(await names({})).toEqual(["search", "chat", undefined]);
  expect(await names({ MaxResults: 1 })).toEqual(["search", "1"]);
  expect(await names({ MaxResults: 1, NextToken: "1" })).toEqual(["chat", undefined]);
  expect(await names({ StatusEquals: "InService" })).toEqual(["chat", undefined]);
  expect(await names({ NameContains: "sea" })).toEqual(["search", undefined]);
});

test("what was deleted is gone; an endpoint goes on without its model and configuration", async () => {
  await serve();
  await tiny.ask("DeleteModel", { ModelName: "good" });
  await tiny.ask("DeleteEndpointConfig", { EndpointConfigName: "one" });
  expect(await describeEndpoint()).toMatchObject({ EndpointStatus: "InService" });
  await tiny.ask("DeleteEndpoint", { EndpointName: "chat" });
  expect(await describeEndpoint()).toMatchObject({ EndpointStatus: "Deleting" });
  await pass(minute);
  for (const [operation, input, what] of [
    ["DescribeEndpoint", { EndpointName: "chat" }, `endpoint "${arn("endpoint/chat")}"`],
    ["DescribeModel", { ModelName: "good" }, `model "${arn("model/good")}"`],
    ["DescribeEndpointConfig", { EndpointConfigName: "one" }, `endpoint configuration "${arn("endpoint-config/one")}"`],
  ] as const)
    await expect(tiny.ask(operation, input)).rejects.toMatchObject({
      code: "ValidationException",
      message: `Could not find ${what}.`,
    });
});

test("models and configurations are described as they were created", async () => {
  await serve();
  expect(await tiny.ask("DescribeModel", { ModelName: "good" })).toMatchObject({ ...model("good"), ModelArn: arn("model/good") });
  expect(await tiny.ask("DescribeEndpointConfig", { EndpointConfigName: "one" })).toMatchObject({
    EndpointConfigArn: arn("endpoint-config/one"),
    ProductionVariants: [variant("a", "good", { InitialVariantWeight: 1 })],
  });
});

test.each([
  {
    it: "another image",
    operation: "CreateModel",
    input: { ...model("x"), PrimaryContainer: { Image: "vllm:latest", ModelDataUrl: "s3://models/x.jsonl" } },
    says: /PrimaryContainer.Image: the embedded AWS runs recorded models/,
  },
  { it: "a member that is not honoured", operation: "CreateModel", input: { ...model("x"), VpcConfig: {} }, says: /VpcConfig/ },
  { it: "a model that exists", operation: "CreateModel", input: model("good"), says: /Cannot create already existing model/ },
  {
    it: "a configuration with an unknown model",
    operation: "CreateEndpointConfig",
    input: { EndpointConfigName: "x", ProductionVariants: [variant("a", "none")] },
    says: /Could not find model ".*model\/none"/,
  },
  {
    it: "a shadow of two variants",
    operation: "CreateEndpointConfig",
    input: {
      EndpointConfigName: "x",
      ProductionVariants: [variant("a", "good"), variant("b", "good")],
      ShadowProductionVariants: [variant("next", "other")],
    },
    says: /ShadowProductionVariants: a shadow has one production variant/,
  },
  {
    it: "two variants of one name",
    operation: "CreateEndpointConfig",
    input: { EndpointConfigName: "x", ProductionVariants: [variant("a", "good"), variant("a", "good")] },
    says: /ProductionVariants: two variants have the same name/,
  },
  {
    it: "an unknown configuration",
    operation: "CreateEndpoint",
    input: { EndpointName: "x", EndpointConfigName: "none" },
    says: /Could not find endpoint configuration/,
  },
  {
    it: "an endpoint that exists",
    operation: "CreateEndpoint",
    input: { EndpointName: "chat", EndpointConfigName: "one" },
    says: /Cannot create already existing endpoint/,
  },
  {
    it: "a guarded deployment",
    operation: "UpdateEndpoint",
    input: { EndpointName: "chat", EndpointConfigName: "one", DeploymentConfig: {} },
    says: /DeploymentConfig/,
  },
  {
    it: "weights of an unknown endpoint",
    operation: "UpdateEndpointWeightsAndCapacities",
    input: { EndpointName: "none", DesiredWeightsAndCapacities: [{ VariantName: "a", DesiredWeight: 1 }] },
    says: /Could not find endpoint ".*endpoint\/none"/,
  },
  {
    it: "weights of an unknown variant",
    operation: "UpdateEndpointWeightsAndCapacities",
    input: { EndpointName: "chat", DesiredWeightsAndCapacities: [{ VariantName: "z", DesiredWeight: 1 }] },
    says: /Could not find variant "z"/,
  },
  {
    it: "serverless capacity",
    operation: "UpdateEndpointWeightsAndCapacities",
    input: { EndpointName: "chat", DesiredWeightsAndCapacities: [{ VariantName: "a", ServerlessUpdateConfig: {} }] },
    says: /ServerlessUpdateConfig/,
  },
])("refuses $it, naming it", async ({ operation, input, says }) => {
  await serve();
  await expect(tiny.ask(operation, input)).rejects.toMatchObject({
    code: "ValidationException",
    message: expect.stringMatching(says),
  });
});
