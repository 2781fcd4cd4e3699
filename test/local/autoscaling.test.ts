import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { createAutoScaling } from "../../local/autoscaling.ts";
import { AwsError } from "../../local/world.ts";
import { recordingWorld } from "./recordingWorld.ts";

const call = { principal: { kind: "admin" }, requestId: "r" } as const;
const id = {
  ServiceNamespace: "sagemaker",
  ResourceId: "endpoint/chat/variant/stable",
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
};

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** An endpoint that takes five minutes to change. */
function scaling() {
  const endpoint = { status: "InService", desired: 2 };
  const { world, calls } = recordingWorld({
    "sagemaker:DescribeEndpoint": ({ EndpointName }) => {
      if (EndpointName !== "chat") throw new AwsError("ValidationException", "Could not find endpoint");
      return {
        EndpointStatus: endpoint.status,
        ProductionVariants: [{ VariantName: "stable", DesiredInstanceCount: endpoint.desired }],
      };
    },
    "sagemaker:UpdateEndpointWeightsAndCapacities": ({ DesiredWeightsAndCapacities }) => {
      endpoint.desired = (DesiredWeightsAndCapacities as { DesiredInstanceCount: number }[])[0]!.DesiredInstanceCount;
      endpoint.status = "Updating";
      setTimeout(() => {
        endpoint.status = "InService";
      }, 300_000);
      return {};
    },
  });
  const part = createAutoScaling(world);
  const ask = async (operation: string, input: object) => part.operations[operation]!({ ...input }, call);
  return {
    ask,
    endpoint,
    updates: () => calls.filter(({ operation }) => operation.startsWith("Update")).map(({ input }) => input),
  };
}

test.each([
  { it: "within its bounds it stays", MinCapacity: 1, MaxCapacity: 4, becomes: [] },
  { it: "under the floor it is raised", MinCapacity: 3, MaxCapacity: 4, becomes: [3] },
  { it: "over the ceiling it is lowered", MinCapacity: 0, MaxCapacity: 1, becomes: [1] },
])("registering adjusts the instance count: $it", async ({ MinCapacity, MaxCapacity, becomes }) => {
  const { ask, updates } = scaling();
  await ask("RegisterScalableTarget", { ...id, MinCapacity, MaxCapacity });
  expect(updates()).toEqual(
    becomes.map((DesiredInstanceCount) => ({
      EndpointName: "chat",
      DesiredWeightsAndCapacities: [{ VariantName: "stable", DesiredInstanceCount }],
    })),
  );
  expect(await ask("DescribeScalableTargets", { ServiceNamespace: "sagemaker", ResourceIds: [id.ResourceId] })).toMatchObject({
    ScalableTargets: [{ ...id, MinCapacity, MaxCapacity }],
  });
});

test("raising the floor keeps the ceiling, and waits for an update that is under way", async () => {
  const { ask, endpoint, updates } = scaling();
  await ask("RegisterScalableTarget", { ...id, MinCapacity: 3, MaxCapacity: 6 });
  await ask("RegisterScalableTarget", { ...id, MinCapacity: 5 });
  expect(endpoint.desired).toBe(3);
  await jest.advanceTimersByTimeAsync(360_000);
  expect(endpoint.desired).toBe(5);
  expect(updates()).toHaveLength(2);
  expect(await ask("DescribeScalableTargets", { ServiceNamespace: "sagemaker" })).toMatchObject({
    ScalableTargets: [{ MinCapacity: 5, MaxCapacity: 6 }],
  });
});

test("a target that is deregistered asks for nothing more", async () => {
  const { ask, endpoint } = scaling();
  endpoint.status = "Updating";
  await ask("RegisterScalableTarget", { ...id, MinCapacity: 3, MaxCapacity: 6 });
  await ask("DeregisterScalableTarget", id);
  endpoint.status = "InService";
  await jest.advanceTimersByTimeAsync(600_000);
  expect(endpoint.desired).toBe(2);
  await expect(ask("DeregisterScalableTarget", id)).rejects.toMatchObject({ code: "ObjectNotFoundException" });
});

test.each([
  {
    it: "a variant that is not there",
    input: { ...id, ResourceId: "endpoint/chat/variant/none", MinCapacity: 1, MaxCapacity: 2 },
    says: "No scalable resource",
  },
  {
    it: "an endpoint that is not there",
    input: { ...id, ResourceId: "endpoint/none/variant/stable", MinCapacity: 1, MaxCapacity: 2 },
    says: "No scalable resource",
  },
  { it: "a first registration without bounds", input: { ...id, MinCapacity: 1 }, says: "maximum capacity" },
  { it: "a floor over the ceiling", input: { ...id, MinCapacity: 3, MaxCapacity: 2 }, says: "cannot be less" },
  { it: "another service", input: { ...id, ServiceNamespace: "ecs", MinCapacity: 1, MaxCapacity: 2 }, says: "SageMaker" },
])("$it is refused", async ({ input, says }) => {
  const { ask } = scaling();
  await expect(ask("RegisterScalableTarget", input)).rejects.toMatchObject({
    code: "ValidationException",
    message: expect.stringContaining(says),
  });
});
