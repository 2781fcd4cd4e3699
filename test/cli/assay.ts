import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../bin/assay.js", import.meta.url));

/** Runs the command as a user does, in `cwd`, without any AWS configuration but what `env` gives. */
export async function assay(args: string[], { cwd, env = {} }: { cwd: string; env?: Record<string, string> }) {
  const isolated = { PATH: process.env.PATH ?? "", HOME: cwd, AWS_EC2_METADATA_DISABLED: "true", ...env };
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: isolated, stdio: ["ignore", "pipe", "pipe"] });
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

/** The same, but nobody reads stdout beyond its first chunk. */
export async function assayReadBriefly(args: string[], cwd: string) {
  const child = spawn(process.execPath, [bin, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.stdout.once("data", () => child.stdout.destroy());
  return { stderr: await text(child.stderr), code: await code };
}
