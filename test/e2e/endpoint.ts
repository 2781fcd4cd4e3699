import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type DataCaptureConfig,
  DescribeEndpointCommand,
  type SageMakerClient,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import type { Stack } from "./stack.ts";

const EndpointName = "support-chat";
const variants = ["stable", "candidate"];

/** Begins to create the endpoint of assay.yml, two variants of one recorded answer; it takes some minutes of the clock. */
export async function createEndpoint({ s3, sagemaker }: Stack): Promise<void> {
  const recording = {
    prompt: "Hello?",
    completion: "Hello.",
    latencyMs: 200,
    promptTokens: 2,
    completionTokens: 2,
    finishReason: "stop",
  };
  await s3.send(new CreateBucketCommand({ Bucket: "recordings" }));
  await s3.send(new PutObjectCommand({ Bucket: "recordings", Key: "hello.jsonl", Body: JSON.stringify(recording) }));
  for (const variant of variants) {
    await sagemaker.send(
      new CreateModelCommand({
        ModelName: `${variant}-recorded`,
        ExecutionRoleArn: "arn:aws:iam::000000000000:role/recorded",
        PrimaryContainer: {
          Image: "assay-local/recorded",
          ModelDataUrl: "s3://recordings/hello.jsonl",
          Environment: { PAYLOAD: "openai" },
        },
      }),
    );
  }
  await configure(sagemaker, "two-variants");
  await sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName: "two-variants" }));
}

/** Begins to give the endpoint a configuration that captures every request into the stack; it takes ten minutes of the clock. */
export async function turnCaptureOn({ sagemaker, output }: Stack): Promise<void> {
  await configure(sagemaker, "captured", {
    EnableCapture: true,
    InitialSamplingPercentage: 100,
    DestinationS3Uri: output("CaptureUri"),
    CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
    CaptureContentTypeHeader: { JsonContentTypes: ["application/json"] },
  });
  const EndpointConfigName = "captured";
  await sagemaker.send(new UpdateEndpointCommand({ EndpointName, EndpointConfigName, RetainAllVariantProperties: true }));
}

async function configure(sagemaker: SageMakerClient, name: string, capture?: DataCaptureConfig): Promise<void> {
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: variants.map((VariantName) => ({
        VariantName,
        ModelName: `${VariantName}-recorded`,
        InstanceType: "ml.g5.xlarge",
        InitialInstanceCount: 1,
        InitialVariantWeight: 1,
      })),
      DataCaptureConfig: capture,
    }),
  );
}

export async function weightsOf({ sagemaker }: Stack): Promise<Record<string, number>> {
  const { ProductionVariants = [] } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
  return Object.fromEntries(ProductionVariants.map(({ VariantName, DesiredWeight }) => [VariantName!, DesiredWeight!]));
}
