import { ApplicationAutoScalingClient, RegisterScalableTargetCommand } from "@aws-sdk/client-application-auto-scaling";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { createAutoScaling } from "../../../local/autoscaling.ts";
import type { Part } from "../../../local/world.ts";
import { changeEndpoint, type EndpointChange } from "../../../shared/aws/changeEndpoint.ts";
import { describeEndpoint } from "../../../shared/aws/endpoints.ts";
import { readComponentScaling, setFloor } from "../../../shared/aws/scaling.ts";
import { inspect } from "../../../shared/remediation/inspection.ts";
import { tinyWorld, variant, withConfig } from "../../local/sagemaker/world.ts";

const minute = 60_000;
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
beforeEach(() => void jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] }));
afterEach(() => void jest.useRealTimers());

/** A client that asks a part of the embedded AWS. */
function asking<C extends { send: unknown }>(client: C, { operations }: Part): C {
  const send = async (command: { input: Record<string, unknown> }) => {
    const operation = command.constructor.name.replace("Command", "");
    return operations[operation]!({ ...command.input }, { principal: { kind: "admin" }, requestId: "r" });
  };
  return Object.assign(client, { send });
}

/** An endpoint `chat` whose variant `shared` hosts the component `mail` with the model `good`. */
async function hosting() {
  const tiny = tinyWorld();
  const { ModelName: _, ...shared } = variant("shared", "");
  await withConfig(tiny, { ProductionVariants: [shared] });
  await tiny.ask("CreateEndpoint", { EndpointName: "chat", EndpointConfigName: "one" });
  await pass(4 * minute);
  const of = { InferenceComponentName: "mail", EndpointName: "chat", VariantName: "shared" };
  await tiny.ask("CreateInferenceComponent", { ...of, Specification: { ModelName: "good" } });
  await pass(2 * minute);
  const call = async (_: string, operation: string, input: Record<string, unknown>) => tiny.ask(operation, input);
  const region = "eu-central-1";
  const scaling = asking(new ApplicationAutoScalingClient({ region }), createAutoScaling({ ...tiny.world, call }));
  return { sagemaker: asking(new SageMakerClient({ region }), tiny.sagemaker), scaling };
}

test.each<{ it: string; before: EndpointChange; change: EndpointChange; becomes: object }>([
  {
    it: "another copy",
    before: { kind: "copies", component: "mail", copies: 1 },
    change: { kind: "copies", component: "mail", copies: 2 },
    becomes: { copies: 2, model: "good" },
  },
  {
    it: "another model",
    before: { kind: "component_model", component: "mail", model: "good" },
    change: { kind: "component_model", component: "mail", model: "other" },
    becomes: { copies: 1, model: "other" },
  },
])("a component gets $it once, is waited for, and gets it taken back", async ({ before, change, becomes }) => {
  const { sagemaker } = await hosting();
  const stateOf = async (wanted: EndpointChange) =>
    inspect("chat", await describeEndpoint(sagemaker, "chat"), wanted, Date.now(), Date.now()).state;
  await changeEndpoint(sagemaker, "chat", change, before);
  expect(await stateOf(change)).toBe("changing");
  await pass(2 * minute);
  expect(await stateOf(change)).toBe("in_service");
  await changeEndpoint(sagemaker, "chat", change, before);
  expect(await describeEndpoint(sagemaker, "chat")).toMatchObject({
    components: [{ name: "mail", isInService: true, ...becomes }],
  });
  await changeEndpoint(sagemaker, "chat", before, change);
  await pass(2 * minute);
  expect(await stateOf(before)).toBe("in_service");
});

test("a component that is scaled automatically gets copies by its floor, and a person's floor stays", async () => {
  const { sagemaker, scaling } = await hosting();
  const floor = (copies: number) => ({ kind: "copies_floor", component: "mail", copies }) as const;
  expect(await readComponentScaling(scaling, ["mail"])).toEqual(new Map());
  await asked(scaling, { MinCapacity: 1, MaxCapacity: 4 });
  expect(await readComponentScaling(scaling, ["mail"])).toEqual(new Map([["mail", { min: 1, max: 4 }]]));
  for (let time = 0; time < 2; time++) await setFloor(scaling, "chat", floor(2), floor(1));
  await pass(2 * minute);
  expect(await describeEndpoint(sagemaker, "chat")).toMatchObject({ components: [{ copies: 2 }] });
  await asked(scaling, { MinCapacity: 3 });
  await expect(setFloor(scaling, "chat", floor(1), floor(2))).rejects.toThrow("Somebody else changed the copies of mail");
});

async function asked(scaling: ApplicationAutoScalingClient, bounds: { MinCapacity: number; MaxCapacity?: number }) {
  const of = { ServiceNamespace: "sagemaker", ResourceId: "inference-component/mail" } as const;
  const ScalableDimension = "sagemaker:inference-component:DesiredCopyCount";
  await scaling.send(new RegisterScalableTargetCommand({ ...of, ScalableDimension, ...bounds }));
}
