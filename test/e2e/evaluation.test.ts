import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeStackResourceCommand } from "@aws-sdk/client-cloudformation";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateInferenceComponentCommand,
  CreateModelCommand,
  type ProductionVariant,
} from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parse } from "yaml";
import type { EvaluationResult } from "../../shared/evaluation/result.ts";
import { assay } from "../cli/assay.ts";
import { runShown, shownFor } from "../docs/shown.ts";
import { environmentOf, type Stack, startStack } from "./stack.ts";

const run = "assay-local-evaluationRun";
const startMs = Date.parse("2026-03-02T09:45:00Z");
const questions = Array.from({ length: 40 }, (_, i) => `How long does a refund of order ${i + 1} take?`);
const answers = {
  stable: (question: string) => `Five working days after we have it back. You asked: ${question}`,
  candidate: (question: string) => `It depends on many things. You asked: ${question}`,
};
/** In the judge's eyes. A few answers are alike, as in life. */
const gradeOf = {
  stable: (i: number) => 0.9 - (i % 3) / 100,
  candidate: (i: number) => (i % 10 === 0 ? 0.9 : 0.5 + (i % 4) / 100),
};

/** Late enough that nothing else is disturbed. */
const scheduled = {
  nightly: { schedule: "cron(0 20 * * ? *)", endpoint: "support-chat", goldenSet: "golden/few.jsonl", variants: ["stable"] },
};

let stack: Stack;
let folder: string;
let golden: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-evaluation-"));
  golden = join(folder, "golden.jsonl");
  const lines = questions.map((prompt, i) => JSON.stringify({ id: `order-${i + 1}`, prompt }));
  await writeFile(golden, lines.toSpliced(20, 0, '{"prompt":"cut o').join("\n"));
  const config = join(folder, "assay.yml");
  const { endpoints, ...example } = parse(readFileSync(new URL("../../assay.yml", import.meta.url), "utf8")) as {
    endpoints: object;
  };
  const shared = { "support-shared": { variants: ["shared"] } };
  await writeFile(config, JSON.stringify({ ...example, endpoints: { ...endpoints, ...shared }, evaluations: scheduled }));
  stack = await startStack({ ASSAY_CONFIG: config });
  await stack.aws.step(startMs);
  await createEndpoints();
  await stack.aws.advance(startMs + 15 * 60_000);
  await stack.sagemaker.send(
    new CreateInferenceComponentCommand({
      ...{ InferenceComponentName: "adapter", EndpointName: "support-shared", VariantName: "shared" },
      Specification: { ModelName: "candidate-model" },
    }),
  );
  await stack.aws.advance(startMs + 30 * 60_000);
  await stack.aws.control("follow"); // from here on the command and the workflow run as fast as they do
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

/** Two recorded variants, and a judge that knows their answers. */
async function createEndpoints(): Promise<void> {
  const variants = ["stable", "candidate"] as const;
  const put = (Key: string, rows: object[]) =>
    stack.s3.send(new PutObjectCommand({ Bucket: "recordings", Key, Body: rows.map((row) => JSON.stringify(row)).join("\n") }));
  await stack.s3.send(new CreateBucketCommand({ Bucket: "recordings" }));
  const grades = questions.flatMap((prompt, i) =>
    variants.map((variant) => ({ prompt, completion: answers[variant](prompt), grades: { quality: gradeOf[variant](i) } })),
  );
  await put("judge.jsonl", grades);
  for (const variant of variants) {
    const counts = { latencyMs: 200, promptTokens: 12, completionTokens: 20, finishReason: "stop" };
    await put(
      `${variant}.jsonl`,
      questions.map((prompt) => ({ prompt, completion: answers[variant](prompt), ...counts })),
    );
  }
  await create("support-chat", [...variants], "assay-local/recorded");
  await create("support-judge", ["judge"], "assay-local/recorded-judge");
  // A variant without a model of its own, on whose instances the candidate runs as an inference component, once it serves.
  await deploy("support-shared", [{ VariantName: "shared", InstanceType: "ml.g5.xlarge", InitialInstanceCount: 1 }]);
}

async function create(endpoint: string, variants: string[], Image: string): Promise<void> {
  for (const variant of variants) {
    await stack.sagemaker.send(
      new CreateModelCommand({
        ModelName: `${variant}-model`,
        ExecutionRoleArn: "arn:aws:iam::000000000000:role/recorded",
        PrimaryContainer: { Image, ModelDataUrl: `s3://recordings/${variant}.jsonl`, Environment: { PAYLOAD: "openai" } },
      }),
    );
  }
  const ProductionVariants = variants.map((VariantName) => ({
    VariantName,
    ModelName: `${VariantName}-model`,
    InstanceType: "ml.g5.xlarge" as const,
    InitialInstanceCount: 1,
    InitialVariantWeight: 1,
  }));
  await deploy(endpoint, ProductionVariants);
}

async function deploy(EndpointName: string, ProductionVariants: ProductionVariant[]): Promise<void> {
  const EndpointConfigName = `${EndpointName}-1`;
  await stack.sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName, ProductionVariants }));
  await stack.sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName }));
}

