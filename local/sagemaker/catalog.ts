import { parseInput } from "../parseInput.ts";
import { AwsError, type Operation, type World } from "../world.ts";
import { arnOf, type Resource } from "./arn.ts";
import {
  createEndpointConfig,
  createModel,
  type EndpointConfigRequest,
  type ModelRequest,
  ofEndpointConfig,
  ofModel,
} from "./requests.ts";

export type Catalog = {
  operations: Record<string, Operation>;
  /** @throws AwsError where there is none */
  model(name: string): ModelRequest;
  /** @throws AwsError where there is none */
  endpointConfig(name: string): EndpointConfigRequest;
};

export const nowSeconds = () => Date.now() / 1_000;

/** Models and endpoint configurations: written once, never changed. An endpoint keeps its own copy and outlives them. */
export function createCatalog(world: World): Catalog {
  const models = new Map<string, ModelRequest & { CreationTime: number }>();
  const configs = new Map<string, EndpointConfigRequest & { CreationTime: number }>();

  function found<T>(kind: Resource, named: string, all: Map<string, T>, name: string): T {
    const value = all.get(name);
    if (value) return value;
    throw new AwsError("ValidationException", `Could not find ${named} "${arnOf(world, kind, name)}".`);
  }
  function add<T extends object>(
    kind: Resource,
    named: string,
    all: Map<string, T & { CreationTime: number }>,
    name: string,
    value: T,
  ) {
    if (all.has(name))
      throw new AwsError("ValidationException", `Cannot create already existing ${named} "${arnOf(world, kind, name)}".`);
    all.set(name, { ...value, CreationTime: nowSeconds() });
    return arnOf(world, kind, name);
  }
  const model = (name: string) => found("model", "model", models, name);
  const endpointConfig = (name: string) => found("endpoint-config", "endpoint configuration", configs, name);

  return {
    model,
    endpointConfig,
    operations: {
      CreateModel: (input) => {
        const request = parseInput(createModel, input, "ValidationException");
        return { ModelArn: add("model", "model", models, request.ModelName, request) };
      },
      DescribeModel: (input) => {
        const { Tags: _, ...described } = model(parseInput(ofModel, input, "ValidationException").ModelName);
        return { ...described, ModelArn: arnOf(world, "model", described.ModelName) };
      },
      DeleteModel: (input) => {
        const { ModelName } = model(parseInput(ofModel, input, "ValidationException").ModelName);
        models.delete(ModelName);
        return {};
      },
      CreateEndpointConfig: (input) => {
        const request = parseInput(createEndpointConfig, input, "ValidationException");
        for (const { ModelName } of [...request.ProductionVariants, ...request.ShadowProductionVariants])
          if (ModelName !== undefined) model(ModelName);
        const named = "endpoint configuration";
        return { EndpointConfigArn: add("endpoint-config", named, configs, request.EndpointConfigName, request) };
      },
      DescribeEndpointConfig: (input) => {
        const { EndpointConfigName } = parseInput(ofEndpointConfig, input, "ValidationException");
        const { Tags: _, ShadowProductionVariants: shadows, ...described } = endpointConfig(EndpointConfigName);
        const shadowed = shadows.length > 0 ? { ShadowProductionVariants: shadows } : {};
        return { ...described, ...shadowed, EndpointConfigArn: arnOf(world, "endpoint-config", EndpointConfigName) };
      },
      DeleteEndpointConfig: (input) => {
        const { EndpointConfigName } = endpointConfig(
          parseInput(ofEndpointConfig, input, "ValidationException").EndpointConfigName,
        );
        configs.delete(EndpointConfigName);
        return {};
      },
    },
  };
}
