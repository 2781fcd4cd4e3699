import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export type Ended = { code: number | null; stdout: string; stderr: string };

/** Runs a program in the root of the project to its end. `env` comes on top of ours; `undefined` takes a variable away. */
export async function run(program: string, args: string[], env: Record<string, string | undefined> = {}): Promise<Ended> {
  const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const code = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

/** `npm start -- …` */
export const npmStart = (args: string[], env: Record<string, string | undefined> = {}) =>
  run(process.execPath, ["local/demo/main.ts", ...args], env);

/** `npx serverless …` */
export const serverless = (args: string[], env: Record<string, string | undefined> = {}) =>
  run(process.execPath, ["node_modules/serverless/bin/serverless.js", ...args], {
    SLS_NOTIFICATIONS_MODE: "off",
    SLS_TELEMETRY_DISABLED: "1",
    ...env,
  });
