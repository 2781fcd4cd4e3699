import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "@jest/globals";
import { merge, type StoredSummary } from "../../shared/monitoring/summary.ts";
import { shownFor, wordsOf } from "../docs/shown.ts";
import { everyKindOfLine } from "./captureLines.ts";
import { run } from "./command.ts";
import { createEndpoint } from "./endpoint.ts";
import { environmentOf, startStack } from "./stack.ts";

const installed = spawnSync("aws", ["--version"]).status === 0;
const ifInstalled = installed ? test : test.skip;

ifInstalled(
  `the AWS CLI${installed ? "" : " (skipped: `aws` is not installed)"} puts a capture and describes an endpoint`,
  async () => {
    const stack = await startStack();
    const folder = mkdtempSync(join(tmpdir(), "assay-cli-"));
    try {
      const file = join(folder, "captures.jsonl");
      writeFileSync(file, everyKindOfLine(0, 12, "2026-03-02T09:41"));
      const aws = async (...args: string[]) => {
        const { code, stdout, stderr } = await run(
          "aws",
          ["--endpoint-url", stack.aws.endpoint, ...args],
          environmentOf(stack.aws),
        );
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        return stdout;
      };

      // On real time, as a person at a terminal finds it.
      await createEndpoint(stack);
      await aws(
        "s3",
        "cp",
        file,
        `s3://${stack.output("CaptureBucketName")}/captures/support-chat/stable/2026/03/02/09/41-00-118-5f0c.jsonl`,
      );
      expect(JSON.parse(await aws("sagemaker", "describe-endpoint", "--endpoint-name", "support-chat"))).toMatchObject({
        EndpointName: "support-chat",
        EndpointStatus: "Creating",
      });

      const { nowMs } = await stack.aws.control<{ nowMs: number }>("health");
      await stack.aws.advance(nowMs + 10 * 60_000);
      const { ProductionVariants } = JSON.parse(await aws("sagemaker", "describe-endpoint", "--endpoint-name", "support-chat"));
      expect(ProductionVariants).toMatchObject([{ VariantName: "stable" }, { VariantName: "candidate" }]);
      const summaries = Object.values(await stack.results("summaries/")).map(
        (text) => (JSON.parse(text) as StoredSummary).summary,
      );
      expect(summaries.reduce(merge).counts).toMatchObject({ captured: 17, answered: 12, quarantined: 3 });
      const Bucket = stack.output("ResultsBucketName");
      expect(await aws("s3", "ls", "--recursive", `s3://${Bucket}`)).toMatch(/scored\/.*\nsummaries|scored\/[\s\S]*summaries\//);

      for (const Key of ["remediations/ID.json", "comparisons/endpoint=chat/date=2026-03-02.json"])
        await stack.s3.send(new PutObjectCommand({ Bucket, Key, Body: "{}" }));
      const shown = shownFor("test/e2e/awsCli.test.ts").map(({ command }) =>
        wordsOf(command.replace(/--endpoint-url \S+ /, "").replace(/s3:\/\/RESULTS(-BUCKET)?\b/, `s3://${Bucket}`)).slice(1),
      );
      const inFolder = (word: string) => (word === "results" ? join(folder, word) : word);
      await Promise.all(shown.map((words) => aws(...words.map(inFolder))));
    } finally {
      rmSync(folder, { recursive: true });
      await stack.stop();
    }
  },
);
