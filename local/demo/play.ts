import { inWords } from "../../shared/remediation/decision.ts";
import { actionsOf } from "../../shared/reporting/span/report.ts";
import type { Alarmed } from "../../shared/reporting/span/source.ts";
import type { EmbeddedAws } from "../aws.ts";
import { realSleep, realTime } from "../clock.ts";
import type { Stack } from "../deploy.ts";
import { approveInStack, weekBaseline } from "./baseline.ts";
import { createDemoEndpoints } from "./endpoint.ts";
import type { DemoOptions } from "./options.ts";
import { openBooks, readFindings, readRemediations, readSpentDays, spendOf } from "./outcome.ts";
import { readState } from "./readMetrics.ts";
import { demoEndpoint, type Happening, type Stage } from "./scenarios.ts";
import { demoAssay, demoSettings } from "./settings.ts";
import { playTraffic } from "./traffic.ts";
import { alarmText, liveView, logView, type Snapshot } from "./view.ts";

/** What was played: for the page and the summary. */
export type Run = {
  title: string;
  origin: string;
  from: string;
  until: string;
  /** When an alarm began. */
  alarms: Alarmed[];
  events: { at: string; text: string }[];
};

const minuteMs = 60_000;
/** A new endpoint takes some minutes of the clock before it serves. */
export const createdBeforeMs = 20 * minuteMs;
/** After the last request: one minute until its capture is written, and what follows from that. */
export const settlesAfterMs = 20 * minuteMs;
/** On a terminal people watch: a whole day takes two and a half minutes, and a minute of a short scenario a quarter of a second. */
const dayOnTerminalMs = 150_000;
const minuteOnTerminalMs = 250;

/** Plays a scenario on stepped time and shows it as it goes. */
export async function playScenario(
  aws: EmbeddedAws,
  stack: Stack,
  { scenario, json, seed }: Pick<DemoOptions, "scenario" | "json" | "seed">,
): Promise<Run> {
  const out = json ? process.stderr : process.stdout;
  const onTerminal = !json && process.stdout.isTTY === true;
  const view = onTerminal ? liveView(out) : logView(out);
  const events: Run["events"] = [];
  const alarms: Run["alarms"] = [];
  const say = (text: string) => {
    events.push({ at: new Date().toISOString(), text });
    view.say(Date.now(), text);
  };
  const fromMs = Date.parse(scenario.from);
  const untilMs = fromMs + scenario.minutes * minuteMs;

  // Before the clock stands: whoever talks over the wire from this process needs one that runs.
  const baseline = weekBaseline(demoAssay());
  await approveInStack(aws.world, stack, baseline);
  await aws.step(fromMs - createdBeforeMs);
  await createDemoEndpoints(aws.world, stack.CaptureBucketName, null);
  await aws.advanceTo(fromMs);

  const inAlarm = new Set<string>();
  aws.cloudwatch.onStateChange(({ name, from, to }) => {
    if (to === "ALARM") inAlarm.add(name);
    else inAlarm.delete(name);
    const at = new Date().toISOString();
    if (to === "ALARM") alarms.push({ at, until: null, text: name });
    const over = from === "ALARM" ? alarms.findLast(({ text }) => text === name) : undefined;
    if (over) over.until = at;
    if (to === "ALARM" || from === "ALARM") say(alarmText({ name, from, to }));
  });
  const seen = new Set<string>();
  const tellRemediations = async () => {
    for (const { id, status, decision } of await readRemediations(aws.world, stack.ResultsBucketName)) {
      if (seen.has(`${id} ${status}`)) continue;
      seen.add(`${id} ${status}`);
      say(`remediation ${decision.kind === "hold" ? status : `${status}: ${inWords(decision)}`}: ${decision.because}`);
    }
  };

  let told = aws.sns.published.length;
  const tellPages = () => {
    for (const { subject } of aws.sns.published.slice(told)) say(`a person is paged: ${subject}`);
    told = aws.sns.published.length;
  };

  say(`${scenario.name}: ${scenario.tells} Endpoint ${demoEndpoint}, two recorded variants, simulated time.`);
  const stage: Stage = { aws, traffic: playTraffic(aws.world, demoEndpoint, scenario, untilMs) };
  const happen = ({ what, run }: Happening) => {
    say(`(nobody tells Assay) ${what}`);
    return run(stage);
  };
  for (const happening of scenario.happenings) {
    if (typeof happening.when === "number") setTimeout(() => void happen(happening), (scenario.turn + happening.when) * minuteMs);
  }
  let waiting = scenario.happenings.filter(({ when }) => typeof when !== "number");
  const books = openBooks(aws.world, stack.ResultsBucketName);
  const before = await servingVariants(aws);
  const lastMs = untilMs + settlesAfterMs;
  const paceMs = Math.min(minuteOnTerminalMs, (dayOnTerminalMs * minuteMs) / (lastMs - fromMs));
  const startedMs = realTime.now();

  for (let nowMs = fromMs; nowMs < lastMs; ) {
    nowMs += minuteMs;
    await aws.advanceTo(nowMs);
    await tellRemediations();
    tellPages();
    if (waiting.length > 0) {
      const now = await servingVariants(aws);
      const due = waiting.filter(({ when }) => (when === "shifted" ? shifted(now) : scaled(before, now)));
      waiting = waiting.filter((happening) => !due.includes(happening));
      for (const happening of due) await happen(happening);
    }
    if (nowMs % (5 * minuteMs) === 0) view.update(await snapshot(aws, stack, books, inAlarm, { fromMs, untilMs }));
    // Only as long as is left: a slow machine shows less of each minute, and the day takes no longer.
    const aheadMs = ((nowMs - fromMs) / minuteMs) * paceMs - (realTime.now() - startedMs);
    if (onTerminal && aheadMs > 0) await realSleep(aheadMs);
  }
  view.end();
  return {
    title: `${demoEndpoint}: ${scenario.name}`,
    origin: `Simulated traffic (seed ${seed}) of recorded models on the embedded AWS.`,
    from: scenario.from,
    until: new Date(untilMs).toISOString(),
    alarms,
    events,
  };
}

