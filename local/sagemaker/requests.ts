import { z } from "zod";
import { payloadNames } from "./payloads.ts";

/** The only images that run here: a recorded model, a judge with recorded grades, and one that forwards to an OpenAI-compatible server. */
const images = ["assay-local/recorded", "assay-local/recorded-judge", "assay-local/openai"] as const;

const name = z.string().regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/, "1 to 63 letters, digits and hyphens, no hyphen at an end");
/** Names of resources, cost allocation: nothing here depends on them. */
const Tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional();
const s3Uri = z.string().regex(/^s3:\/\/[^/]+(\/.*)?$/, "an s3:// URI");

export const createModel = z.strictObject({
  ModelName: name,
  PrimaryContainer: z
    .strictObject({
      Image: z.enum(images, {
        error:
          "the embedded AWS runs recorded models (assay-local/recorded, and assay-local/recorded-judge for grades; ModelDataUrl is the recording) " +
          "and forwards to an OpenAI-compatible server (assay-local/openai, with OPENAI_BASE_URL in Environment)",
      }),
      ModelDataUrl: s3Uri.refine((uri) => uri.endsWith(".jsonl"), { error: "a recording's name ends in .jsonl" }).optional(),
      // A container ignores variables it does not know, and so does this one.
      Environment: z
        .looseObject({
          PAYLOAD: z.enum(payloadNames).default("openai"),
          OPENAI_BASE_URL: z.url({ protocol: /^https?$/, error: "the http(s) URL of a server, up to and with /v1" }).optional(),
          OPENAI_MODEL: z.string().min(1).optional(),
        })
        .prefault({}),
    })
    .superRefine(({ Image, ModelDataUrl, Environment }, context) => {
      const issue = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
      if (Image !== "assay-local/openai" && !ModelDataUrl)
        issue(["ModelDataUrl"], "the recording, an s3:// URI that ends in .jsonl");
      if (Image === "assay-local/openai" && !Environment.OPENAI_BASE_URL)
        issue(["Environment", "OPENAI_BASE_URL"], "the http(s) URL of a server, up to and with /v1");
    }),
  ExecutionRoleArn: z.string(),
  Tags,
});

const variant = z.strictObject({
  VariantName: name,
  // Without one, its models are inference components.
  ModelName: name.optional(),
  InitialInstanceCount: z.int().min(1),
  InstanceType: z.string().startsWith("ml."),
  InitialVariantWeight: z.number().min(0).default(1),
});
const contentTypes = z.array(z.string()).min(1).max(10).optional();
const capture = z.strictObject({
  EnableCapture: z.boolean().default(true),
  InitialSamplingPercentage: z.int().min(0).max(100),
  DestinationS3Uri: s3Uri,
  CaptureOptions: z
    .array(z.strictObject({ CaptureMode: z.enum(["Input", "Output", "InputAndOutput"]) }))
    .min(1)
    .max(32),
  CaptureContentTypeHeader: z.strictObject({ JsonContentTypes: contentTypes, CsvContentTypes: contentTypes }).optional(),
});
const areNamedApart = (variants: readonly { VariantName: string }[]) =>
  new Set(variants.map(({ VariantName }) => VariantName)).size === variants.length;
const twice = "two variants have the same name";
export const createEndpointConfig = z
  .strictObject({
    EndpointConfigName: name,
    ProductionVariants: z.array(variant).min(1).max(10).refine(areNamedApart, { error: twice }),
    ShadowProductionVariants: z.array(variant).max(1, "one shadow variant at most").default([]),
    DataCaptureConfig: capture.optional(),
    Tags,
  })
  .superRefine(({ ProductionVariants, ShadowProductionVariants }, context) => {
    const issue = (message: string) => context.addIssue({ code: "custom", path: ["ShadowProductionVariants"], message });
    if (ShadowProductionVariants.length > 0 && ProductionVariants.length > 1)
      issue("a shadow has one production variant to mirror");
    if (!areNamedApart([...ProductionVariants, ...ShadowProductionVariants])) issue(twice);
  });

export const createEndpoint = z.strictObject({ EndpointName: name, EndpointConfigName: name, Tags });
const share = (least: number) =>
  z.strictObject({ Type: z.enum(["CAPACITY_PERCENT", "INSTANCE_COUNT"]), Value: z.number().min(least).max(50) });
