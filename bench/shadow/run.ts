/**
 * `node bench/shadow/run.ts REQUESTS`: an hour of requests to a variant with a shadow on the deployed stack; prints what the comparison of
 * the day and the estimates say as one line of JSON. In a process of its own, whose clock stands.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installClock } from "../../local/clock.ts";

// Before anything else is imported: a module that has taken the machine's timers keeps them.
const clock = installClock(Date.now());
const { startAws } = await import("../../local/aws.ts");
const { deployed } = await import("../../local/deploy.ts");
type LiveComparison = import("../../shared/monitoring/liveComparison.ts").LiveComparison;
type StoredEstimates = import("../../shared/monitoring/estimates.ts").StoredEstimates;

const requests = Number(process.argv[2]);
const minuteMs = 60_000;
const startMs = Date.parse("2026-03-02T08:30:00Z");
const endpoint = "chat";
/** By so much the shadow's answers are better. */
const truth = 0.1;

const folder = await mkdtemp(join(tmpdir(), "assay-bench-shadow-"));
process.env.ASSAY_CONFIG = join(folder, "assay.yml");
const judge = {
  endpoint: "grader",
  model: "recorded",
  rubric: { quality: "1: right. 0: wrong." },
  usdPerMillionInputTokens: 1,
  usdPerMillionOutputTokens: 10,
};
const chat = { variants: ["stable"], sampling: { rate: 0.5 }, judge, evaluationBudget: { usdPerDay: 100 } };
await writeFile(process.env.ASSAY_CONFIG, JSON.stringify({ endpoints: { [endpoint]: chat } }));

const variants = [
  { name: "stable", by: 0, completion: "Your order is on its way to you and will come tomorrow." },
  { name: "next", by: truth, completion: "It left our house today, and you will have it tomorrow morning." },
];
const questions = Array.from({ length: 50 }, (_, i) => ({ prompt: `What became of order ${i}?`, quality: (i % 9) / 10 }));
const lines = (rows: object[]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

const aws = await startAws(clock, { port: 0, region: "eu-west-1", seed: "shadow" });
const stack = await deployed(aws.world, "local");
const call = (service: string, operation: string, input: Record<string, unknown>) => aws.world.call(service, operation, input);
await aws.step(startMs);
await call("s3", "CreateBucket", { Bucket: "recordings" });
const put = (Key: string, rows: object[]) => call("s3", "PutObject", { Bucket: "recordings", Key, Body: lines(rows) });
const measured = { latencyMs: 200, promptTokens: 12, completionTokens: 20, finishReason: "stop" };
for (const { name, completion } of variants)
  await put(
    `${name}.jsonl`,
    questions.map(({ prompt }) => ({ prompt, completion, ...measured })),
  );
const grades = variants.flatMap(({ by, completion }) =>
  questions.map(({ prompt, quality }) => ({ prompt, completion, grades: { quality: quality + by } })),
);
await put("grader.jsonl", grades);
const ExecutionRoleArn = `arn:aws:iam::${aws.world.accountId}:role/recorded`;
for (const [ModelName, Image] of [
  ["stable", "assay-local/recorded"],
  ["next", "assay-local/recorded"],
  ["grader", "assay-local/recorded-judge"],
]) {
  const container = { Image, ModelDataUrl: `s3://recordings/${ModelName}.jsonl`, Environment: { PAYLOAD: "openai" } };
  await call("sagemaker", "CreateModel", { ModelName, ExecutionRoleArn, PrimaryContainer: container });
}
await create("grader", { ProductionVariants: [served("grader")] });
await create(endpoint, {
  ProductionVariants: [served("stable")],
  ShadowProductionVariants: [served("next")],
  DataCaptureConfig: {
    EnableCapture: true,
    InitialSamplingPercentage: 100,
    DestinationS3Uri: stack.CaptureUri,
    CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
    CaptureContentTypeHeader: { JsonContentTypes: ["application/json"] },
  },
});
await aws.advanceTo(startMs + 30 * minuteMs);
for (let i = 0; i < requests; i++) {
  await aws.advanceTo(startMs + 32 * minuteMs + Math.floor((i / requests) * 50 * minuteMs));
  const messages = [{ role: "user", content: questions[i % questions.length]!.prompt }];
  const Body = Buffer.from(JSON.stringify({ messages }));
  const request = { EndpointName: endpoint, ContentType: "application/json", InferenceId: `order-${i}`, Body };
  await call("sagemaker", "InvokeEndpoint", request);
}
await aws.advanceTo(startMs + 180 * minuteMs);

const compared = await read<LiveComparison>(`comparisons/endpoint=${endpoint}/date=2026-03-02.json`);
const { estimates } = await read<StoredEstimates>(`estimates/span=hour/endpoint=${endpoint}/2026-03-02T09:00:00Z.json`);
const estimateOf = (variant: string | null) => estimates.find((of) => of.variant === variant && of.segment === null)!;
const paired = compared.differences.find(({ variant }) => variant === "next")?.paired;
process.stdout.write(
  `${JSON.stringify({
    truth,
    chosen: estimateOf("next").judged,
    pairs: paired?.n ?? 0,
    wins: paired?.wins ?? 0,
    ungraded: paired?.ungraded ?? -1,
    difference: paired?.difference ?? -1,
    lower: paired?.lower ?? -1,
    upper: paired?.upper ?? -1,
    answersOfShadow: estimateOf("next").answers,
    answersOfAll: estimateOf(null).answers,
  })}\n`,
);
await aws.stop();
await rm(folder, { recursive: true });

async function read<T>(Key: string): Promise<T> {
  const { Body } = (await call("s3", "GetObject", { Bucket: stack.ResultsBucketName, Key })) as { Body: Buffer };
  return JSON.parse(Body.toString("utf8")) as T;
}

function served(name: string) {
  const InstanceType = "ml.g5.xlarge";
  return { VariantName: name, ModelName: name, InstanceType, InitialInstanceCount: 1, InitialVariantWeight: 1 };
}

async function create(EndpointName: string, configuration: object): Promise<void> {
  await call("sagemaker", "CreateEndpointConfig", { EndpointConfigName: EndpointName, ...configuration });
  await call("sagemaker", "CreateEndpoint", { EndpointName, EndpointConfigName: EndpointName });
}
