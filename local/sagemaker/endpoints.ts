import { parseInput } from "../parseInput.ts";
import { AwsError, type Operation, type Principal, type World } from "../world.ts";
import { arnOf } from "./arn.ts";
import { type Catalog, nowSeconds } from "./catalog.ts";
import { type Container, startContainer } from "./container.ts";
import type { Disturbance } from "./recordedModel.ts";
import {
  createEndpoint,
  type Deployment,
  type EndpointConfigRequest,
  listEndpoints,
  type ModelRequest,
  ofEndpoint,
  updateEndpoint,
  updateWeightsAndCapacities,
} from "./requests.ts";

type EndpointStatus = "Creating" | "InService" | "Updating" | "Deleting" | "Failed";
/** A number that is asked for at once and takes effect when the update is done. */
type Setting = { current: number; desired: number };
export type Variant = {
  name: string;
  /** `null`: its models are inference components. */
  model: ModelRequest | null;
  container: Container | null;
  weight: Setting;
  instances: Setting;
  disturbance: Disturbance | null;
  /** Then captures stop, and nothing says so. */
  diskFull: boolean;
};
export type Endpoint = {
  name: string;
  config: EndpointConfigRequest;
  /** The configuration that it is being updated to; `null`: none. */
  pending: string | null;
  status: EndpointStatus;
  failureReason: string | null;
  /** None until created. */
  variants: Variant[];
  /** Get a copy of requests to the one variant, and nobody hears their answers. */
  shadows: Variant[];
  /** How many requests were answered: the n of `world.chance`. */
  invocations: number;
  created: number;
  modified: number;
};

/**
 * How long the service takes, in milliseconds of the clock. AWS promises nothing: a new fleet takes minutes, new instances some,
 * new weights well under one.
 */
const takes = { create: 180_000, update: 600_000, capacity: 240_000, weights: 30_000, delete: 15_000 };

/** How long traffic goes over by steps, and the old fleet is kept. */
function shiftingMs(deployment: Deployment | undefined): number {
  if (deployment === undefined) return 0;
  const { TrafficRoutingConfiguration: routing, TerminationWaitInSeconds } = deployment.BlueGreenUpdatePolicy;
  const { Type, WaitIntervalInSeconds, LinearStepSize } = routing;
  const steps = Type === "ALL_AT_ONCE" ? 1 : Type === "CANARY" ? 2 : Math.ceil(100 / (LinearStepSize?.Value ?? 100));
  return ((steps - 1) * WaitIntervalInSeconds + TerminationWaitInSeconds) * 1_000;
}

export type Endpoints = { operations: Record<string, Operation>; find(name: string): Endpoint | undefined };

