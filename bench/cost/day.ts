/** `node bench/cost/day.ts HOURS`: plays sound traffic in a process of its own, and prints every call that the functions' roles made. */
import { installClock } from "../../local/clock.ts";

// Before anything else is imported: a module that has taken the machine's timers keeps them.
const clock = installClock(Date.now());
const { startAws } = await import("../../local/aws.ts");
const { deployed } = await import("../../local/deploy.ts");
const { playScenario } = await import("../../local/demo/play.ts");
const { scenarios, shortened } = await import("../../local/demo/scenarios.ts");

const hours = Number(process.argv[2]);
const aws = await startAws(clock, { port: 0, region: "eu-west-1", seed: "cost" });
const stack = await deployed(aws.world, "local");
const invocations: Record<string, number> = {};
aws.functions.onInvoked(({ function: name }) => {
  invocations[name] = (invocations[name] ?? 0) + 1;
});
const scenario = shortened(scenarios.find(({ name }) => name === "healthy")!, hours); // one of ours
await playScenario(aws, stack, { scenario, json: true, seed: "cost" });
process.stdout.write(`${JSON.stringify({ calls: Object.fromEntries(aws.calls), invocations })}\n`);
await aws.stop();
