import { readFileSync } from "node:fs";
import { AwsError, type World } from "../world.ts";

type Prompt = { id: string; segment: string; prompt: string };

/** What became of the requests, as the clients saw it. */
export type Traffic = { sent: number; refused: number };

/**
 * Clients of the endpoint: asks one of the recorded questions at Poisson times until `untilMs`, with the seed's chance. The
 * segment travels in the custom attributes, as a client of SageMaker would send it.
 */
export function playTraffic(world: World, endpoint: string, requestsPerHour: number, untilMs: number): Traffic {
  const prompts = readFileSync(new URL("./recordings/prompts.jsonl", import.meta.url), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Prompt);
  const traffic: Traffic = { sent: 0, refused: 0 };
  const meanGapMs = 3_600_000 / requestsPerHour;

  const next = (n: number) => {
    const gapMs = -Math.log(1 - world.chance("arrival", String(n))) * meanGapMs;
    if (Date.now() + gapMs >= untilMs) return;
    setTimeout(() => {
      void ask(n);
      next(n + 1);
    }, gapMs);
  };
  const ask = async (n: number) => {
    const { prompt, segment } = prompts[Math.floor(world.chance("question", String(n)) * prompts.length)]!;
    traffic.sent++;
    try {
      await world.call("sagemaker", "InvokeEndpoint", {
        EndpointName: endpoint,
        ContentType: "application/json",
        InferenceId: `demo-${n}`,
        CustomAttributes: JSON.stringify({ segment }),
        Body: Buffer.from(JSON.stringify({ messages: [{ role: "user", content: prompt }], max_tokens: 400 })),
      });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      traffic.refused++;
    }
  };
  next(0);
  return traffic;
}