/** Endpoints and what changes them. One change at a time: while one is under way the next is refused, as on AWS. */
export function createEndpoints(world: World, catalog: Catalog): Endpoints {
  const endpoints = new Map<string, Endpoint>();
  const parse = <T>(schema: Parameters<typeof parseInput<T>>[0], input: Record<string, unknown>) =>
    parseInput(schema, input, "ValidationException");

  function found(name: string): Endpoint {
    const endpoint = endpoints.get(name);
    if (endpoint) return endpoint;
    throw new AwsError("ValidationException", `Could not find endpoint "${arnOf(world, "endpoint", name)}".`);
  }
  function refuseInProgress({ name, status }: Endpoint, allowed: readonly EndpointStatus[]): void {
    if (allowed.includes(status)) return;
    throw new AwsError("ValidationException", `Cannot update in-progress endpoint "${arnOf(world, "endpoint", name)}".`);
  }
  function begin(endpoint: Endpoint, status: EndpointStatus, afterMs: number, finish: () => Promise<void> | void): void {
    endpoint.status = status;
    endpoint.failureReason = null;
    endpoint.modified = nowSeconds();
    setTimeout(async () => {
      await finish();
      endpoint.modified = nowSeconds();
    }, afterMs);
  }

  const configured = ({ ProductionVariants, ShadowProductionVariants }: EndpointConfigRequest) => [
    ...ProductionVariants,
    ...ShadowProductionVariants,
  ];
  const modelsOf = (config: EndpointConfigRequest) =>
    configured(config).map(({ ModelName }) => (ModelName === undefined ? null : catalog.model(ModelName)));

  /** @throws AwsError, InvalidRecording */
  async function start(
    config: EndpointConfigRequest,
    models: readonly (ModelRequest | null)[],
  ): Promise<{ variants: Variant[]; shadows: Variant[] }> {
    const all: Variant[] = [];
    for (const [i, { VariantName, InitialVariantWeight, InitialInstanceCount }] of configured(config).entries()) {
      const model = models[i]!;
      all.push({
        name: VariantName,
        model,
        container: model && (await startContainer(world, model, model.PrimaryContainer.ModelDataUrl)),
        weight: { current: InitialVariantWeight, desired: InitialVariantWeight },
        instances: { current: InitialInstanceCount, desired: InitialInstanceCount },
        disturbance: null,
        diskFull: false,
      });
    }
    const shadows = all.splice(config.ProductionVariants.length);
    return { variants: all, shadows };
  }
  const reasonOf = (error: unknown) =>
    `The recording of a variant cannot be read: ${error instanceof Error ? error.message : String(error)}`;

  /** Looked at when all traffic would be the new fleet's; what answers until then is the old one. */
  async function alarmThatIsOn(deployment: Deployment | undefined, as?: Principal): Promise<string | null> {
    const AlarmNames = deployment?.AutoRollbackConfiguration?.Alarms.map(({ AlarmName }) => AlarmName) ?? [];
    if (AlarmNames.length === 0) return null;
    const { MetricAlarms } = await world.call("monitoring", "DescribeAlarms", { AlarmNames, StateValue: "ALARM" }, as);
    return (MetricAlarms as { AlarmName: string }[])[0]?.AlarmName ?? null;
  }

  const operations: Record<string, Operation> = {
    CreateEndpoint(input) {
      const { EndpointName: name, EndpointConfigName } = parse(createEndpoint, input);
      const config = catalog.endpointConfig(EndpointConfigName);
      const models = modelsOf(config);
      if (endpoints.has(name))
        throw new AwsError("ValidationException", `Cannot create already existing endpoint "${arnOf(world, "endpoint", name)}".`);
      const endpoint: Endpoint = {
        name,
        config,
        pending: null,
        status: "Creating",
        failureReason: null,
        variants: [],
        shadows: [],
        invocations: 0,
        created: nowSeconds(),
        modified: nowSeconds(),
      };
      endpoints.set(name, endpoint);
      begin(endpoint, "Creating", takes.create, async () => {
        try {
          Object.assign(endpoint, await start(config, models));
          endpoint.status = "InService";
        } catch (error) {
          endpoint.status = "Failed";
          endpoint.failureReason = reasonOf(error);
        }
      });
      return { EndpointArn: arnOf(world, "endpoint", name) };
    },

    async UpdateEndpoint(input, { principal }) {
      const {
        EndpointName,
        EndpointConfigName,
        RetainAllVariantProperties,
        ExcludeRetainedVariantProperties,
        DeploymentConfig: deployment,
      } = parse(updateEndpoint, input);
      const endpoint = found(EndpointName);
      const config = catalog.endpointConfig(EndpointConfigName);
      const models = modelsOf(config);
      refuseInProgress(endpoint, ["InService"]);
      await alarmThatIsOn(deployment, principal); // SageMaker looks by the caller's permission
      const retains = (property: "DesiredInstanceCount" | "DesiredWeight") =>
        RetainAllVariantProperties && !ExcludeRetainedVariantProperties.some((e) => e.VariantPropertyType === property);
      endpoint.pending = EndpointConfigName;
      begin(endpoint, "Updating", takes.update + shiftingMs(deployment), async () => {
        endpoint.pending = null;
        try {
          const alarm = await alarmThatIsOn(deployment);
          if (alarm !== null) {
            endpoint.failureReason = `The deployment was rolled back: alarm ${alarm} is in ALARM.`;
            endpoint.status = "InService";
            return;
          }
          const { variants, shadows } = await start(config, models);
          for (const variant of variants) {
            const before = endpoint.variants.find(({ name }) => name === variant.name);
            if (before && retains("DesiredWeight")) variant.weight = before.weight;
            if (before && retains("DesiredInstanceCount")) variant.instances = before.instances;
          }
          Object.assign(endpoint, { variants, shadows });
          endpoint.config = config;
        } catch (error) {
          // The old fleet was serving all the while and goes on.
          endpoint.failureReason = reasonOf(error);
        }
        endpoint.status = "InService";
      });
      return { EndpointArn: arnOf(world, "endpoint", EndpointName) };
    },

    UpdateEndpointWeightsAndCapacities(input) {
      const { EndpointName, DesiredWeightsAndCapacities } = parse(updateWeightsAndCapacities, input);
      const endpoint = found(EndpointName);
      refuseInProgress(endpoint, ["InService"]);
      const changes = DesiredWeightsAndCapacities.map((desired) => {
        const variant = endpoint.variants.find(({ name }) => name === desired.VariantName);
        if (variant) return { variant, ...desired };
        const arn = arnOf(world, "endpoint", EndpointName);
        throw new AwsError("ValidationException", `Could not find variant "${desired.VariantName}" of endpoint "${arn}".`);
      });
      for (const { variant, DesiredWeight, DesiredInstanceCount } of changes) {
        variant.weight.desired = DesiredWeight ?? variant.weight.desired;
        variant.instances.desired = DesiredInstanceCount ?? variant.instances.desired;
      }
      const scales = changes.some(({ DesiredInstanceCount }) => DesiredInstanceCount !== undefined);
      begin(endpoint, "Updating", scales ? takes.capacity : takes.weights, () => {
        for (const { weight, instances } of endpoint.variants) {
          weight.current = weight.desired;
          instances.current = instances.desired;
        }
        endpoint.status = "InService";
      });
      return { EndpointArn: arnOf(world, "endpoint", EndpointName) };
    },

    DeleteEndpoint(input) {
      const endpoint = found(parse(ofEndpoint, input).EndpointName);
      refuseInProgress(endpoint, ["InService", "Failed"]);
      begin(endpoint, "Deleting", takes.delete, () => void endpoints.delete(endpoint.name));
      return {};
    },

    DescribeEndpoint: (input) => described(found(parse(ofEndpoint, input).EndpointName)),

    ListEndpoints(input) {
      const { NameContains, StatusEquals, MaxResults, NextToken } = parse(listEndpoints, input);
      const from = Number(NextToken);
      const all = [...endpoints.values()]
        .filter(({ name, status }) => name.includes(NameContains) && status === (StatusEquals ?? status))
        .reverse(); // the newest first
      return {
        Endpoints: all.slice(from, from + MaxResults).map(({ name, status, created, modified }) => ({
          EndpointName: name,
          EndpointArn: arnOf(world, "endpoint", name),
          CreationTime: created,
          LastModifiedTime: modified,
          EndpointStatus: status,
        })),
        ...(all.length > from + MaxResults ? { NextToken: String(from + MaxResults) } : {}),
      };
    },
  };

  function described({ name, config, pending, status, failureReason, variants, shadows, created, modified }: Endpoint) {
    const capture = config.DataCaptureConfig;
    return {
      EndpointName: name,
      EndpointArn: arnOf(world, "endpoint", name),
      EndpointConfigName: config.EndpointConfigName,
      ...(pending === null ? {} : { PendingDeploymentSummary: { EndpointConfigName: pending } }),
      ...(variants.length > 0 ? { ProductionVariants: variants.map((variant) => describedVariant(variant, created)) } : {}),
      ...(shadows.length > 0 ? { ShadowProductionVariants: shadows.map((variant) => describedVariant(variant, created)) } : {}),
      ...(capture
        ? {
            DataCaptureConfig: {
              EnableCapture: capture.EnableCapture,
              CaptureStatus: capture.EnableCapture && status !== "Creating" && status !== "Failed" ? "Started" : "Stopped",
              CurrentSamplingPercentage: capture.InitialSamplingPercentage,
              DestinationS3Uri: capture.DestinationS3Uri,
            },
          }
        : {}),
      EndpointStatus: status,
      ...(failureReason === null ? {} : { FailureReason: failureReason }),
      CreationTime: created,
      LastModifiedTime: modified,
    };
  }
  const imageOf = ({ PrimaryContainer: { Image } }: ModelRequest, created: number) => ({
    ...{ SpecifiedImage: Image, ResolvedImage: Image, ResolutionTime: created },
  });
  const describedVariant = ({ name, model, weight, instances }: Variant, created: number) => ({
    VariantName: name,
    ...(model === null ? {} : { DeployedImages: [imageOf(model, created)] }),
    CurrentWeight: weight.current,
    DesiredWeight: weight.desired,
    CurrentInstanceCount: instances.current,
    DesiredInstanceCount: instances.desired,
  });

  return { operations, find: (name) => endpoints.get(name) };
}