const evaluate = (...more: string[]) => {
  const args = ["evaluate", "--stack", "local", "--golden", golden, "--skip-invalid", "--endpoint", "support-chat", ...more];
  return assay(args, { cwd: folder, env: environmentOf(stack.aws) });
};
type Happened = { invocations: { function: string; ok: boolean }[]; faults: object[] };
const runs = async () => {
  const { invocations } = await stack.aws.control<Happened>("happened");
  return invocations.filter((invocation) => invocation.function === run);
};

test("a candidate that answers worse is found, though a line is broken and a task dies; everything is paid once", async () => {
  await stack.aws.control("faults", { faults: [{ function: run, kind: "crash", at: { invocation: 3, call: 12 } }] });
  const { code, stdout, stderr } = await evaluate("--variant", "stable", "--variant", "candidate", "--json");
  expect(stderr).toContain(`${golden}:21 is left out: it is not JSON`);
  expect(stderr).toContain("40 of 40 items done, 0 with a failure");
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.any(String) });
  const result = JSON.parse(stdout) as EvaluationResult;
  expect(result).toMatchObject({
    verdict: "worse",
    items: 40,
    unfinished: 0,
    broken: { count: 1, first: [{ line: 21 }] },
    besides: { candidate: { criteria: { quality: { n: 40, wins: 2, ties: 2, losses: 36 } } } },
    byVariant: { stable: { judgements: { graded: 40 } }, candidate: { judgements: { graded: 40 } } },
  });
  expect((await runs()).filter(({ ok }) => !ok)).toHaveLength(1);

  const kept = await stack.results(`evaluations/${result.id}/`);
  const judgements = Object.entries(kept).filter(([key]) => key.includes("/judgements/"));
  expect(judgements).toHaveLength(80);
  const costs = judgements.map(
    ([, text]) => (JSON.parse(text) as { judgement: { costMicroUsd: number } }).judgement.costMicroUsd,
  );
  const paid = costs.reduce((sum, cost) => sum + cost, 0);
  expect(result.judgeMicroUsd).toBe(paid);
  expect(await stack.tableItems("budget#support-chat")).toEqual([
    expect.objectContaining({ committedMicroUsd: paid, spentMicroUsd: paid }),
  ]);
  const manifest = Object.entries(kept).find(([key]) => key.endsWith("/manifest.json"));
  expect(JSON.parse(manifest![1])).toMatchObject({ ResultFiles: { FAILED: [] } });
});

test("the same command again asks nobody, pays nothing, and says the same", async () => {
  const before = await stack.tableItems("budget#support-chat");
  const gates = ["--gate", "quality >= baseline - 0.02", "--gate", "failures <= 0", "--junit", "gates.xml"];
  const { code, stdout, stderr } = await evaluate("--variant", "stable", "--variant", "candidate", ...gates);
  expect(code).toBe(1);
  expect(stderr).toMatch(/the gate "quality >= baseline - 0\.02" failed: quality of candidate is -0\.\d+ \(-0\.\d+ to -0\.\d+\)/);
  expect(readFileSync(join(folder, "gates.xml"), "utf8")).toContain('tests="2" failures="1" errors="0"');
  expect(stdout).toMatch(/^quality: candidate is worse than stable: -0\.\d+ \(95 %: /);
  expect(stdout).toContain("1 lines of the golden set were left out.");
  expect(await stack.tableItems("budget#support-chat")).toEqual(before);
});

test("one variant is measured, and is no finding", async () => {
  const { code, stdout, stderr } = await evaluate("--variant", "stable", "--id", "alone");
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("40 of 40 items done") });
  expect(stdout).toMatch(/quality\W+0\.890 \(/);
});

test.each(shownFor("test/e2e/evaluation.test.ts"))("$page: $command", async ({ command }) => {
  const own = join(folder, "shown");
  await mkdir(own, { recursive: true });
  const few = questions.slice(0, 5).map((prompt) => JSON.stringify({ prompt }));
  await writeFile(join(own, "golden.jsonl"), few.join("\n"));
  const instead = { "--stack prod": "--stack local", "--endpoint chat": "--endpoint support-chat", "4f1c2a90b7d3e856": "alone" };
  const more = command.startsWith("assay report") ? ["--stack", "local", "--out", join(own, "report.html")] : [];
  const { code, stdout } = await runShown(command, own, { env: environmentOf(stack.aws), instead, more });
  expect(stdout).not.toBe("");
  // Five items show nothing, and a gate that is not shown to hold does not pass.
  expect(code).toBe(command.includes("--gate") ? 1 : 0);
});

test("an inference component of another endpoint is asked like a variant", async () => {
  const component = ["--target", "adapter=support-shared/component/adapter", "--until-decided"];
  const { code, stdout } = await evaluate("--variant", "stable", ...component, "--json");
  expect({ code, ...(JSON.parse(stdout) as EvaluationResult) }).toMatchObject({
    code: 1,
    verdict: "worse",
    byVariant: { adapter: { modelErrors: 0, latencyMs: { p50: expect.any(Number) } } },
  });
});

