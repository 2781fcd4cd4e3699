import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
export const region = "eu-west-1";

/** An embedded AWS in a process of its own, as a test sees it: over the wire, with its clock in the test's hand. */
export type Embedded = {
  endpoint: string;
  /** What any SDK client needs. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Puts the clock at a moment, where it stands until `advance`. */
  step(nowMs: number): Promise<void>;
  advance(untilMs: number): Promise<void>;
  control<T>(path: string, input?: object): Promise<T>;
  stop(): Promise<void>;
};

export async function startEmbedded(seed = "test"): Promise<Embedded> {
  const child = spawn(process.execPath, ["local/main.ts", "--port", "0", "--region", region, "--seed", seed], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const endpoint = await firstEndpoint(child);
  const control = async <T>(path: string, input: object = {}): Promise<T> => {
    const response = await fetch(`${endpoint}/_assay/${path}`, { method: "POST", body: JSON.stringify(input) });
    const answer = (await response.json()) as T & { message?: string };
    if (!response.ok) throw new Error(`/_assay/${path}: ${answer.message}`);
    return answer;
  };
  return {
    endpoint,
    client: { endpoint, region, credentials: { accessKeyId: "local", secretAccessKey: "local" } },
    step: (nowMs) => control("step", { nowMs }),
    advance: (untilMs) => control("advance", { untilMs }),
    control,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function firstEndpoint(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (found) return found[0];
  }
  throw new Error("The embedded AWS ended before it was ready.");
}
