import { parseInput } from "../parseInput.ts";
import { AwsError, type Operation, type World } from "../world.ts";
import { arnOf } from "./arn.ts";
import { type Catalog, nowSeconds } from "./catalog.ts";
import { startContainer } from "./container.ts";
import type { Endpoint, Endpoints, Variant } from "./endpoints.ts";
import {
  createComponent,
  listComponents,
  type ModelRequest,
  ofComponent,
  updateComponent,
  updateComponentCopies,
} from "./requests.ts";

type ComponentStatus = "Creating" | "InService" | "Updating" | "Deleting" | "Failed";
type Component = {
  name: string;
  endpoint: string;
  status: ComponentStatus;
  failureReason: string | null;
  /** How it answers: on its variant's place, with a model of its own; `instances` are its copies. */
  serves: Variant;
  created: number;
  modified: number;
};

/** How long the service takes, in milliseconds of the clock: a copy has its model to load, and instances are there already. */
const takesMs = 120_000;

export type Components = { operations: Record<string, Operation>; serving(endpoint: Endpoint, name: string): Variant | null };

/** Inference components: models that share the instances of a variant, in copies. One change of a component at a time. */
export function createComponents(world: World, catalog: Catalog, endpoints: Endpoints): Components {
  const components = new Map<string, Component>();
  const parse = <T>(schema: Parameters<typeof parseInput<T>>[0], input: Record<string, unknown>) =>
    parseInput(schema, input, "ValidationException");

  const arn = (name: string) => arnOf(world, "inference-component", name);
  function found(name: string): Component {
    const component = components.get(name);
    if (component) return component;
    throw new AwsError("ValidationException", `Could not find inference component "${arn(name)}".`);
  }
  function begin(component: Component, status: ComponentStatus, finish: () => Promise<void> | void): void {
    component.status = status;
    component.failureReason = null;
    component.modified = nowSeconds();
    setTimeout(async () => {
      const before = component.serves.model;
      try {
        await finish();
        component.status = "InService";
      } catch (error) {
        // One that served before goes on serving as before.
        component.status = status === "Updating" && before !== null ? "InService" : "Failed";
        component.failureReason = error instanceof Error ? error.message : String(error);
      }
      component.modified = nowSeconds();
    }, takesMs);
  }
  function refuseInProgress({ name, status }: Component): void {
    if (status === "InService" || status === "Failed") return;
    throw new AwsError("ValidationException", `Cannot update in-progress inference component "${arn(name)}".`);
  }
  async function load(serves: Variant, model: ModelRequest): Promise<void> {
    serves.container = await startContainer(world, model, model.PrimaryContainer.ModelDataUrl);
    serves.model = model;
  }

  const described = ({ name, endpoint, status, failureReason, serves, created, modified }: Component) => ({
    InferenceComponentName: name,
    InferenceComponentArn: arn(name),
    EndpointName: endpoint,
    EndpointArn: arnOf(world, "endpoint", endpoint),
    VariantName: serves.name,
    InferenceComponentStatus: status,
    ...(failureReason === null ? {} : { FailureReason: failureReason }),
    CreationTime: created,
    LastModifiedTime: modified,
  });

  const operations: Record<string, Operation> = {
    CreateInferenceComponent(input) {
      const {
        InferenceComponentName: name,
        EndpointName,
        VariantName,
        Specification,
        RuntimeConfig,
      } = parse(createComponent, input);
      const model = catalog.model(Specification.ModelName);
      const variant = endpoints.find(EndpointName)?.variants.find((one) => one.name === VariantName);
      if (!variant) {
        const where = `endpoint "${arnOf(world, "endpoint", EndpointName)}"`;
        throw new AwsError("ValidationException", `Could not find variant "${VariantName}" of ${where}.`);
      }
      if (components.has(name))
        throw new AwsError("ValidationException", `Cannot create already existing inference component "${arn(name)}".`);
      const instances = { current: 0, desired: RuntimeConfig.CopyCount };
      const serves: Variant = { ...variant, model: null, container: null, instances, disturbance: null };
      const component: Component = {
        ...{ name, endpoint: EndpointName, status: "Creating", failureReason: null, serves },
        ...{ created: nowSeconds(), modified: nowSeconds() },
      };
      components.set(name, component);
      begin(component, "Creating", async () => {
        await load(serves, model);
        instances.current = instances.desired;
      });
      return { InferenceComponentArn: arn(name) };
    },

    DescribeInferenceComponent(input) {
      const component = found(parse(ofComponent, input).InferenceComponentName);
      const { model, instances } = component.serves;
      return {
        ...described(component),
        ...(model === null ? {} : { Specification: { ModelName: model.ModelName } }),
        RuntimeConfig: { CurrentCopyCount: instances.current, DesiredCopyCount: instances.desired },
      };
    },

    ListInferenceComponents(input) {
      const { EndpointNameEquals, MaxResults, NextToken } = parse(listComponents, input);
      const from = Number(NextToken);
      const all = [...components.values()].filter(({ endpoint }) => endpoint === (EndpointNameEquals ?? endpoint)).reverse();
      return {
        InferenceComponents: all.slice(from, from + MaxResults).map(described),
        ...(all.length > from + MaxResults ? { NextToken: String(from + MaxResults) } : {}),
      };
    },

    UpdateInferenceComponent(input) {
      const { InferenceComponentName, Specification, RuntimeConfig } = parse(updateComponent, input);
      const component = found(InferenceComponentName);
      const model = Specification && catalog.model(Specification.ModelName);
      refuseInProgress(component);
      const { serves } = component;
      serves.instances.desired = RuntimeConfig?.CopyCount ?? serves.instances.desired;
      begin(component, "Updating", async () => {
        if (model) await load(serves, model);
        serves.instances.current = serves.instances.desired;
      });
      return { InferenceComponentArn: arn(component.name) };
    },

    UpdateInferenceComponentRuntimeConfig(input) {
      const { InferenceComponentName, DesiredRuntimeConfig } = parse(updateComponentCopies, input);
      const component = found(InferenceComponentName);
      refuseInProgress(component);
      const { instances } = component.serves;
      instances.desired = DesiredRuntimeConfig.CopyCount;
      begin(component, "Updating", () => {
        instances.current = instances.desired;
      });
      return { InferenceComponentArn: arn(component.name) };
    },

    DeleteInferenceComponent(input) {
      const component = found(parse(ofComponent, input).InferenceComponentName);
      refuseInProgress(component);
      begin(component, "Deleting", () => void components.delete(component.name));
      return {};
    },
  };

  return {
    operations,
    /** How a component answers now; `null` where the endpoint has none of that name that does. */
    serving(endpoint, name) {
      const component = components.get(name);
      return component?.endpoint === endpoint.name && component.serves.container !== null ? component.serves : null;
    },
  };
}
