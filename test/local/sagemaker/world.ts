import { createHash } from "node:crypto";
import { createSageMaker } from "../../../local/sagemaker/part.ts";
import { AwsError, type World } from "../../../local/world.ts";

type MetricDatum = {
  MetricName: string;
  Dimensions: { Name: string; Value: string }[];
  Timestamp: number;
  Unit: string;
  Values: number[];
  Counts: number[];
};

/** A world with an S3 of one map and a CloudWatch that keeps what it is given. */
export function tinyWorld() {
  const objects = new Map<string, string>();
  const metrics: (MetricDatum & { Namespace: string })[] = [];
  const alarmsOn = new Set<string>();
  const counters = new Map<string, number>();
  const services: Record<string, (input: Record<string, unknown>) => Record<string, unknown>> = {
    "s3:GetObject": ({ Bucket, Key }) => {
      const text = objects.get(`${Bucket}/${Key}`);
      if (text === undefined) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
      return { Body: Buffer.from(text) };
    },
    "s3:PutObject": ({ Bucket, Key, Body }) => {
      if (Bucket === "gone") throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
      objects.set(`${Bucket}/${Key}`, String(Body));
      return {};
    },
    "monitoring:PutMetricData": ({ Namespace, MetricData }) => {
      for (const datum of MetricData as MetricDatum[]) metrics.push({ ...datum, Namespace: String(Namespace) });
      return {};
    },
    "monitoring:DescribeAlarms": ({ AlarmNames }) => ({
      MetricAlarms: (AlarmNames as string[]).filter((name) => alarmsOn.has(name)).map((AlarmName) => ({ AlarmName })),
    }),
  };
  const world: World = {
    region: "eu-central-1",
    accountId: "000000000000",
    endpoint: "http://127.0.0.1:1",
    hold: () => () => {},
    enqueue: () => {},
    uuid: (kind) => {
      const n = (counters.get(kind) ?? 0) + 1;
      counters.set(kind, n);
      return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
    },
    chance: (...words) => createHash("sha256").update(words.join("\0")).digest().readUInt32BE() / 2 ** 32,
    call: async (service, operation, input) => services[`${service}:${operation}`]!(input),
  };
  const sagemaker = createSageMaker(world);
  return {
    world,
    sagemaker,
    objects,
    metrics,
    alarmsOn,
    /** Asks as an administrator. */
    ask: async (operation: string, input: Record<string, unknown>) =>
      sagemaker.operations[operation]!(input, { principal: { kind: "admin" }, requestId: "r" }),
  };
}
export type Tiny = ReturnType<typeof tinyWorld>;

export const take = (prompt: string, completion: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({ prompt, completion, latencyMs: 900, promptTokens: 7, completionTokens: 11, finishReason: "stop", ...more });

export const variant = (VariantName: string, ModelName: string, more: Record<string, unknown> = {}) => ({
  VariantName,
  ModelName,
  InitialInstanceCount: 1,
  InstanceType: "ml.g5.xlarge",
  ...more,
});
export const captureTo = (DestinationS3Uri: string, more: Record<string, unknown> = {}) => ({
  EnableCapture: true,
  InitialSamplingPercentage: 100,
  DestinationS3Uri,
  CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
  CaptureContentTypeHeader: { JsonContentTypes: ["application/json"] },
  ...more,
});

export const model = (ModelName: string, PAYLOAD = "openai") => ({
  ModelName,
  ExecutionRoleArn: "arn:aws:iam::000000000000:role/models",
  PrimaryContainer: {
    Image: "assay-local/recorded",
    ModelDataUrl: `s3://models/${ModelName}.jsonl`,
    Environment: { PAYLOAD },
  },
});

/** Model `good`, whose recording knows "Where is my parcel?", and endpoint configuration `one`. */
export async function withConfig(tiny: Tiny, config: Record<string, unknown> = {}): Promise<void> {
  tiny.objects.set("models/good.jsonl", take("Where is my parcel?", "On its way."));
  tiny.objects.set("models/other.jsonl", take("Where is my parcel?", "In the van."));
  await tiny.ask("CreateModel", model("good"));
  await tiny.ask("CreateModel", model("other"));
  await tiny.ask("CreateEndpointConfig", { EndpointConfigName: "one", ProductionVariants: [variant("a", "good")], ...config });
}

export const chat = (prompt: string) => Buffer.from(JSON.stringify({ messages: [{ role: "user", content: prompt }] }));
