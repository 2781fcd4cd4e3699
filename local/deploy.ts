import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { World } from "./world.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

export class DeployFailed extends Error {
  override readonly name = "DeployFailed";
}

/** Names of what the stack made, as its outputs give them. */
export type Stack = { CaptureUri: string; CaptureBucketName: string; ResultsBucketName: string; TableName: string };

/**
 * Deploys the service with the framework's own command and reads the stack's outputs.
 * @throws DeployFailed with the framework's own words
 */
export async function deployed(world: World, stage: string): Promise<Stack> {
  const child = spawn(process.execPath, ["node_modules/serverless/bin/serverless.js", "deploy", "--stage", stage], {
    cwd: root,
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: world.endpoint,
      AWS_REGION: world.region,
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_EC2_METADATA_DISABLED: "true",
      // The framework asks for the stack's state every five seconds unless told otherwise; here it changes in milliseconds.
      SLS_AWS_MONITORING_FREQUENCY: "100",
      SLS_NOTIFICATIONS_MODE: "off",
      SLS_TELEMETRY_DISABLED: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new DeployFailed(`\`serverless deploy --stage ${stage}\` ended with ${code}:\n${output}`);
  const { Stacks } = (await world.call("cloudformation", "DescribeStacks", { StackName: `assay-${stage}` })) as {
    Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[];
  };
  return Object.fromEntries(Stacks[0]!.Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])) as Stack;
}