type Serving = { VariantName: string; CurrentWeight: number; CurrentInstanceCount: number };

async function servingVariants(aws: EmbeddedAws): Promise<Serving[]> {
  const { ProductionVariants } = (await aws.world.call("sagemaker", "DescribeEndpoint", { EndpointName: demoEndpoint })) as {
    ProductionVariants: Serving[];
  };
  return ProductionVariants;
}

const shifted = (now: readonly Serving[]) => now.some(({ CurrentWeight }) => CurrentWeight === 0);
const scaled = (before: readonly Serving[], now: readonly Serving[]) =>
  now.some((variant, k) => variant.CurrentInstanceCount > before[k]!.CurrentInstanceCount);

/** How things stand now, for a view. */
export async function snapshot(
  aws: EmbeddedAws,
  stack: Stack,
  books: ReturnType<typeof openBooks>,
  inAlarm: ReadonlySet<string>,
  played: { fromMs: number; untilMs: number },
): Promise<Snapshot> {
  const { world } = aws;
  const { total, variants, judged } = await books.read();
  const { findings, parts } = await readFindings(world, stack.TableName, demoEndpoint);
  const remediations = await readRemediations(world, stack.ResultsBucketName);
  const days = await readSpentDays(world, stack.TableName, demoEndpoint);
  const spend = spendOf(days, demoSettings().evaluationBudgetMicroUsdPerDay, played);
  const serving = await servingVariants(aws);
  const weights = serving.reduce((sum, { CurrentWeight }) => sum + CurrentWeight, 0);
  const lines: Snapshot["variants"] = [];
  for (const { VariantName, CurrentWeight } of serving) {
    const own = variants.get(`${demoEndpoint}/${VariantName}`);
    lines.push({
      variant: VariantName,
      weight: weights === 0 ? 0 : CurrentWeight / weights,
      answered: own?.counts.answered ?? 0,
      hardFailures: own?.hardFailures ?? 0,
      ...(await readState(world, demoEndpoint, VariantName, Date.now())),
    });
  }
  return {
    nowMs: Date.now(),
    captured: total.counts.captured,
    scored: total.counts.answered,
    quarantined: total.counts.quarantined,
    judged,
    spentMicroUsd: spend.evaluationMicroUsd,
    budgetMicroUsd: spend.budgetMicroUsd,
    variants: lines,
    alarms: [...inAlarm].sort(),
    findings,
    actions: actionsOf(remediations.filter(({ id }) => !parts.has(id))),
  };
}
