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

export const forwardable = ["judge", "stable", "candidate"] as const;
export type Forwardable = (typeof forwardable)[number];

/** What an OpenAI-compatible server answers for, instead of a recording. */
export type Forwarding = {
  of: readonly Forwardable[];
  /** Up to and with `/v1`. */
  baseUrl: string;
  /** What the server calls its model; `null`: it takes requests that name none. */
  model: string | null;
};

/**
 * Begins to create the endpoint `support-chat` with two variants and data capture, and the endpoint of the judge, all recorded but for
 * what is forwarded. It takes some minutes of the clock.
 */
export async function createDemoEndpoints(world: World, captureBucket: string, forwarding: Forwarding | null): Promise<void> {
  await world.call("s3", "CreateBucket", { Bucket: modelBucket });
  for (const [name, source] of Object.entries(recordings)) {
    await world.call("s3", "PutObject", { Bucket: modelBucket, Key: `${name}.jsonl`, Body: Buffer.from(source()) });
  }
  const ExecutionRoleArn = `arn:aws:iam::${world.accountId}:role/support-chat`;
  const modelOf = (name: Forwardable) => `support-${name}-${forwarding?.of.includes(name) ? "forwarded" : "recorded"}`;
  for (const name of forwardable) {
    const recorded =
      name === "judge"
        ? { Image: "assay-local/recorded-judge", ModelDataUrl: recordingUri("grades") }
        : { Image: "assay-local/recorded", ModelDataUrl: recordingUri(name), Environment: { PAYLOAD: "openai" } };
    await world.call("sagemaker", "CreateModel", {
      ModelName: modelOf(name),
      ExecutionRoleArn,
      PrimaryContainer: forwarding?.of.includes(name) ? forwardedContainer(forwarding) : recorded,
    });
  }
  await world.call("sagemaker", "CreateEndpointConfig", {
    EndpointConfigName: "support-chat-rollout",
    ProductionVariants: (["stable", "candidate"] as const).map((variant) => ({
      VariantName: variant,
      ModelName: modelOf(variant),
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

  await world.call("sagemaker", "CreateEndpointConfig", {
    EndpointConfigName: judgeEndpoint,
    ProductionVariants: [
      {
        VariantName: judgeVariant,
        ModelName: modelOf("judge"),
        InstanceType: "ml.g5.xlarge",
        InitialInstanceCount: 1,
        InitialVariantWeight: 1,
      },
    ],
  });
  await world.call("sagemaker", "CreateEndpoint", { EndpointName: judgeEndpoint, EndpointConfigName: judgeEndpoint });
}

function forwardedContainer({ baseUrl, model }: Forwarding) {
  return {
    Image: "assay-local/openai",
    Environment: { OPENAI_BASE_URL: baseUrl, ...(model === null ? {} : { OPENAI_MODEL: model }) },
  };
}
