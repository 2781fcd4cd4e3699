import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { npmStart, serverless } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-bad-"));
afterAll(() => rmSync(folder, { recursive: true }));
const invalid = join(folder, "invalid.yml");
writeFileSync(
  invalid,
  "captures: captures\nfalseAlarms: 1 per 90 days\nendpoints:\n  chat:\n    variants: [stable]\n    sampling: { rate: 2 }\n",
);

const isolated = { AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined, AWS_PROFILE: undefined, HOME: folder };

test.each([
  { it: "an option that does not exist", args: ["--fast"], says: /--fast/ },
  {
    it: "an invalid assay.yml",
    args: ["--port", "0"],
    env: { ASSAY_CONFIG: invalid },
    says: /invalid\.yml:6: endpoints\.chat\.sampling\.rate/,
  },
  {
    it: "an assay.yml that is missing",
    args: ["--port", "0"],
    env: { ASSAY_CONFIG: join(folder, "none.yml") },
    says: /none\.yml cannot be read \(ENOENT\)\. ASSAY_CONFIG names it/,
  },
])("npm start with $it: a sentence, and exit code 2", async ({ args, env = {}, says }) => {
  const { code, stderr } = await npmStart(args, env);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) });
  expect(stderr).not.toMatch(/\n\s+at /);
});

test.each([
  { it: "no region", args: [], env: isolated, says: /No region is chosen\. Set AWS_REGION or give --region/ },
  {
    it: "an invalid assay.yml",
    args: ["--region", "eu-west-1"],
    env: { ASSAY_CONFIG: invalid },
    says: /invalid\.yml:6: endpoints\.chat\.sampling\.rate/,
  },
  {
    it: "a stage of which no name can be made",
    args: ["--region", "eu-west-1", "--stage", "Prod"],
    env: {},
    says: /The stage is Prod\. Give --stage lower-case letters/,
  },
])("serverless package with $it: a sentence, and the framework's exit code", async ({ args, env, says }) => {
  const { code, stdout, stderr } = await serverless(["package", ...args], env);
  const told = `${stdout}${stderr}`;
  expect({ code, told }).toEqual({ code: 1, told: expect.stringMatching(says) });
  expect(told).not.toMatch(/\n\s+at /);
});
