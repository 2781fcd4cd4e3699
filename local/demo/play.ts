import type { EmbeddedAws } from "../aws.ts";
import { realSleep } from "../clock.ts";
import type { Stack } from "../deploy.ts";
import { createDemoEndpoint } from "./endpoint.ts";
import type { DemoOptions } from "./options.ts";
import { readBooks, readRemediations } from "./outcome.ts";
import { demoEndpoint } from "./scenarios.ts";
import { playTraffic } from "./traffic.ts";
import { alarmText, liveView, logView, type Snapshot } from "./view.ts";

/** What was played: for the page and the summary. */
export type Run = { title: string; origin: string; from: string; until: string; events: { at: string; text: string }[] };

const minuteMs = 60_000;
/** A new endpoint takes some minutes of the clock before it serves. */
const createdBeforeMs = 20 * minuteMs;
/** After the last request: one minute until its capture is written, and what follows from that. */
const settlesAfterMs = 20 * minuteMs;
/** On a terminal a simulated minute takes so long, so that people can watch. */
const minuteOnTerminalMs = 250;

/** Plays a scenario on stepped time and shows it as it goes. */
export async function playScenario(aws: EmbeddedAws, stack: Stack, { scenario, json, seed }: DemoOptions): Promise<Run> {
  const out = json ? process.stderr : process.stdout;
  const onTerminal = !json && process.stdout.isTTY === true;
  const view = onTerminal ? liveView(out) : logView(out);
  const events: Run["events"] = [];
  const say = (text: string) => {
    events.push({ at: new Date().toISOString(), text });
    view.say(Date.now(), text);
  };
  const fromMs = Date.parse(scenario.from);
  const untilMs = Date.parse(scenario.until);

  await aws.step(fromMs - createdBeforeMs);
  await createDemoEndpoint(aws.world, stack.CaptureBucketName);
  await aws.advanceTo(fromMs);

  const inAlarm = new Set<string>();
  aws.cloudwatch.onStateChange(({ name, from, to }) => {
    if (to === "ALARM") inAlarm.add(name);
    else inAlarm.delete(name);
    if (to === "ALARM" || from === "ALARM") say(alarmText({ name, from, to }));
  });
  const seen = new Set<string>();
  const tellRemediations = async () => {
    for (const { id, status, decision } of await readRemediations(aws.world, stack.ResultsBucketName)) {
      if (seen.has(`${id} ${status}`)) continue;
      seen.add(`${id} ${status}`);
      say(
        decision.kind === "hold"
          ? `remediation ${status}: ${decision.because}`
          : `remediation ${status}: ${decision.kind} from ${decision.from} to ${decision.to}: ${decision.because}`,
      );
    }
  };

  say(`${scenario.name}: ${scenario.tells} Endpoint ${demoEndpoint}, two recorded variants, simulated time.`);
  playTraffic(aws.world, demoEndpoint, scenario.requestsPerHour, untilMs);
  for (const happening of scenario.happenings) {
    setTimeout(() => {
      say(`(nobody tells Assay) ${happening.what}`);
      void happening.run(aws);
    }, Date.parse(happening.at) - fromMs);
  }
  for (let nowMs = fromMs; nowMs < untilMs + settlesAfterMs; ) {
    nowMs += minuteMs;
    await aws.advanceTo(nowMs);
    await tellRemediations();
    if (nowMs % (5 * minuteMs) === 0) view.update(await snapshot(aws, stack, inAlarm));
    if (onTerminal) await realSleep(minuteOnTerminalMs);
  }
  view.end();
  return {
    title: `${demoEndpoint}: ${scenario.name}`,
    origin: `Simulated traffic (seed ${seed}) of recorded models on the embedded AWS.`,
    from: scenario.from,
    until: scenario.until,
    events,
  };
}

async function snapshot(aws: EmbeddedAws, stack: Stack, inAlarm: ReadonlySet<string>): Promise<Snapshot> {
  const { total, variants } = await readBooks(aws.world, stack.ResultsBucketName);
  const { ProductionVariants } = (await aws.world.call("sagemaker", "DescribeEndpoint", { EndpointName: demoEndpoint })) as {
    ProductionVariants: { VariantName: string; CurrentWeight: number }[];
  };
  const weights = ProductionVariants.reduce((sum, { CurrentWeight }) => sum + CurrentWeight, 0);
  return {
    nowMs: Date.now(),
    captured: total.counts.captured,
    read: total.counts.answered,
    quarantined: total.counts.quarantined,
    chosen: total.chosen.length,
    variants: ProductionVariants.map(({ VariantName, CurrentWeight }) => {
      const books = variants.get(`${demoEndpoint}/${VariantName}`);
      return {
        variant: VariantName,
        weight: weights === 0 ? 0 : CurrentWeight / weights,
        answered: books?.counts.answered ?? 0,
        hardFailures: books?.hardFailures ?? 0,
      };
    }),
    alarms: [...inAlarm].sort(),
  };
}
