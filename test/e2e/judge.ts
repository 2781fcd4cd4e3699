import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateEndpointCommand, CreateEndpointConfigCommand, CreateModelCommand } from "@aws-sdk/client-sagemaker";
import type { Stack } from "./stack.ts";

/** Begins to create the judge of assay.yml, with recorded grades; it takes some minutes of the clock. */
export async function createJudge(
  { s3, sagemaker }: Stack,
  grades: readonly { prompt: string; completion: string; grades: Record<string, number> }[],
): Promise<void> {
  const Body = grades.map((line) => JSON.stringify(line)).join("\n");
  await s3.send(new CreateBucketCommand({ Bucket: "grades" }));
  await s3.send(new PutObjectCommand({ Bucket: "grades", Key: "grades.jsonl", Body }));
  await sagemaker.send(
    new CreateModelCommand({
      ModelName: "judge-recorded",
      ExecutionRoleArn: "arn:aws:iam::000000000000:role/recorded",
      PrimaryContainer: { Image: "assay-local/recorded-judge", ModelDataUrl: "s3://grades/grades.jsonl" },
    }),
  );
  const only = {
    VariantName: "only",
    ModelName: "judge-recorded",
    InstanceType: "ml.g5.xlarge",
    InitialInstanceCount: 1,
  } as const;
  await sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: "judge", ProductionVariants: [only] }));
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: "support-judge", EndpointConfigName: "judge" }));
}
