import {
  CreateEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  DescribeInferenceComponentCommand,
  type SageMakerClient,
  type SageMakerServiceException,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  UpdateInferenceComponentCommand,
  UpdateInferenceComponentRuntimeConfigCommand,
} from "@aws-sdk/client-sagemaker";
import { ChangedMeanwhile } from "../remediation/changedMeanwhile.ts";
import type { Change } from "../remediation/decision.ts";
import { EndpointBusy } from "../remediation/endpointBusy.ts";
import { isWanted } from "../remediation/inspection.ts";
import { describeEndpoint, isValidation } from "./endpoints.ts";

/** What SageMaker changes itself; floors are Application Auto Scaling's, see scaling.ts. */
export type EndpointChange = Exclude<Change, { kind: "floor" | "copies_floor" }>;
type ConfigurationChange = Extract<Change, { kind: "configuration" }>;

/** As long as a period of the alarms that send a deployment back. */
const stepSeconds = 600;
/** What a person has to see that the new fleet is no better, before the old one is gone. */
const keepOldFleetSeconds = 600;
/** SageMaker takes 5 to 50. */
const componentBatchPercent = 25;

/**
 * Makes a change, or takes it back. Repeating it does nothing: what is wanted already is left alone.
 * @param before the same settings as they were when this was decided
 * @throws ChangedMeanwhile where they are neither so nor as wanted: somebody else's change stays; EndpointBusy while the endpoint is
 *   being changed in another way; what SageMaker says otherwise
 */
export async function changeEndpoint(
  sagemaker: SageMakerClient,
  name: string,
  change: EndpointChange,
  before: EndpointChange,
): Promise<void> {
  const now = await describeEndpoint(sagemaker, name);
  if (now && isWanted(now, change)) return;
  // While it is being updated it may be on its way to anything.
  if (now && now.status === "InService" && !isWanted(now, before)) throw new ChangedMeanwhile(name, change);
  try {
    await send(sagemaker, name, change);
  } catch (error) {
    // "Cannot update in-progress endpoint" is a ValidationException like any other: what the endpoint says of itself decides.
    if (!isValidation(error)) throw error;
    const after = await describeEndpoint(sagemaker, name);
    if (after && isWanted(after, change)) return;
    if (after && after.status !== "InService") {
      throw new EndpointBusy(`Endpoint ${name} is ${after.status} and takes no change now. It is tried again.`, { cause: error });
    }
    throw error;
  }
}

async function send(sagemaker: SageMakerClient, EndpointName: string, change: EndpointChange): Promise<void> {
  switch (change.kind) {
    case "weights": {
      const DesiredWeightsAndCapacities = change.weights.map(({ variant, weight }) => ({
        VariantName: variant,
        DesiredWeight: weight,
      }));
      await sagemaker.send(new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName, DesiredWeightsAndCapacities }));
      return;
    }
    case "instances": {
      const DesiredWeightsAndCapacities = [{ VariantName: change.variant, DesiredInstanceCount: change.instances }];
      await sagemaker.send(new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName, DesiredWeightsAndCapacities }));
      return;
    }
    case "configuration":
      return deploy(sagemaker, EndpointName, change);
    case "copies":
      await sagemaker.send(
        new UpdateInferenceComponentRuntimeConfigCommand({
          InferenceComponentName: change.component,
          DesiredRuntimeConfig: { CopyCount: change.copies },
        }),
      );
      return;
    case "component_model":
      return giveModel(sagemaker, change.component, change.model);
  }
}

/** In place, some copies at a time. What the component needs and how it starts stay as they are. */
async function giveModel(sagemaker: SageMakerClient, InferenceComponentName: string, ModelName: string): Promise<void> {
  const { Specification } = await sagemaker.send(new DescribeInferenceComponentCommand({ InferenceComponentName }));
  const { StartupParameters, ComputeResourceRequirements } = Specification ?? {};
  const MaximumBatchSize = { Type: "CAPACITY_PERCENT", Value: componentBatchPercent } as const;
  await sagemaker.send(
    new UpdateInferenceComponentCommand({
      InferenceComponentName,
      Specification: {
        ModelName,
        ...(StartupParameters && { StartupParameters }),
        ...(ComputeResourceRequirements && { ComputeResourceRequirements }),
      },
      DeploymentConfig: { RollingUpdatePolicy: { MaximumBatchSize, WaitIntervalInSeconds: 60 } },
    }),
  );
}

/**
 * A blue/green deployment: traffic goes over in bounded steps, weights and counts stay what they are, and latency or errors send it back.
 * SageMaker cannot be told to keep data capture, so a configuration that does not capture as the present one does is copied with its capture.
 */
async function deploy(sagemaker: SageMakerClient, EndpointName: string, change: ConfigurationChange): Promise<void> {
  const { configuration, copyOf, stepPercent, rollbackAlarms } = change;
  if (copyOf !== null) await copyCapturing(sagemaker, EndpointName, configuration, copyOf);
  const TrafficRoutingConfiguration = {
    Type: "LINEAR",
    LinearStepSize: { Type: "CAPACITY_PERCENT", Value: stepPercent },
    WaitIntervalInSeconds: stepSeconds,
  } as const;
  await sagemaker.send(
    new UpdateEndpointCommand({
      EndpointName,
      EndpointConfigName: configuration,
      RetainAllVariantProperties: true,
      DeploymentConfig: {
        BlueGreenUpdatePolicy: { TrafficRoutingConfiguration, TerminationWaitInSeconds: keepOldFleetSeconds },
        ...(rollbackAlarms.length === 0
          ? {}
          : { AutoRollbackConfiguration: { Alarms: rollbackAlarms.map((AlarmName) => ({ AlarmName })) } }),
      },
    }),
  );
}

async function copyCapturing(sagemaker: SageMakerClient, endpoint: string, name: string, of: string): Promise<void> {
  const present = await describeEndpoint(sagemaker, endpoint);
  const [copied, capturing] = await Promise.all(
    [of, present?.configuration ?? of].map((EndpointConfigName) =>
      sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName })),
    ),
  );
  const { EndpointConfigArn: _, CreationTime: __, $metadata: ___, ...settings } = copied!;
  try {
    await sagemaker.send(
      new CreateEndpointConfigCommand({
        ...settings,
        EndpointConfigName: name,
        ProductionVariants: settings.ProductionVariants!, // SageMaker has no configuration without
        DataCaptureConfig: capturing!.DataCaptureConfig,
      }),
    );
  } catch (error) {
    // Made before a crash: its name says what it is a copy of.
    if (!(isValidation(error) && (error as SageMakerServiceException).message.startsWith("Cannot create already existing")))
      throw error;
  }
}
