import { parseInput } from "../parseInput.ts";
import { AwsError, type Operation, type World } from "../world.ts";
import type { Components } from "./components.ts";
import type { createDataCapture } from "./dataCapture.ts";
import type { Endpoint, Endpoints, Variant } from "./endpoints.ts";
import { type InvokeRequest, invokeEndpoint } from "./requests.ts";
import type { createVendedMetrics } from "./vendedMetrics.ts";

const undisturbed = { latencyFactor: 1, errorShare: 0 };

/**
 * `InvokeEndpoint` and `InvokeEndpointWithResponseStream`, of which nothing is captured: chooses a variant by weight, lets its model answer, and that of its shadow, vends metrics and captures. Every answer says in
 * `CustomAttributes` that it is recorded, or forwarded.
 */
export function createRuntime(
  world: World,
  endpoints: Endpoints,
  components: Components,
  vend: ReturnType<typeof createVendedMetrics>,
  capture: ReturnType<typeof createDataCapture>,
): Record<"InvokeEndpoint" | "InvokeEndpointWithResponseStream", Operation> {
  const refused = (message: string) => new AwsError("ValidationError", message);

  function serving(name: string): Endpoint {
    const endpoint = endpoints.find(name);
    if (!endpoint || endpoint.variants.length === 0) throw refused(`Endpoint ${name} of account ${world.accountId} not found.`);
    return endpoint;
  }

  function byName({ name, variants }: Endpoint, target: string): Variant {
    const variant = variants.find((v) => v.name === target);
    if (!variant) throw refused(`Endpoint ${name} of account ${world.accountId} has no variant ${target}.`);
    return variant;
  }

  function byWeight({ name, variants }: Endpoint, chance: number): Variant {
    const weighted = variants.filter(({ weight }) => weight.current > 0);
    let left = chance * weighted.reduce((sum, { weight }) => sum + weight.current, 0);
    for (const variant of weighted) {
      left -= variant.weight.current;
      if (left < 0) return variant;
    }
    // Rounding may leave a trace of the last weight.
    const last = weighted.at(-1);
    if (!last) throw refused(`All variants of endpoint ${name} of account ${world.accountId} have the weight 0.`);
    return last;
  }

  function chosenBy({ InferenceComponentName, TargetVariant }: InvokeRequest, endpoint: Endpoint, chance: number): Variant {
    if (InferenceComponentName !== undefined) {
      const component = components.serving(endpoint, InferenceComponentName);
      if (component) return component;
      throw refused(`Inference component ${InferenceComponentName} of endpoint ${endpoint.name} not found, or not in service.`);
    }
    return TargetVariant === undefined ? byWeight(endpoint, chance) : byName(endpoint, TargetVariant);
  }

  return {
    InvokeEndpoint: (input) => invoke(input, capture),
    async InvokeEndpointWithResponseStream(input) {
      const { Body, ...rest } = await invoke(input, () => {});
      return { ...rest, Body: partsOf(Body) };
    },
  };

  async function invoke(input: Record<string, unknown>, captured: typeof capture) {
    const request = parseInput(invokeEndpoint, input, "ValidationError");
    const endpoint = serving(request.EndpointName);
    const n = endpoint.invocations++;
    const chance = (word: string) => world.chance("sagemaker", word, endpoint.name, String(n));
    const variant = chosenBy(request, endpoint, chance("variant"));
    const { status, body, contentType, provenance } = await answer(endpoint, variant, request, n, captured);
    for (const shadow of endpoint.shadows) {
      // Its weight is beside that of the variant that it mirrors. What it says, nobody hears: it is captured, and that is all.
      if (chance("shadow") * variant.weight.current < shadow.weight.current) await answer(endpoint, shadow, request, n, captured);
    }
    if (status !== 200) throw modelError(world, endpoint.name, variant.name, status, body.toString("utf8"));
    return {
      Body: body,
      ContentType: contentType,
      InvokedProductionVariant: variant.name,
      CustomAttributes: provenance,
    };
  }

  /** Lets a variant's model answer the nth request, vends metrics and captures. */
  async function answer(endpoint: Endpoint, variant: Variant, request: InvokeRequest, n: number, captured: typeof capture) {
    const { name, model, container, instances, disturbance } = variant;
    if (model === null || container === null)
      throw refused(`Variant ${name} of endpoint ${endpoint.name} has inference components: name one in InferenceComponentName.`);
    const { status, body, contentType, latencyMs } = await container.answer(request.Body, {
      name: model.ModelName,
      payload: model.PrimaryContainer.Environment.PAYLOAD,
      id: world.uuid("sagemaker-answer"),
      nowMs: Date.now(),
      disturbance: disturbance ?? undisturbed,
      chance: (word) => world.chance("sagemaker", word, endpoint.name, String(n)),
    });
    const place = { endpoint: endpoint.name, variant: variant.name };
    vend(place, { status, modelLatencyMs: latencyMs, instances: instances.current });
    if (endpoint.config.DataCaptureConfig && !variant.diskFull)
      captured(endpoint.config.DataCaptureConfig, place, instances.current, {
        n,
        input: { body: request.Body, contentType: request.ContentType },
        output: { body, contentType },
        inferenceId: request.InferenceId,
        customAttributes: request.CustomAttributes,
      });
    return { status, body, contentType, provenance: container.provenance };
  }
}

/** The parts in which a body is streamed: an event or a line each, as containers send them. */
function partsOf(body: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let from = 0; from < body.length; ) {
    const newline = body.indexOf("\n", from);
    let to = newline === -1 ? body.length : newline + 1;
    while (body[to] === 10) to++;
    parts.push(body.subarray(from, to));
    from = to;
  }
  return parts;
}

function modelError({ region, accountId }: World, endpoint: string, variant: string, status: number, body: string): AwsError {
  const group = `/aws/sagemaker/Endpoints/${endpoint}`;
  const side = status < 500 ? "client" : "server";
  const message =
    `Received ${side} error (${status}) from primary with message "${body}". ` +
    `See https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#logEventViewer:group=${group} ` +
    `in account ${accountId} for more information.`;
  return new AwsError("ModelError", message, 424, {
    OriginalStatusCode: status,
    OriginalMessage: body,
    LogStreamArn: `arn:aws:logs:${region}:${accountId}:log-group:${group}:log-stream:${variant}`,
  });
}