const deployment = z.strictObject({
  BlueGreenUpdatePolicy: z.strictObject({
    TrafficRoutingConfiguration: z.strictObject({
      Type: z.enum(["ALL_AT_ONCE", "CANARY", "LINEAR"]),
      WaitIntervalInSeconds: z.int().min(0).max(3600),
      CanarySize: share(1).optional(),
      LinearStepSize: share(10).optional(),
    }),
    TerminationWaitInSeconds: z.int().min(0).max(3600).default(0),
    MaximumExecutionTimeoutInSeconds: z.int().min(600).max(28_800).optional(),
  }),
  AutoRollbackConfiguration: z
    .strictObject({
      Alarms: z
        .array(z.strictObject({ AlarmName: z.string().min(1).max(255) }))
        .min(1)
        .max(10),
    })
    .optional(),
});

export const updateEndpoint = z.strictObject({
  EndpointName: name,
  EndpointConfigName: name,
  RetainAllVariantProperties: z.boolean().default(false),
  ExcludeRetainedVariantProperties: z
    .array(z.strictObject({ VariantPropertyType: z.enum(["DesiredInstanceCount", "DesiredWeight"]) }))
    .max(3)
    .default([]),
  DeploymentConfig: deployment.optional(),
});
export const updateWeightsAndCapacities = z.strictObject({
  EndpointName: name,
  DesiredWeightsAndCapacities: z
    .array(
      z.strictObject({
        VariantName: name,
        DesiredWeight: z.number().min(0).optional(),
        DesiredInstanceCount: z.int().min(1).optional(),
      }),
    )
    .min(1)
    .refine((desired) => desired.filter(({ DesiredInstanceCount }) => DesiredInstanceCount !== undefined).length <= 1, {
      error: "the capacity of one variant at a time",
    }),
});
export const listEndpoints = z.strictObject({
  NameContains: z.string().default(""),
  StatusEquals: z.string().optional(),
  MaxResults: z.int().min(1).max(100).default(10),
  NextToken: z.string().regex(/^\d+$/).default("0"),
});

const copies = z.strictObject({ CopyCount: z.int().min(0) });
/** Where copies have room is AWS's affair. */
const ComputeResourceRequirements = z.looseObject({}).optional();
const Specification = z.strictObject({ ModelName: name, ComputeResourceRequirements });
export const createComponent = z.strictObject({
  InferenceComponentName: name,
  EndpointName: name,
  VariantName: name,
  Specification,
  RuntimeConfig: copies.default({ CopyCount: 1 }),
  Tags,
});
export const updateComponent = z.strictObject({
  InferenceComponentName: name,
  Specification: Specification.optional(),
  RuntimeConfig: copies.optional(),
  // However it is rolled out, it takes as long.
  DeploymentConfig: z.looseObject({}).optional(),
});
export const updateComponentCopies = z.strictObject({ InferenceComponentName: name, DesiredRuntimeConfig: copies });
export const listComponents = z.strictObject({
  EndpointNameEquals: name.optional(),
  MaxResults: z.int().min(1).max(100).default(10),
  NextToken: z.string().regex(/^\d+$/).default("0"),
});
export const ofComponent = z.strictObject({ InferenceComponentName: name });

export const ofModel = z.strictObject({ ModelName: name });
export const ofEndpointConfig = z.strictObject({ EndpointConfigName: name });
export const ofEndpoint = z.strictObject({ EndpointName: name });

export const invokeEndpoint = z.strictObject({
  EndpointName: name,
  Body: z.instanceof(Buffer).refine((body) => body.length <= 6_291_456, { error: "longer than 6291456 bytes" }),
  ContentType: z.string().optional(),
  // A container answers in the one form it has.
  Accept: z.string().optional(),
  TargetVariant: name.optional(),
  InferenceComponentName: name.optional(),
  InferenceId: z.string().min(1).max(64).optional(),
  CustomAttributes: z.string().max(1024).optional(),
});

export type InvokeRequest = z.output<typeof invokeEndpoint>;
export type ModelRequest = z.output<typeof createModel>;
export type EndpointConfigRequest = z.output<typeof createEndpointConfig>;
export type Deployment = z.output<typeof deployment>;
export type CaptureSettings = z.output<typeof capture>;
