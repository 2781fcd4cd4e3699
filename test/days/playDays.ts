/**
 * `node test/days/playDays.ts NAME…`: plays six hours of each scenario, as `npm start -- --scenario NAME --hours 6 --json` does, but one
 * after the other in one process, which so loads and warms up once. What is told of each ends with a line `— NAME` on stderr.
 */
import { installClock } from "../../local/clock.ts";

// Before anything else is imported: a module that has taken the machine's timers keeps them.
const clock = installClock(Date.now());
const { startAws } = await import("../../local/aws.ts");
const { deployed } = await import("../../local/deploy.ts");
const { conclude } = await import("../../local/demo/conclude.ts");
const { demoOptions } = await import("../../local/demo/options.ts");
const { playScenario } = await import("../../local/demo/play.ts");

const minuteMs = 60_000;
/** Clients ask in some minutes only: as many questions in fewer files, which is what a minute of a day costs. */
const inTheMiddle = { everyMs: 15 * minuteMs, fromMs: 4 * minuteMs, untilMs: 7 * minuteMs };
/** Where latency moves, an alarm looks at every ten minutes that there are. */
const often = { everyMs: 5 * minuteMs, fromMs: 2 * minuteMs, untilMs: 3 * minuteMs };
const latencyMoves = new Set(["day", "latency"]);

for (const name of process.argv.slice(2)) {
  const options = demoOptions(["--scenario", name, "--hours", "6", "--json", "--port", "0"]);
  if (options === "help") throw new Error("Give names of scenarios.");
  const scenario = { ...options.scenario, open: latencyMoves.has(name) ? often : inTheMiddle };
  clock.restart();
  const aws = await startAws(clock, options);
  const stack = await deployed(aws.world, "local");
  const run = await playScenario(aws, stack, { ...options, scenario });
  await conclude(aws, stack, run, options);
  await aws.stop();
  process.stderr.write(`— ${name}\n`);
}
