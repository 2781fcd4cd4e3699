/**
 * `node bench/faults/day.ts SEED HOURS DISTURBANCE`: plays the demo's day in a process of its own, undisturbed (0) or with a numbered
 * disturbance, and prints what is left of it as one line of JSON.
 */
import { installClock } from "../../local/clock.ts";

// Before anything else is imported: a module that has taken the machine's timers keeps them.
const clock = installClock(Date.now());
const { startAws } = await import("../../local/aws.ts");
const { deployed } = await import("../../local/deploy.ts");
const { playScenario } = await import("../../local/demo/play.ts");
const { scenarios, shortened } = await import("../../local/demo/scenarios.ts");
const { disturbance, none } = await import("./disturbance.ts");
const { remains } = await import("./remains.ts");

const [seed, hours, disturbed] = process.argv.slice(2) as [string, string, string];
const minuteMs = 60_000;
const day = shortened(scenarios.find(({ name }) => name === "day")!, Number(hours));
const scenario = {
  ...day,
  // The candidate is slow for 45 minutes: half an hour after that a window ends, and what is found then is acted upon at once.
  turn: 30,
  // Clients ask minutes after a window's end: what a crash delays, such as an action, then meets the same requests.
  open: { everyMs: 5 * minuteMs, fromMs: 3 * minuteMs, untilMs: 4 * minuteMs },
};

const aws = await startAws(clock, { port: 0, region: "eu-west-1", seed });
const stack = await deployed(aws.world, "local");
const { faults, events } = disturbed === "0" ? none : disturbance(Number(disturbed));
aws.faults.set(faults, events);
await playScenario(aws, stack, { scenario, json: true, seed });
process.stdout.write(`${JSON.stringify(await remains(aws, stack))}\n`);
await aws.stop();
