/**
 * `node bench/evaluation/run.ts ITEMS`: an evaluation on the deployed stack while its functions die and are throttled, then the same
 * evaluation again; prints what became of both as one line of JSON. In a process of its own, whose clock stands.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installClock } from "../../local/clock.ts";

// Before anything else is imported: a module that has taken the machine's timers keeps them.
const clock = installClock(Date.now());
const { startAws } = await import("../../local/aws.ts");
const { deployed } = await import("../../local/deploy.ts");
const { readSpentDays } = await import("../../local/demo/outcome.ts");

const items = Number(process.argv[2]);
const minuteMs = 60_000;
const startMs = Date.parse("2026-03-02T09:00:00Z");
const run = "assay-local-evaluationRun";
const endpoint = "chat";
const usdPerDay = 1_000;

const folder = await mkdtemp(join(tmpdir(), "assay-bench-evaluation-"));
process.env.ASSAY_CONFIG = join(folder, "assay.yml");
const judge = {
  endpoint: "grader",
  model: "recorded",
  rubric: { quality: "1: right. 0: wrong." },
  usdPerMillionInputTokens: 1,
  usdPerMillionOutputTokens: 10,
};
const configuration = { endpoints: { [endpoint]: { variants: ["stable"], judge, evaluationBudget: { usdPerDay } } } };
await writeFile(process.env.ASSAY_CONFIG, JSON.stringify(configuration));

const questions = Array.from({ length: items }, (_, i) => ({
  id: `q${i}`,
  prompt: `What became of order ${i}?`,
  completion: `Order ${i} is on its way.`,
  quality: (i % 11) / 10,
}));
const lines = (rows: object[]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

const aws = await startAws(clock, { port: 0, region: "eu-west-1", seed: "evaluation" });
const stack = await deployed(aws.world, "local");
const call = (service: string, operation: string, input: Record<string, unknown>) => aws.world.call(service, operation, input);
await aws.step(startMs);
await call("s3", "CreateBucket", { Bucket: "recordings" });
const put = (Bucket: string, Key: string, rows: object[]) => call("s3", "PutObject", { Bucket, Key, Body: lines(rows) });
const answers = { latencyMs: 200, promptTokens: 12, completionTokens: 20, finishReason: "stop" };
await put(
  "recordings",
  "stable.jsonl",
  questions.map(({ prompt, completion }) => ({ prompt, completion, ...answers })),
);
await put(
  "recordings",
  "grader.jsonl",
  questions.map(({ prompt, completion, quality }) => ({ prompt, completion, grades: { quality } })),
);
const set = questions.map(({ id, prompt }) => ({ id, prompt }));
await put(stack.ResultsBucketName, "golden/all.jsonl", set);
await put(stack.ResultsBucketName, "golden/one.jsonl", set.slice(0, 1));
await create(endpoint, "stable", "assay-local/recorded");
await create("grader", "grader", "assay-local/recorded-judge");
await aws.advanceTo(startMs + 30 * minuteMs);

const { judgeMicroUsd: costOfOne } = await evaluate("one", 1, usdPerDay);
// Of some sixty calls in a batch, one in nine batches dies at one, and one in four is throttled; and its budget is not enough.
aws.faults.set([
  { function: run, kind: "crash", at: { share: 0.002 } },
  { function: run, kind: "throttle", at: { share: 0.005 } },
]);
const first = await evaluate("all", 1, (items * 0.9 * costOfOne) / 1_000_000);
const disturbances = aws.faults.happened.map(({ kind }) => kind);
aws.faults.set([]);
const paidFirst = await spent();
const second = await evaluate("all", 2, usdPerDay);
const paid = await spent();
const third = await evaluate("all", 3, usdPerDay);
const exact = questions.reduce((sum, { quality }) => sum + quality, 0) / items;
process.stdout.write(
  `${JSON.stringify({
    crashes: disturbances.filter((kind) => kind === "crash").length,
    throttles: disturbances.filter((kind) => kind === "throttle").length,
    unfinishedFirst: first.unfinished,
    unfinished: second.unfinished,
    graded: second.byVariant.stable!.judgements.graded,
    meanOff: Math.abs(second.byVariant.stable!.grades.quality!.mean - exact),
    costFirst: first.judgeMicroUsd,
    cost: second.judgeMicroUsd,
    paidFirst: paidFirst - costOfOne,
    paid: paid - costOfOne,
    paidThird: (await spent()) - paid,
    same: Number(JSON.stringify({ ...third, concludedAt: "" }) === JSON.stringify({ ...second, concludedAt: "" })),
  })}\n`,
);
await aws.stop();
await rm(folder, { recursive: true });

type Result = {
  unfinished: number;
  judgeMicroUsd: number;
  byVariant: Record<string, { judgements: { graded: number }; grades: Record<string, { mean: number } | null> }>;
};

async function evaluate(id: string, attempt: number, budgetUsd: number): Promise<Result> {
  const stateMachineArn = `arn:aws:states:${aws.world.region}:${aws.world.accountId}:stateMachine:assay-local-evaluation`;
  const goldenSet = { bucket: stack.ResultsBucketName, key: `golden/${id}.jsonl` };
  const input = JSON.stringify({ id, endpoint, goldenSet, variants: ["stable"], attempt, budgetUsd, concurrency: 20 });
  const { executionArn } = await call("states", "StartExecution", { stateMachineArn, name: `${id}-${attempt}`, input });
  for (;;) {
    await aws.advanceTo(Date.now() + 5 * minuteMs);
    const { status, error } = await call("states", "DescribeExecution", { executionArn });
    if (status === "SUCCEEDED") break;
    if (status !== "RUNNING") throw new Error(`Attempt ${attempt} of ${id} ended as ${status}: ${error}`);
  }
  return read<Result>(`evaluations/${id}/result.json`);
}

async function read<T>(Key: string): Promise<T> {
  const { Body } = (await call("s3", "GetObject", { Bucket: stack.ResultsBucketName, Key })) as { Body: Buffer };
  return JSON.parse(Body.toString("utf8")) as T;
}

async function spent(): Promise<number> {
  const days = await readSpentDays(aws.world, stack.TableName, endpoint);
  return days.reduce((sum, { spentMicroUsd }) => sum + spentMicroUsd, 0);
}

async function create(EndpointName: string, variant: string, Image: string): Promise<void> {
  const container = { Image, ModelDataUrl: `s3://recordings/${variant}.jsonl`, Environment: { PAYLOAD: "openai" } };
  const ExecutionRoleArn = `arn:aws:iam::${aws.world.accountId}:role/recorded`;
  await call("sagemaker", "CreateModel", { ModelName: variant, ExecutionRoleArn, PrimaryContainer: container });
  const served = {
    VariantName: variant,
    ModelName: variant,
    InstanceType: "ml.g5.xlarge",
    InitialInstanceCount: 1,
    InitialVariantWeight: 1,
  };
  await call("sagemaker", "CreateEndpointConfig", { EndpointConfigName: EndpointName, ProductionVariants: [served] });
  await call("sagemaker", "CreateEndpoint", { EndpointName, EndpointConfigName: EndpointName });
}
