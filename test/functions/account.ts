import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type EndpointStatus,
  SageMakerClient,
  SageMakerServiceException,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";

const region = "eu-west-1";

/** An endpoint `chat` that does what SageMaker's does, its alarms, its scaling, and what was started, counted and paged. */
export function startAccount() {
  const endpoint = {
    status: "InService" as EndpointStatus,
    configuration: "config-1",
    weights: { stable: 1, candidate: 1 } as Record<string, number>,
    instances: { stable: 1, candidate: 1 } as Record<string, number>,
    updates: 0,
  };
  const alarms = new Map<string, string>();
  const floors = new Map<string, { MinCapacity: number; MaxCapacity: number }>();
  const outcomes: string[] = [];
  const pages: string[] = [];
  const executions = new Map<string, string>();
  /** Variants whose latency alarm has a past. */
  const wereSlow = new Set<string>();

  const connect = () => {
    const sagemaker = new SageMakerClient({ region });
    const cloudwatch = new CloudWatchClient({ region });
    const scaling = new ApplicationAutoScalingClient({ region });
    const sns = new SNSClient({ region });
    const sfn = new SFNClient({ region });
    mockClient(sagemaker)
      .on(DescribeEndpointCommand)
      .callsFake(() => ({
        EndpointStatus: endpoint.status,
        EndpointConfigName: endpoint.configuration,
        ProductionVariants: Object.entries(endpoint.weights).map(([VariantName, weight]) => ({
          VariantName,
          DeployedImages: [{ SpecifiedImage: "image" }],
          CurrentWeight: weight,
          DesiredWeight: weight,
          CurrentInstanceCount: endpoint.instances[VariantName],
          DesiredInstanceCount: endpoint.instances[VariantName],
        })),
      }))
      .on(DescribeEndpointConfigCommand)
      .callsFake(() => ({
        ProductionVariants: Object.keys(endpoint.weights).map((VariantName) => ({ VariantName, ModelName: `${VariantName}-1` })),
      }))
      .on(UpdateEndpointWeightsAndCapacitiesCommand)
      .callsFake(({ DesiredWeightsAndCapacities }) => {
        if (endpoint.status !== "InService") {
          const message = "Cannot update in-progress endpoint";
          throw new SageMakerServiceException({ name: "ValidationException", message, $fault: "client", $metadata: {} });
        }
        for (const { VariantName, DesiredWeight, DesiredInstanceCount } of DesiredWeightsAndCapacities) {
          if (DesiredWeight !== undefined) endpoint.weights[VariantName] = DesiredWeight;
          if (DesiredInstanceCount !== undefined) endpoint.instances[VariantName] = DesiredInstanceCount;
        }
        endpoint.status = "Updating";
        endpoint.updates++;
        return {};
      });
    mockClient(cloudwatch)
      .on(DescribeAlarmsCommand)
      .callsFake(({ AlarmNames }) => ({
        MetricAlarms: AlarmNames.map((AlarmName: string) => ({ AlarmName, StateValue: alarms.get(AlarmName) ?? "OK" })),
      }))
      .on(DescribeAlarmHistoryCommand)
      .callsFake(({ AlarmName }) => ({
        AlarmHistoryItems: [...wereSlow]
          .filter((variant) => AlarmName.endsWith(`${variant}-latency`))
          .map(() => ({ HistoryData: '{"oldState":{"stateValue":"ALARM"},"newState":{"stateValue":"OK"}}' })),
      }))
      .on(PutMetricDataCommand)
      .callsFake(({ MetricData }) => {
        for (const { MetricName, Dimensions } of MetricData) {
          const outcome = Dimensions.find(({ Name }: { Name: string }) => Name === "Outcome");
          if (MetricName === "Remediations") outcomes.push(outcome.Value);
        }
        return {};
      });
    mockClient(scaling)
      .on(DescribeScalableTargetsCommand)
      .callsFake(() => ({
        ScalableTargets: [...floors].map(([variant, bounds]) => ({ ResourceId: `endpoint/chat/variant/${variant}`, ...bounds })),
      }))
      .on(RegisterScalableTargetCommand)
      .callsFake(({ ResourceId, MinCapacity }) => {
        const variant = ResourceId.split("/").at(-1);
        floors.set(variant, { ...floors.get(variant)!, MinCapacity });
        endpoint.instances[variant] = Math.max(endpoint.instances[variant]!, MinCapacity);
        return {};
      });
    mockClient(sns)
      .on(PublishCommand)
      .callsFake(({ Subject }) => {
        pages.push(Subject);
        return {};
      });
    mockClient(sfn)
      .on(StartExecutionCommand)
      .callsFake(({ name, input }) => {
        // The same input again is content with the one that runs.
        if (executions.has(name) && executions.get(name) !== input)
          throw new ExecutionAlreadyExists({ message: "Execution Already Exists", $metadata: {} });
        executions.set(name, input);
        return { executionArn: `arn:${name}` };
      });
    return { sagemaker, cloudwatch, scaling, sns, sfn };
  };
  return { endpoint, alarms, floors, outcomes, pages, executions, wereSlow, connect };
}