test("where nobody could be asked, the execution fails, and the same command completes it later", async () => {
  const { StackResourceDetail } = await stack.cloudformation.send(
    new DescribeStackResourceCommand({ StackName: "assay-local", LogicalResourceId: "EvaluationRunRole" }),
  );
  const roleName = StackResourceDetail!.PhysicalResourceId!;
  await stack.aws.control("suspend", { roleName, action: "sagemaker:InvokeEndpoint" });
  const refused = await evaluate("--variant", "candidate", "--id", "later");
  expect({ ...refused, stderr: "" }).toEqual({ code: 2, stdout: "", stderr: "" });
  const said = "The execution ended as FAILED: States.ExceedToleratedFailureThreshold. What there is, is in s3://";
  expect(refused.stderr).toContain(said);
  const [result] = Object.values(await stack.results("evaluations/later/result.json"));
  expect(JSON.parse(result!)).toMatchObject({ unfinished: 40, failure: "States.ExceedToleratedFailureThreshold" });

  await stack.aws.control("restore");
  const { code, stdout } = await evaluate("--variant", "candidate", "--id", "later", "--json");
  expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 0, unfinished: 0, failure: null });
});

test.each([
  {
    it: "an endpoint that is not there",
    args: ["--variant", "a", "--endpoint", "nowhere"],
    says: "There is no endpoint nowhere",
  },
  {
    it: "a stage that is not there",
    args: ["--variant", "a", "--stack", "prod"],
    says: "The stack assay-prod cannot be reached",
  },
  {
    it: "a variant that is not served",
    args: ["--variant", "next"],
    says: "support-chat has no variant next; it has stable, candidate.",
  },
  {
    it: "an id that stands for something else",
    args: ["--variant", "candidate", "--id", "alone"],
    says: "alone was begun with another variants",
  },
])("$it is said in a sentence", async ({ args, says }) => {
  const { code, stdout, stderr } = await evaluate(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(says);
});

test("150 items, of which crashes, throttles and too small a budget leave some: the same id again completes them exactly, and pays for those", async () => {
  const many = join(folder, "many.jsonl");
  const items = Array.from({ length: 150 }, (_, i) => ({ id: `m${i}`, prompt: questions[i % 40] }));
  await writeFile(many, items.map((item) => JSON.stringify(item)).join("\n"));
  const ask = (...more: string[]) =>
    evaluate("--golden", many, "--variant", "stable", "--id", "many", "--concurrency", "4", "--json", ...more);
  const seen = async () => {
    const judgements = Object.entries(await stack.results("evaluations/many/judgements/"));
    const costs = judgements.map(
      ([, text]) => (JSON.parse(text) as { judgement: { costMicroUsd: number } }).judgement.costMicroUsd,
    );
    const days = await stack.tableItems("budget#support-chat");
    const cost = costs.reduce((all, one) => all + one, 0);
    return { cost, spent: days.reduce((all, { spentMicroUsd }) => all + Number(spentMicroUsd), 0) };
  };
  const begun = (await runs()).length;
  // A batch makes some sixty calls.
  const crashes = [3, 9, 15].map((n) => ({ function: run, kind: "crash", at: { invocation: begun + n, call: 25 } }));
  await stack.aws.control("faults", { faults: [...crashes, { function: run, kind: "throttle", at: { share: 0.01 } }] });
  const first = JSON.parse((await ask("--budget", "0.005")).stdout) as EvaluationResult;
  expect(first.unfinished).toBeGreaterThan(0);
  const { faults } = await stack.aws.control<{ faults: { kind: string }[] }>("happened");
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(["crash", "throttle"]));
  await stack.aws.control("faults", {});
  const before = await seen();
  const { code, stdout } = await ask("--budget", "1");
  const { unfinished, judgeMicroUsd, byVariant } = JSON.parse(stdout) as EvaluationResult;
  const after = await seen();
  expect({ code, unfinished, judgeMicroUsd, graded: byVariant.stable!.judgements.graded }).toEqual({
    ...{ code: 0, unfinished: 0, judgeMicroUsd: after.cost, graded: 150 },
  });
  expect(after.spent - before.spent).toBe(after.cost - before.cost);
  const exact = items.reduce((sum, _, i) => sum + gradeOf.stable(i % 40), 0) / 150;
  expect(byVariant.stable!.grades.quality!.mean).toBeCloseTo(exact, 12);
});

test("what assay.yml schedules is started by the clock, and each firing is an evaluation of its own", async () => {
  const few = questions.slice(0, 5).map((prompt, i) => JSON.stringify({ id: `order-${i + 1}`, prompt }));
  await stack.s3.send(
    new PutObjectCommand({ Bucket: stack.output("ResultsBucketName"), Key: "golden/few.jsonl", Body: few.join("\n") }),
  );
  await stack.aws.advance(Date.parse("2026-03-02T20:05:00Z"));
  const [result] = Object.values(await stack.results("evaluations/nightly-20260302T2000/result.json"));
  expect(JSON.parse(result!)).toMatchObject({ items: 5, unfinished: 0, byVariant: { stable: { judgements: { graded: 5 } } } });
});
