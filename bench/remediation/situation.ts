/**
 * `node bench/remediation/situation.ts NAME SEED`: plays one situation in a process of its own on the deployed stack, and prints what is
 * left of it as one line of JSON.
 */
import { installClock } from "../../local/clock.ts";

// Before anything else is imported: a module that has taken the machine's timers keeps them.
const clock = installClock(Date.now());
const { startAws } = await import("../../local/aws.ts");
const { deployed } = await import("../../local/deploy.ts");
const { readRemediations } = await import("../../local/demo/outcome.ts");
const { playScenario } = await import("../../local/demo/play.ts");
const { demoEndpoint } = await import("../../local/demo/scenarios.ts");
const { scenarioOf, situations } = await import("./situations.ts");

const [name, seed] = process.argv.slice(2) as [string, string];
const situation = situations.find((candidate) => candidate.name === name);
if (situation === undefined) throw new Error(`There is no situation ${name}.`);
const scenario = scenarioOf(situation);

const aws = await startAws(clock, { port: 0, region: "eu-west-1", seed });
const stack = await deployed(aws.world, "local");
if (situation.events !== undefined) aws.faults.set([], situation.events);
await playScenario(aws, stack, { scenario, json: true, seed });
const all = await readRemediations(aws.world, stack.ResultsBucketName);
const remediations = all.filter(({ endpoint }) => endpoint === demoEndpoint);
const described = (await aws.world.call("sagemaker", "DescribeEndpoint", { EndpointName: demoEndpoint })) as {
  EndpointConfigName: string;
  ProductionVariants: { VariantName: string; DesiredWeight: number; DesiredInstanceCount: number }[];
};
const of = <T>(value: (variant: (typeof described.ProductionVariants)[number]) => T) =>
  Object.fromEntries(described.ProductionVariants.map((variant) => [variant.VariantName, value(variant)]));
const steps = remediations.flatMap((record) => record.steps);
const left = {
  remediations,
  weights: of(({ DesiredWeight }) => DesiredWeight),
  instances: of(({ DesiredInstanceCount }) => DesiredInstanceCount),
  configuration: described.EndpointConfigName,
  changes: steps.filter(({ what }) => what === "changed").length,
};
process.stdout.write(`${JSON.stringify({ turnMs: Date.parse(scenario.from) + scenario.turn * 60_000, left })}\n`);
await aws.stop();
