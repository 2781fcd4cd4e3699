import { AwsError, type World } from "../world.ts";
import { dailyQuestions, newQuestions } from "./recordings.ts";

export type Traffic = {
  /** What became of the requests, as the clients saw it. */
  sent: number;
  refused: number;
  /** Share of the questions that are of the new kind, in [0, 1]; may be changed while traffic plays. */
  newShare: number;
};

/**
 * Clients of the endpoint: asks one of the recorded questions at Poisson times until `untilMs`, with the seed's chance. The
 * segment travels in the custom attributes, as a client of SageMaker would send it.
 */
export function playTraffic(world: World, endpoint: string, requestsPerHour: number, untilMs: number): Traffic {
  const [daily, unheardOf] = [dailyQuestions(), newQuestions()];
  const traffic: Traffic = { sent: 0, refused: 0, newShare: 0 };
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
  next(0);
  return traffic;
}
