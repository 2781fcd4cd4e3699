import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { assay } from "./assay.ts";

const question = "How many working days does the refund of a returned parcel take when it was paid by card?";
const answer = (eventId: string, prompt: string, quality: number | null) =>
  JSON.stringify({
    eventId,
    outcome: "answered",
    segment: "faq",
    messages: [{ role: "user", content: prompt }],
    completion: "Soon.",
    judgement: quality === null ? null : { status: "graded", grades: { quality } },
  });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-golden-"));
  const put = (file: string, ...lines: string[]) => writeFile(join(folder, file), `${lines.join("\n")}\n`);
  await put("good.jsonl", JSON.stringify({ id: "a", prompt: question }), '{"id":"b","prompt":"Where is my parcel?"}');
  await put(
    "bad.jsonl",
    JSON.stringify({ prompt: question }),
    '{"prompt":"My secret',
    JSON.stringify({ prompt: `${question} Thanks.` }),
  );
  await put("seen.txt", question);
  await put(
    "stream.jsonl",
    answer("e1", "Is it open on Sunday?", 0.9),
    '{"outcome":"quarantined"}',
    answer("e2", "Is it open on Monday, too, this week?", 0.1),
  );
  await put("ungraded.jsonl", answer("e1", "Is it open on Sunday?", null));
});
afterAll(() => rm(folder, { recursive: true }));
const golden = (...args: string[]) => assay(["golden", ...args], { cwd: folder });

test("a sound set has a version, and its leaked questions are named", async () => {
  const { code, stdout } = await golden("lint", "good.jsonl", "--against", "seen.txt", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    version: expect.stringMatching(/^[0-9a-f]{16}$/),
    items: 2,
    broken: [],
    flags: [{ id: "a", kind: "leaked", of: "seen.txt:1", similarity: 1 }],
  });
});

test("broken lines are a finding, said by line and without their text", async () => {
  const { code, stdout } = await golden("lint", "bad.jsonl");
  expect(code).toBe(1);
  expect(stdout).toMatch(/^bad.jsonl:2: broken: it is not JSON/);
  expect(stdout).toMatch(/bad.jsonl:3: \w+ asks nearly the same as line 1 \(\d+ % of its phrases\)/);
  expect(stdout).toContain("2 items, 1 broken lines, 1 flags.");
  expect(stdout).not.toContain("secret");
});

test("the worst answers of a stream are appended once", async () => {
  const promote = () => golden("promote", "stream.jsonl", "--into", "made.jsonl", "--by", "worst", "-n", "1", "--json");
  expect(JSON.parse((await promote()).stdout)).toEqual({ promoted: 1, near: [], unfit: [] });
  expect(JSON.parse((await promote()).stdout)).toMatchObject({ promoted: 0, near: [{ eventId: "e2", of: "made.jsonl:1" }] });
  expect(JSON.parse(await readFile(join(folder, "made.jsonl"), "utf8"))).toMatchObject({ id: "e2", tags: ["faq"] });
});

test.each([
  { it: "no grade to be worst by", args: ["ungraded.jsonl", "--by", "worst"], says: "no answer has a grade" },
  { it: "a set instead of answers", args: ["good.jsonl"], says: "there is no answer with its text" },
  { it: "nothing to take from", args: [], says: "Name files, or a stage" },
  { it: "a stack without a span", args: ["--stack", "prod"], says: "--endpoint NAME --from TIME --to TIME" },
])("$it is wrong use", async ({ args, says }) => {
  const { code, stderr } = await golden("promote", "--into", "x.jsonl", ...args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
});
