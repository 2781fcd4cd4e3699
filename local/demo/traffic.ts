import { AwsError, type World } from "../world.ts";
import { dailyQuestions, newQuestions } from "./recordings.ts";

/** When clients ask: in the same part of each span of `everyMs`, counted from the beginning; milliseconds. */
export type Open = { everyMs: number; fromMs: number; untilMs: number };
export const always: Open = { everyMs: 3_600_000, fromMs: 0, untilMs: 3_600_000 };

export type Traffic = {
  /** What became of the requests, as the clients saw it. */
  sent: number;
  refused: number;
  /** Share of the questions that are of the new kind, in [0, 1]; may be changed while traffic plays. */
  newShare: number;
};

/**
 * Clients of the endpoint: asks one of the recorded questions at Poisson times until `untilMs`, with the seed's chance, while they
 * are `open`. The segment travels in the custom attributes, as a client of SageMaker would send it.
 */
export function playTraffic(
  world: World,
  endpoint: string,
  { requestsPerHour, open }: { requestsPerHour: number; open: Open },
  untilMs: number,
): Traffic {
  const [daily, unheardOf] = [dailyQuestions(), newQuestions()];
  const traffic: Traffic = { sent: 0, refused: 0, newShare: 0 };
  const openMs = open.untilMs - open.fromMs;
  const meanGapMs = (3_600_000 / requestsPerHour) * (openMs / open.everyMs);
  const beganMs = Date.now();

  /** @param spentMs of the time in which clients ask, until now */
  const next = (n: number, spentMs: number) => {
    const atMs = spentMs - Math.log(1 - world.chance("arrival", String(n))) * meanGapMs;
    const gapMs = beganMs + Math.floor(atMs / openMs) * open.everyMs + open.fromMs + (atMs % openMs) - Date.now();
    if (Date.now() + gapMs >= untilMs) return;
    setTimeout(() => {
      void ask(n);
      next(n + 1, atMs);
    }, gapMs);
  };
  const ask = async (n: number) => {
    const questions = world.chance("kind", String(n)) < traffic.newShare ? unheardOf : daily;
    const { prompt, segment } = questions[Math.floor(world.chance("question", String(n)) * questions.length)]!;
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
  next(0, 0);
  return traffic;
}
