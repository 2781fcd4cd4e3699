import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lock = () => join(folder, "build", "packaging.lock");
/** A process that holds the lock, says so, and ends when it is told to. */
const program = (patienceMs: number) => `
  import { holdUntilExit } from ${JSON.stringify(new URL("../../infrastructure/oneAtATime.ts", import.meta.url).href)};
  await holdUntilExit(${JSON.stringify(lock())}, ${patienceMs});
  console.log("held");
  process.stdin.resume().once("end", () => process.exit());`;
const start = (patienceMs: number) =>
  spawn(process.execPath, ["--input-type=module-typescript", "-e", program(patienceMs)], { stdio: ["pipe", "pipe", "pipe"] });

test("the second waits until the first has ended, and then holds the lock", async () => {
  const first = start(10_000);
  await new Promise((resolve) => first.stdout.once("data", resolve));
  const second = start(60_000);
  let held = false;
  const now = new Promise<void>((resolve) => {
    second.stdout.once("data", () => {
      held = true;
      resolve();
    });
  });
  const impatient = start(0);
  const said = await text(impatient.stderr);
  expect(said).toContain(`Process ${first.pid} has packaged here`);
  expect(held).toBe(false);
  first.stdin.end();
  await now;
  expect(existsSync(lock())).toBe(true);
  second.stdin.end();
  await new Promise((resolve) => second.once("close", resolve));
  expect(existsSync(lock())).toBe(false);
});

test("a lock whose process is gone is nobody's", async () => {
  const holder = start(10_000);
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  holder.kill("SIGKILL"); // leaves its lock behind
  await new Promise((resolve) => holder.once("close", resolve));
  expect(existsSync(lock())).toBe(true);
  const next = start(10_000);
  expect(String(await new Promise((resolve) => next.stdout.once("data", resolve)))).toBe("held\n");
  next.stdin.end();
});
