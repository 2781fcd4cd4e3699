import { z } from "zod";
import { parseInput } from "./parseInput.ts";
import { AwsError, type Operation, type Part, type World } from "./world.ts";

/** What is scaled: how its resource id looks, how much of it there is and is wanted, and what it is told. */
type Scaled = {
  id: RegExp;
  look(world: World, named: string[]): Promise<{ amount: number; isBusy: boolean } | null>;
  set(world: World, named: string[], amount: number): Promise<unknown>;
};
const variantDimension = "sagemaker:variant:DesiredInstanceCount";
const componentDimension = "sagemaker:inference-component:DesiredCopyCount";
const scaled: Readonly<Record<typeof variantDimension | typeof componentDimension, Scaled>> = {
  [variantDimension]: {
    id: /^endpoint\/([^/]+)\/variant\/([^/]+)$/,
    async look(world, [EndpointName, name]) {
      const { ProductionVariants = [], EndpointStatus } = await world.call("sagemaker", "DescribeEndpoint", { EndpointName });
      const variants = ProductionVariants as { VariantName: string; DesiredInstanceCount: number }[];
      const variant = variants.find(({ VariantName }) => VariantName === name);
      return variant ? { amount: variant.DesiredInstanceCount, isBusy: EndpointStatus !== "InService" } : null;
    },
    set: (world, [EndpointName, VariantName], DesiredInstanceCount) =>
      world.call("sagemaker", "UpdateEndpointWeightsAndCapacities", {
        EndpointName,
        DesiredWeightsAndCapacities: [{ VariantName, DesiredInstanceCount }],
      }),
  },
  [componentDimension]: {
    id: /^inference-component\/([^/]+)$/,
    async look(world, [InferenceComponentName]) {
      const described = await world.call("sagemaker", "DescribeInferenceComponent", { InferenceComponentName });
      const { DesiredCopyCount } = described.RuntimeConfig as { DesiredCopyCount: number };
      return { amount: DesiredCopyCount, isBusy: described.InferenceComponentStatus !== "InService" };
    },
    set: (world, [InferenceComponentName], CopyCount) =>
      world.call("sagemaker", "UpdateInferenceComponentRuntimeConfig", {
        InferenceComponentName,
        DesiredRuntimeConfig: { CopyCount },
      }),
  },
};

const id = {
  ServiceNamespace: z.literal("sagemaker", "the embedded AWS scales SageMaker variants and inference components only"),
  ResourceId: z.string(),
  ScalableDimension: z.enum([variantDimension, componentDimension]),
};
const capacity = z.int().min(0).optional();
const inputs = {
  register: z.strictObject({
    ...id,
    MinCapacity: capacity,
    MaxCapacity: capacity,
    RoleARN: z.string().optional(),
    SuspendedState: z.record(z.string(), z.boolean()).optional(),
    Tags: z.unknown().optional(),
  }),
  deregister: z.strictObject(id),
  describe: z.strictObject({
    ServiceNamespace: id.ServiceNamespace,
    ResourceIds: z.array(z.string()).optional(),
    ScalableDimension: id.ScalableDimension.optional(),
    MaxResults: z.int().optional(),
    NextToken: z.string().optional(),
  }),
};

type Target = {
  ServiceNamespace: string;
  ResourceId: string;
  ScalableDimension: keyof typeof scaled;
  MinCapacity: number;
  MaxCapacity: number;
  RoleARN: string;
  CreationTime: number;
  SuspendedState: Record<string, boolean>;
  ScalableTargetARN: string;
};

/** How long until a capacity is tried again that an update in progress kept from being set. AWS does not say how long it waits. */
const retryMs = 60_000;

