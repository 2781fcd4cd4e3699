import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import type { Stack } from "./stack.ts";

const EndpointName = "support-chat";

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
  const variants = ["stable", "candidate"];
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
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: "two-variants",
      ProductionVariants: variants.map((VariantName) => ({
        VariantName,
        ModelName: `${VariantName}-recorded`,
        InstanceType: "ml.g5.xlarge",
        InitialInstanceCount: 1,
        InitialVariantWeight: 1,
      })),
    }),
  );
  await sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName: "two-variants" }));
}

export async function weightsOf({ sagemaker }: Stack): Promise<Record<string, number>> {
  const { ProductionVariants = [] } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
  return Object.fromEntries(ProductionVariants.map(({ VariantName, DesiredWeight }) => [VariantName!, DesiredWeight!]));
}
