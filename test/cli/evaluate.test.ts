import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { assay } from "./assay.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-evaluate-"));
  await writeFile(join(folder, "golden.jsonl"), '{"prompt":"Refund?"}\n');
  await writeFile(join(folder, "chats.jsonl"), '{"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]}\n');
  await writeFile(join(folder, "broken.jsonl"), '{"prompt":"My secret\n');
});
afterAll(() => rm(folder, { recursive: true }));

const evaluate = (...more: string[]) =>
  assay(["evaluate", "--stack", "prod", "--endpoint", "chat", "--variant", "a", ...more], { cwd: folder });

test.each([
  { it: "no golden set", args: [], says: "Give --golden SET, or --from TIME --to TIME." },
  { it: "a file that is not there", args: ["--golden", "none.jsonl"], says: "none.jsonl cannot be read: there is no such file." },
  { it: "a set without an item", args: ["--golden", "broken.jsonl"], says: "broken.jsonl:1 is broken: it is not JSON" },
  {
    it: "conversations for a payload that has no place for them",
    args: ["--golden", "chats.jsonl", "--payload", "text"],
    says: "several turns have no place in the payload text",
  },
  { it: "an unknown payload", args: ["--golden", "golden.jsonl", "--payload", "xml"], says: "openai-chat, text" },
  { it: "parameters that are no object", args: ["--golden", "golden.jsonl", "--parameters", "[1]"], says: "It is a JSON object" },
  {
    it: "a gate that is none",
    args: ["--golden", "golden.jsonl", "--gate", "quality good"],
    says: 'It is like "quality >= baseline - 0.02"',
  },
  { it: "a price that is none", args: ["--golden", "golden.jsonl", "--price", "a=cheap"], says: "dollars per million tokens" },
  { it: "a budget of nothing", args: ["--golden", "golden.jsonl", "--budget", "0"], says: "It is a number of dollars above 0." },
  { it: "no region", args: ["--golden", "golden.jsonl"], says: "The stack assay-prod cannot be reached: no AWS region is set" },
])("$it is wrong use, said in a sentence", async ({ args, says }) => {
  const { code, stdout, stderr } = await evaluate(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(says);
  expect(stderr).not.toMatch(/secret|^\s+at /m);
});
