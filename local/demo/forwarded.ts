import type { EmbeddedAws } from "../aws.ts";
import { realSleep } from "../clock.ts";
import type { Stack } from "../deploy.ts";
import { WrongUse } from "../port.ts";
import { createDemoEndpoints, type Forwarding } from "./endpoint.ts";
import type { DemoOptions } from "./options.ts";
import { openBooks } from "./outcome.ts";
import { createdBeforeMs, type Run, settlesAfterMs, snapshot } from "./play.ts";
import { demoEndpoint } from "./scenarios.ts";
import { always, playTraffic } from "./traffic.ts";
import { liveView, logView } from "./view.ts";

/** One question every three seconds: what a model on a laptop can answer. */
const clients = { requestsPerHour: 1_200, open: always };
const lookMs = 5_000;

/** @throws WrongUse where nobody answers, whatever the answer: before minutes are spent on it */
export async function expectServer(baseUrl: string): Promise<void> {
  await fetch(`${baseUrl.replace(/\/$/, "")}/models`, { signal: AbortSignal.timeout(5_000) }).catch((error: unknown) => {
    throw new WrongUse(`--openai: nobody answers on ${baseUrl}. Start the server, or mend the URL.`, { cause: error });
  });
}

/**
 * Plays questions on real time, with the models or the judge that are forwarded: a live server takes the time it takes, and on stepped
 * time the clock would stand still meanwhile. Only before and after the questions, when nobody asks, the clock jumps. Nothing is
 * compared with the recorded week, which other models and another judge made.
 */
export async function playForwarded(
  aws: EmbeddedAws,
  stack: Stack,
  { forwarding, minutes }: { forwarding: Forwarding; minutes: number },
  { json, seed }: DemoOptions,
): Promise<Run> {
  const out = json ? process.stderr : process.stdout;
  const view = !json && process.stdout.isTTY === true ? liveView(out) : logView(out);
  const fromMs = Date.now();
  const untilMs = fromMs + minutes * 60_000;
  await aws.step(fromMs - createdBeforeMs);
  await createDemoEndpoints(aws.world, stack.CaptureBucketName, forwarding);
  await aws.advanceTo(fromMs);
  aws.follow();

  const what = `${forwarding.of.join(" and ")} forwarded to ${forwarding.baseUrl}`;
  view.say(fromMs, `${what}; the rest is recorded. ${minutes} min on real time; nothing is compared: there is no baseline.`);
  const traffic = playTraffic(aws.world, demoEndpoint, clients, untilMs);
  const books = openBooks(aws.world, stack.ResultsBucketName);
  const look = () => snapshot(aws, stack, books, new Set(), { fromMs, untilMs });
  while (Date.now() < untilMs) {
    await realSleep(Math.min(lookMs, untilMs - Date.now()));
    view.update(await look());
  }
  view.say(
    Date.now(),
    `${traffic.sent} questions asked, ${traffic.refused} refused. What is left to capture, score and judge follows.`,
  );
  await aws.step(Date.now());
  await aws.advanceTo(untilMs + settlesAfterMs);
  view.update(await look());
  view.end();
  return {
    title: `${demoEndpoint}: ${what}`,
    origin: `Simulated questions (seed ${seed}) on the embedded AWS, ${what}; what is not forwarded is recorded.`,
    from: new Date(fromMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    alarms: [],
    events: [],
  };
}