/** Application Auto Scaling: bounds of a variant's instances or a component's copies, and the capacity that they ask for. No scaling policies. */
export function createAutoScaling(world: World): Part {
  const targets = new Map<string, Target>();

  /** What is there as SageMaker describes it; `null` where there is none. */
  async function look({ ResourceId, ScalableDimension }: Pick<Target, "ResourceId" | "ScalableDimension">) {
    try {
      return await scaled[ScalableDimension].look(world, namedBy(ResourceId, ScalableDimension));
    } catch (error) {
      if (error instanceof AwsError && error.code === "ValidationException") return null;
      throw error;
    }
  }

  /** Brings the capacity within the bounds, later if it is being changed, for as long as the target is registered. */
  async function adjust(target: Target): Promise<void> {
    const now = targets.get(target.ResourceId) === target ? await look(target) : null;
    if (!now) return;
    const later = () => void setTimeout(() => void adjust(target), retryMs);
    const amount = Math.min(Math.max(now.amount, target.MinCapacity), target.MaxCapacity);
    if (amount === now.amount) return;
    if (now.isBusy) return later();
    try {
      await scaled[target.ScalableDimension].set(world, namedBy(target.ResourceId, target.ScalableDimension), amount);
    } catch (error) {
      // Something else began to change it: on AWS a failed scaling activity, which is tried again.
      if (!(error instanceof AwsError)) throw error;
      later();
    }
  }

  const operations: Record<string, Operation> = {
    /** What is not given stays as it was. */
    async RegisterScalableTarget(raw) {
      const { Tags: _, ...given } = parse(inputs.register, raw);
      if (!(await look(given)))
        throw new AwsError(
          "ValidationException",
          `No scalable resource found for service namespace: sagemaker, resource ID: ${given.ResourceId}, scalable dimension: ${given.ScalableDimension}`,
        );
      const before = targets.get(given.ResourceId);
      const MinCapacity = given.MinCapacity ?? before?.MinCapacity;
      const MaxCapacity = given.MaxCapacity ?? before?.MaxCapacity;
      if (MinCapacity === undefined || MaxCapacity === undefined)
        throw new AwsError("ValidationException", "You must provide a minimum capacity and a maximum capacity.");
      if (MinCapacity > MaxCapacity)
        throw new AwsError("ValidationException", "Maximum capacity cannot be less than minimum capacity.");
      const role = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint";
      const target: Target = {
        ServiceNamespace: given.ServiceNamespace,
        ResourceId: given.ResourceId,
        ScalableDimension: given.ScalableDimension,
        MinCapacity,
        MaxCapacity,
        // Whatever role is given, a variant is scaled by the service's own.
        RoleARN: `arn:aws:iam::${world.accountId}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/${role}`,
        CreationTime: before?.CreationTime ?? Date.now() / 1_000,
        SuspendedState: {
          DynamicScalingInSuspended: false,
          DynamicScalingOutSuspended: false,
          ScheduledScalingSuspended: false,
          ...before?.SuspendedState,
          ...given.SuspendedState,
        },
        ScalableTargetARN:
          before?.ScalableTargetARN ??
          `arn:aws:application-autoscaling:${world.region}:${world.accountId}:scalable-target/${world.uuid("scalable-target")}`,
      };
      targets.set(given.ResourceId, target);
      await adjust(target);
      return { ScalableTargetARN: target.ScalableTargetARN };
    },
    DeregisterScalableTarget(raw) {
      const { ResourceId } = parse(inputs.deregister, raw);
      if (!targets.delete(ResourceId))
        throw new AwsError(
          "ObjectNotFoundException",
          `No scalable target found for service namespace: sagemaker, resource ID: ${ResourceId}`,
        );
      return {};
    },
    DescribeScalableTargets(raw) {
      const { ResourceIds, ScalableDimension } = parse(inputs.describe, raw);
      const asked = [...targets.values()].filter(
        (target) =>
          (ResourceIds?.includes(target.ResourceId) ?? true) &&
          target.ScalableDimension === (ScalableDimension ?? target.ScalableDimension),
      );
      return { ScalableTargets: asked };
    },
  };
  return { scope: "application-autoscaling", operations };
}

/** The names in a resource id. @throws AwsError where it is not one of its dimension */
function namedBy(resourceId: string, dimension: keyof typeof scaled): string[] {
  const found = scaled[dimension].id.exec(resourceId);
  if (found !== null) return found.slice(1);
  throw new AwsError("ValidationException", `${resourceId} is no resource of ${dimension}.`);
}

const parse = <T>(schema: z.ZodType<T>, input: Record<string, unknown>): T => parseInput(schema, input, "ValidationException");
