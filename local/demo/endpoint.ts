import type { World } from "../world.ts";
import { recordingSource, strictGrades } from "./recordings.ts";
import { demoEndpoint, judgeEndpoint, judgeVariant, modelBucket, recordingUri } from "./scenarios.ts";

/** What models and judges answer from. */
const recordings: Record<string, () => string> = {
  stable: () => recordingSource("stable"),
  candidate: () => recordingSource("candidate"),
  "candidate-degraded": () => recordingSource("candidate-degraded"),
  "candidate-failing": () => recordingSource("candidate-failing"),
  grades: () => recordingSource("grades"),
  "grades-strict": () => strictGrades(recordingSource("grades")),
};

/**
 * Begins to create the endpoint `support-chat` with two recorded variants and data capture, and the endpoint of the recorded judge.
 * It takes some minutes of the clock.
 */
export async function createDemoEndpoints(world: World, captureBucket: string): Promise<void> {
  await world.call("s3", "CreateBucket", { Bucket: modelBucket });
  for (const [name, source] of Object.entries(recordings)) {
    await world.call("s3", "PutObject", { Bucket: modelBucket, Key: `${name}.jsonl`, Body: Buffer.from(source()) });
  }
  const ExecutionRoleArn = `arn:aws:iam::${world.accountId}:role/support-chat`;
  for (const variant of ["stable", "candidate"]) {
    await world.call("sagemaker", "CreateModel", {
      ModelName: `support-chat-${variant}-recorded`,
      ExecutionRoleArn,
      PrimaryContainer: {
        Image: "assay-local/recorded",
        ModelDataUrl: recordingUri(variant),
        Environment: { PAYLOAD: "openai" },
      },
    });
  }
  await world.call("sagemaker", "CreateEndpointConfig", {
    EndpointConfigName: "support-chat-rollout",
    ProductionVariants: ["stable", "candidate"].map((variant) => ({
      VariantName: variant,
      ModelName: `support-chat-${variant}-recorded`,
      InstanceType: "ml.g5.xlarge",
      InitialInstanceCount: 1,
      InitialVariantWeight: 1,
    })),
    DataCaptureConfig: {
      EnableCapture: true,
      InitialSamplingPercentage: 100,
      DestinationS3Uri: `s3://${captureBucket}/captures`,
      CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
      CaptureContentTypeHeader: { JsonContentTypes: ["application/json"] },
    },
  });
  await world.call("sagemaker", "CreateEndpoint", { EndpointName: demoEndpoint, EndpointConfigName: "support-chat-rollout" });

  await world.call("sagemaker", "CreateModel", {
    ModelName: "support-judge-recorded",
    ExecutionRoleArn,
    PrimaryContainer: { Image: "assay-local/recorded-judge", ModelDataUrl: recordingUri("grades") },
  });
  await world.call("sagemaker", "CreateEndpointConfig", {
    EndpointConfigName: judgeEndpoint,
    ProductionVariants: [
      {
        VariantName: judgeVariant,
        ModelName: "support-judge-recorded",
        InstanceType: "ml.g5.xlarge",
        InitialInstanceCount: 1,
        InitialVariantWeight: 1,
      },
    ],
  });
  await world.call("sagemaker", "CreateEndpoint", { EndpointName: judgeEndpoint, EndpointConfigName: judgeEndpoint });
}
