import type { Part, World } from "../world.ts";
import { createCatalog } from "./catalog.ts";
import { createComponents } from "./components.ts";
import { startContainer } from "./container.ts";
import { createDataCapture } from "./dataCapture.ts";
import { createEndpoints } from "./endpoints.ts";
import type { Disturbance } from "./recordedModel.ts";
import { createRuntime } from "./runtime.ts";
import { createVendedMetrics } from "./vendedMetrics.ts";

/** What SageMaker wanted to write and could not: `where` it should have gone, and why it did not. */
type Lost = { where: string; message: string };

export type SageMaker = Part & {
  /**
   * From now on a variant answers from another recording; no update, no status: the model went bad by itself.
   * @throws InvalidRecording, AwsError, and Error where there is no such variant
   */
  replaceRecording(endpoint: string, variant: string, s3Uri: string): Promise<void>;
  /** Makes a variant slower or lets a share of its answers fail with a 500; `null` ends it. */
  disturb(endpoint: string, variant: string, disturbance: Disturbance | null): void;
  /** Fills the disks of a variant's instances, or empties them: while they are full it answers as before, and captures nothing. */
  fillDisks(endpoint: string, variant: string, full: boolean): void;
  readonly lost: readonly Lost[];
};

/**
 * SageMaker: models, endpoint configurations, endpoints, inference components, and the runtime that invokes them. Models are recordings,
 * of answers or of a judge's grades, or forward to a server of the user's. Time passes by the global timers; a recorded answer comes at
 * once, whatever latency was recorded.
 */
export function createSageMaker(world: World): SageMaker {
  const lost: Lost[] = [];
  const lose = (where: string, error: unknown) =>
    void lost.push({ where, message: error instanceof Error ? error.message : String(error) });
  const catalog = createCatalog(world);
  const endpoints = createEndpoints(world, catalog);
  const components = createComponents(world, catalog, endpoints);
  const runtime = createRuntime(world, endpoints, components, createVendedMetrics(world, lose), createDataCapture(world, lose));
  const variantOf = (endpoint: string, name: string) => {
    const found = endpoints.find(endpoint);
    const variant = [...(found?.variants ?? []), ...(found?.shadows ?? [])].find((v) => v.name === name);
    if (!variant) throw new Error(`Endpoint ${endpoint} has no variant ${name} that serves.`);
    return variant;
  };

  return {
    scope: "sagemaker",
    operations: { ...catalog.operations, ...endpoints.operations, ...components.operations, ...runtime },
    lost,
    async replaceRecording(endpoint, variant, s3Uri) {
      const changed = variantOf(endpoint, variant);
      if (changed.model === null) throw new Error(`Variant ${variant} of ${endpoint} has no model of its own.`);
      changed.container = await startContainer(world, changed.model, s3Uri);
    },
    disturb(endpoint, variant, disturbance) {
      variantOf(endpoint, variant).disturbance = disturbance;
    },
    fillDisks(endpoint, variant, full) {
      variantOf(endpoint, variant).diskFull = full;
    },
  };
}
