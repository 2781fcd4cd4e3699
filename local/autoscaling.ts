import { z } from "zod";
import { parseInput } from "./parseInput.ts";
import { AwsError, type Operation, type Part, type World } from "./world.ts";

const variantId = /^endpoint\/([^/]+)\/variant\/([^/]+)$/;
const id = {
  ServiceNamespace: z.literal("sagemaker", "the embedded AWS scales SageMaker variants only"),
  ResourceId: z.string().regex(variantId, "endpoint/ENDPOINT/variant/VARIANT"),
  ScalableDimension: z.literal("sagemaker:variant:DesiredInstanceCount"),
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
    // Of inference components none is ever registered here.
    ScalableDimension: z.enum([id.ScalableDimension.value, "sagemaker:inference-component:DesiredCopyCount"]).optional(),
    MaxResults: z.int().optional(),
    NextToken: z.string().optional(),
  }),
};

type Target = {
  ServiceNamespace: string;
  ResourceId: string;
  ScalableDimension: string;
  MinCapacity: number;
  MaxCapacity: number;
  RoleARN: string;
  CreationTime: number;
  SuspendedState: Record<string, boolean>;
  ScalableTargetARN: string;
};

/** How long until a capacity is tried again that an update in progress kept from being set. AWS does not say how long it waits. */
const retryMs = 60_000;

/** Application Auto Scaling: bounds of a variant's instance count, and the capacity that they ask for. No scaling policies. */
export function createAutoScaling(world: World): Part {
  const targets = new Map<string, Target>();

  /** The variant as SageMaker describes it; `null` where there is none. */
  async function variantOf(resourceId: string): Promise<{ instances: number; isBusy: boolean } | null> {
    const [, EndpointName, name] = variantId.exec(resourceId)!; // the request was refused otherwise
    try {
      const { ProductionVariants = [], EndpointStatus } = await world.call("sagemaker", "DescribeEndpoint", { EndpointName });
      const variants = ProductionVariants as { VariantName: string; DesiredInstanceCount: number }[];
      const variant = variants.find(({ VariantName }) => VariantName === name);
      return variant ? { instances: variant.DesiredInstanceCount, isBusy: EndpointStatus !== "InService" } : null;
    } catch (error) {
      if (error instanceof AwsError) return null;
      throw error;
    }
  }

  /** Brings the capacity within the bounds, later if the endpoint is being changed, for as long as the target is registered. */
  async function adjust(target: Target): Promise<void> {
    const variant = targets.get(target.ResourceId) === target ? await variantOf(target.ResourceId) : null;
    if (!variant) return;
    const later = () => void setTimeout(() => void adjust(target), retryMs);
    const DesiredInstanceCount = Math.min(Math.max(variant.instances, target.MinCapacity), target.MaxCapacity);
    if (DesiredInstanceCount === variant.instances) return;
    if (variant.isBusy) return later();
    const [, EndpointName, VariantName] = variantId.exec(target.ResourceId)!;
    const DesiredWeightsAndCapacities = [{ VariantName, DesiredInstanceCount }];
    try {
      await world.call("sagemaker", "UpdateEndpointWeightsAndCapacities", { EndpointName, DesiredWeightsAndCapacities });
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
      if (!(await variantOf(given.ResourceId)))
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

const parse = <T>(schema: z.ZodType<T>, input: Record<string, unknown>): T => parseInput(schema, input, "ValidationException");
