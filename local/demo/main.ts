/** `npm start`: deploys the service to the embedded AWS and plays captured traffic through it. */
import { installClock } from "../clock.ts";

// Before anything else is imported: a module that has taken the machine's timers keeps them.
const clock = installClock(Date.now());
const { startAws, CannotStart } = await import("../aws.ts");
const { WrongUse } = await import("../port.ts");
const { demoOptions, usage } = await import("./options.ts");
const { playCaptures } = await import("./captures.ts");
const { expectServer, playForwarded } = await import("./forwarded.ts");
const { playScenario } = await import("./play.ts");
const { deployed, DeployFailed } = await import("../deploy.ts");
const { conclude } = await import("./conclude.ts");

try {
  const options = demoOptions(process.argv.slice(2));
  if (options === "help") {
    process.stdout.write(usage);
    process.exit(0);
  }
  const say = (text: string) => void (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  if (options.live !== null) await expectServer(options.live.forwarding.baseUrl);
  const aws = await startAws(clock, { port: options.port, region: options.region, seed: options.seed });
  say(`The embedded AWS listens on ${aws.world.endpoint}. Deploying with \`serverless deploy --stage local\` …`);
  const stack = await deployed(aws.world, "local");
  say("Deployed: the stack is the packaged CloudFormation template.\n");
  const run =
    options.live !== null
      ? await playForwarded(aws, stack, options.live, options)
      : options.captures !== null
        ? await playCaptures(aws, stack, options.captures, say)
        : await playScenario(aws, stack, options);
  await conclude(aws, stack, run, options);
  if (options.keep) {
    aws.follow();
    say(`\nStays up on ${aws.world.endpoint}, on real time from here; stop it with Ctrl-C. For example:`);
    const { endpoint, region } = aws.world;
    say(`  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`);
    say("  npx assay remediation list --stack local");
    say(`  aws s3 ls --recursive s3://${stack.ResultsBucketName}`);
    await new Promise((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
    });
  }
  await aws.stop();
} catch (error) {
  const forUser = error instanceof CannotStart || error instanceof WrongUse || error instanceof DeployFailed;
  if (!forUser) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
