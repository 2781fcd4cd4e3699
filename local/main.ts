/** The embedded AWS as a process of its own, on real time: for `assay local`, and for tests that move its clock. */
import { parseArgs } from "node:util";
import { installClock } from "./clock.ts";

// Before anything else is imported: a module that has taken the machine's timers keeps them.
const clock = installClock(Date.now());
const { startAws, CannotStart } = await import("./aws.ts");

const { portNumber, WrongUse } = await import("./port.ts");

try {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "4566" },
      region: { type: "string", default: process.env.AWS_REGION ?? "eu-west-1" },
      seed: { type: "string", default: "assay" },
    },
  });
  const aws = await startAws(clock, { port: portNumber(values.port), region: values.region, seed: values.seed });
  process.stdout.write(
    `Embedded AWS for ${aws.world.region} on ${aws.world.endpoint}. Point any client there, with any key pair:\n`,
  );
  process.stdout.write(
    `  export AWS_ENDPOINT_URL=${aws.world.endpoint} AWS_REGION=${aws.world.region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local\n`,
  );
  const stop = () => void aws.stop().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
} catch (error) {
  const isWrongUse = error instanceof WrongUse || (error instanceof TypeError && "code" in error); // an option that parseArgs does not know
  if (!(error instanceof CannotStart) && !isWrongUse) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(2);
}
