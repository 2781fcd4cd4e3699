import { z } from "zod";
import type { EmbeddedAws } from "./aws.ts";
import { takeResponse } from "./cloudformation/responses.ts";

const share = z.number().min(0).max(1);
const fault = z.strictObject({
  function: z.string(),
  kind: z.enum(["crash", "throttle", "slow"]),
  at: z.union([
    z.strictObject({ invocation: z.number().int().min(1), call: z.number().int().min(1) }),
    z.strictObject({ share }),
  ]),
  ms: z.number().min(0).default(0),
});
const inputs = {
  step: z.strictObject({ nowMs: z.number() }),
  advance: z.strictObject({ untilMs: z.number() }),
  faults: z.strictObject({
    faults: z.array(fault).default([]),
    events: z
      .strictObject({
        duplicateShare: share.default(0),
        lateShare: share.default(0),
        lateSeconds: z.number().min(0).max(900).default(0),
      })
      .prefault({}),
  }),
  disks: z.strictObject({ endpoint: z.string(), variant: z.string(), full: z.boolean() }),
  disturb: z.strictObject({
    endpoint: z.string(),
    variant: z.string(),
    disturbance: z.strictObject({ latencyFactor: z.number().min(0).default(1), errorShare: share.default(0) }).nullable(),
  }),
  record: z.strictObject({ modelId: z.string(), s3Uri: z.string() }),
  role: z.strictObject({ roleName: z.string() }),
  suspend: z.strictObject({ roleName: z.string(), action: z.string(), resource: z.string().optional() }),
};

/**
 * What a test may do to the embedded AWS that no AWS API does: move the clock, inject faults, take permissions away, look at
 * what ran. Under `/_assay/` on the same port.
 */
export function createControl(aws: EmbeddedAws): (path: string, input: Record<string, unknown>) => Promise<unknown> {
  const invocations: { function: string; requestId: string; ok: boolean; error?: string }[] = [];
  aws.functions.onInvoked((record) => invocations.push(record));
  return async (path, input) => {
    const [, customResource] = /^cloudformation\/([\w-]+)$/.exec(path) ?? [];
    if (customResource !== undefined) return takeResponse(aws.world, customResource, input);
    switch (path) {
      case "health":
        return { region: aws.world.region, nowMs: Date.now() };
      case "step":
        return aws.step(inputs.step.parse(input).nowMs);
      case "advance":
        await aws.advanceTo(inputs.advance.parse(input).untilMs);
        return { nowMs: Date.now() };
      case "follow":
        return aws.follow();
      case "faults": {
        const { faults, events } = inputs.faults.parse(input);
        return aws.faults.set(faults, events);
      }
      case "happened":
        return { faults: aws.faults.happened, invocations, failedDeliveries: aws.events.failedDeliveries };
      case "disks": {
        const { endpoint, variant, full } = inputs.disks.parse(input);
        return aws.sagemaker.fillDisks(endpoint, variant, full);
      }
      case "disturb": {
        const { endpoint, variant, disturbance } = inputs.disturb.parse(input);
        return aws.sagemaker.disturb(endpoint, variant, disturbance);
      }
      case "record": {
        const { modelId, s3Uri } = inputs.record.parse(input);
        return aws.bedrock.record(modelId, s3Uri);
      }
      case "published":
        return { messages: aws.sns.published };
      case "grants":
        return { grants: aws.iam.grantsOf(inputs.role.parse(input).roleName) };
      case "suspend": {
        const { roleName, action, resource } = inputs.suspend.parse(input);
        return aws.iam.suspend(roleName, action, resource);
      }
      case "restore":
        return aws.iam.restore();
      default:
        throw new Error(`/_assay/${path} is not a path of the embedded AWS's control`);
    }
  };
}
