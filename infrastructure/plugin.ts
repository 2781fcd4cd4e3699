import { dirname, resolve } from "node:path";
import { CloudFormationClient, type CloudFormationClientConfig } from "@aws-sdk/client-cloudformation";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { BundleFailed, bundle } from "./bundle.ts";
import type { Resources } from "./cloudformation.ts";
import { configurationPath, readConfiguration } from "./configuration.ts";
import { holdUntilExit, StillPackaging } from "./oneAtATime.ts";
import { emptyWhatGoes } from "./removal.ts";

/** What the plugin uses of the framework's interface for plugins. */
type Framework = {
  serviceDir: string;
  getProvider(name: "aws"): {
    naming: { getStackName(): string };
    getAwsSdkV3Config(): Promise<CloudFormationClientConfig & S3ClientConfig>;
  };
  classes: { Error: new (message: string, code: string) => Error };
  service: {
    functions: Record<string, { package: { artifact: string } }>;
    provider: { compiledCloudFormationTemplate: { Resources: Resources } };
  };
};

/** CloudFormation's limit of a stack. */
const mostResources = 500;
/** A deployment to AWS takes some minutes, and the next one must leave it what it packaged. */
const patienceMs = 15 * 60_000;

/** Bundles the functions before the framework packages them, so that `serverless package` and `deploy` need no step before. */
export class BundlePlugin {
  readonly hooks: Record<string, () => Promise<void> | void>;
  constructor(serverless: Framework) {
    const bundleAll = () => this.#bundleAll(serverless);
    this.hooks = {
      // A function that nothing would call.
      "before:package:initialize": () => {
        if (readConfiguration(process.env).deployment.captureBucket === "new") delete serverless.service.functions.bucketEvents;
      },
      "before:remove:remove": () => empty(serverless),
      // The framework packages and deploys from folders of the checkout, of which there is one.
      "before:package:cleanup": () => this.#waitForOthers(serverless),
      "before:package:createDeploymentArtifacts": bundleAll,
      "before:deploy:function:packageFunction": bundleAll,
      "after:aws:package:finalize:mergeCustomProviderResources": () => {
        const refusal = tooLarge(serverless.service.provider.compiledCloudFormationTemplate.Resources);
        if (refusal) throw new serverless.classes.Error(refusal, "ASSAY_STACK_TOO_LARGE");
      },
    };
  }

  async #waitForOthers({ serviceDir, classes }: Framework): Promise<void> {
    try {
      await holdUntilExit(resolve(serviceDir, ".build", "packaging.lock"), patienceMs);
    } catch (error) {
      throw error instanceof StillPackaging ? new classes.Error(error.message, "ASSAY_STILL_PACKAGING") : error;
    }
  }

  async #bundleAll({ serviceDir, service, classes }: Framework): Promise<void> {
    const assay = readConfiguration(process.env);
    const packings = Object.entries(service.functions).map(([name, { package: packaging }]) => {
      return { entry: resolve(serviceDir, entryOf(name)), zipPath: resolve(serviceDir, packaging.artifact) };
    });
    try {
      await bundle(packings, assay, dirname(configurationPath(process.env)));
    } catch (error) {
      // Only the framework's own error is printed without a stack.
      throw error instanceof BundleFailed ? new classes.Error(error.message, "ASSAY_BUNDLE_FAILED") : error;
    }
  }
}

/** Where a function's handler is: `sample` in functions/sample.ts, a workflow's `driftFold` in functions/drift/fold.handler.ts. */
export function entryOf(name: string): string {
  const [, workflow, task] = /^([a-z]+)([A-Z]\w*)$/.exec(name) ?? [];
  if (workflow === undefined || task === undefined) return `functions/${name}.ts`;
  return `functions/${workflow}/${task.charAt(0).toLowerCase()}${task.slice(1)}.handler.ts`;
}

async function empty(serverless: Framework): Promise<void> {
  const provider = serverless.getProvider("aws");
  const config = await provider.getAwsSdkV3Config();
  try {
    await emptyWhatGoes(new CloudFormationClient(config), new S3Client(config), provider.naming.getStackName());
  } catch (error) {
    throw new serverless.classes.Error((error as Error).message, "ASSAY_NOT_EMPTIED");
  }
}

/** The sentence with which a stack is refused that CloudFormation would refuse after minutes, or `null`. */
function tooLarge(resources: Resources): string | null {
  const count = Object.keys(resources).length;
  if (count <= mostResources) return null;
  return (
    `The stack would have ${count} resources; CloudFormation takes ${mostResources}. Split the endpoints over several files like ` +
    "assay.yml, and deploy each with its own --stage and ASSAY_CONFIG."
  );
}
