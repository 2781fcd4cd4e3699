import {
  CreateEndpointConfigCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeInferenceComponentCommand,
  ListInferenceComponentsCommand,
  SageMakerClient,
  SageMakerServiceException,
  UpdateEndpointCommand,
  UpdateInferenceComponentCommand,
  UpdateInferenceComponentRuntimeConfigCommand,
} from "@aws-sdk/client-sagemaker";
import { beforeEach, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { changeEndpoint, type EndpointChange } from "../../../shared/aws/changeEndpoint.ts";

const sagemaker = new SageMakerClient({ region: "eu-west-1" });
const aws = mockClient(sagemaker);
beforeEach(() => {
  aws.reset();
  aws.on(DescribeEndpointCommand).resolves({
    EndpointStatus: "InService",
    EndpointConfigName: "new",
    ProductionVariants: [{ VariantName: "main" }],
  });
  aws.on(ListInferenceComponentsCommand).resolves({ InferenceComponents: [{ InferenceComponentName: "chat" }] as never });
  aws.on(DescribeInferenceComponentCommand).resolves({
    VariantName: "main",
    InferenceComponentStatus: "InService",
    RuntimeConfig: { CurrentCopyCount: 1, DesiredCopyCount: 1 },
    Specification: { ModelName: "m2", ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024 } },
  });
});

const configuration = (name: string, copyOf: string | null): EndpointChange => ({
  kind: "configuration",
  configuration: name,
  copyOf,
  stepPercent: 40,
  rollbackAlarms: ["slow"],
});

test("a swap is blue/green in bounded steps, keeps what was scaled, and goes back on alarms", async () => {
  await changeEndpoint(sagemaker, "chat", configuration("old", null), configuration("new", null));
  expect(aws.commandCalls(UpdateEndpointCommand)[0]!.args[0].input).toMatchObject({
    EndpointName: "chat",
    EndpointConfigName: "old",
    RetainAllVariantProperties: true,
    DeploymentConfig: {
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: { Type: "LINEAR", LinearStepSize: { Type: "CAPACITY_PERCENT", Value: 40 } },
      },
      AutoRollbackConfiguration: { Alarms: [{ AlarmName: "slow" }] },
    },
  });
});

test.each([
  { it: "made", says: null },
  { it: "made before a crash", says: "Cannot create already existing endpoint configuration" },
])("a configuration that does not capture is copied with the capture of the present one: $it", async ({ says }) => {
  const capture = { InitialSamplingPercentage: 100, DestinationS3Uri: "s3://b", CaptureOptions: [] };
  aws
    .on(DescribeEndpointConfigCommand, { EndpointConfigName: "old" })
    .resolves({ ProductionVariants: [{ VariantName: "main" }] });
  aws.on(DescribeEndpointConfigCommand, { EndpointConfigName: "new" }).resolves({ DataCaptureConfig: capture });
  const creating = aws.on(CreateEndpointConfigCommand);
  if (says === null) creating.resolves({});
  else
    creating.rejects(
      new SageMakerServiceException({ name: "ValidationException", message: says, $fault: "client", $metadata: {} }),
    );
  await changeEndpoint(sagemaker, "chat", configuration("assay-captured-1", "old"), configuration("new", null));
  expect(aws.commandCalls(CreateEndpointConfigCommand)[0]!.args[0].input).toEqual({
    EndpointConfigName: "assay-captured-1",
    ProductionVariants: [{ VariantName: "main" }],
    DataCaptureConfig: capture,
  });
  expect(aws.commandCalls(UpdateEndpointCommand)).toHaveLength(1);
});

test("copies and the model of an inference component", async () => {
  const copies = (count: number) => ({ kind: "copies", component: "chat", copies: count }) as const;
  await changeEndpoint(sagemaker, "chat", copies(2), copies(1));
  const model = (name: string) => ({ kind: "component_model", component: "chat", model: name }) as const;
  await changeEndpoint(sagemaker, "chat", model("m1"), model("m2"));
  expect(aws.commandCalls(UpdateInferenceComponentRuntimeConfigCommand)[0]!.args[0].input).toEqual({
    InferenceComponentName: "chat",
    DesiredRuntimeConfig: { CopyCount: 2 },
  });
  expect(aws.commandCalls(UpdateInferenceComponentCommand)[0]!.args[0].input).toMatchObject({
    InferenceComponentName: "chat",
    Specification: { ModelName: "m1", ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024 } },
  });
});

test("what somebody else deployed or scaled meanwhile stays", async () => {
  const meanwhile = [
    [configuration("old", null), configuration("newer", null)],
    [
      { kind: "copies", component: "chat", copies: 4 },
      { kind: "copies", component: "chat", copies: 3 },
    ],
  ] as const;
  for (const [change, before] of meanwhile)
    await expect(changeEndpoint(sagemaker, "chat", change, before)).rejects.toMatchObject({ name: "ChangedMeanwhile" });
  expect(aws.commandCalls(UpdateEndpointCommand)).toHaveLength(0);
});
