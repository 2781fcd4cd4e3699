import { alarms } from "./alarms.ts";
import { buckets } from "./buckets.ts";
import { frameworkIds, type Resources, ref, sub, type Value } from "./cloudformation.ts";
import { checkedStage, readConfiguration } from "./configuration.ts";
import { dashboards } from "./dashboard.ts";
import { drift } from "./drift.ts";
import { encryptedBy } from "./encryption.ts";
import { evaluation } from "./evaluation.ts";
import { queues } from "./queues.ts";
import { remediation } from "./remediation.ts";
import { roles } from "./roles.ts";
import { table } from "./table.ts";

/** What the framework hands to a function that a variable of serverless.yml names. */
type Framework = { resolveVariable(address: string): Promise<string> };

/** Everything of the stack but the functions, which serverless.yml declares: buckets, queues, table, roles, alarms and outputs. */
export async function resources({ resolveVariable }: Framework): Promise<{ Resources: Resources; Outputs: Outputs }> {
  return plainly(async () => {
    const stage = checkedStage(await resolveVariable("sls:stage"));
    const assay = readConfiguration(process.env);
    return {
      Resources: encryptedBy(assay.deployment.kmsKeyArn, {
        ...buckets(assay, stage),
        ...queues(assay.captures, stage),
        ...table(assay, stage),
        ...roles(assay),
        ...drift(assay, stage),
        ...evaluation(assay, stage),
        ...remediation(assay, stage),
        ...alarms(assay, stage),
        ...dashboards(assay, stage),
      }),
      Outputs: outputs(assay.captures.prefix),
    };
  });
}

/** Tags of the stack, which CloudFormation puts on everything in it that can have tags. */
export async function stackTags(): Promise<Record<string, string>> {
  return plainly(async () => readConfiguration(process.env).deployment.tags);
}

/** How long the functions' logs are kept. */
export async function logRetentionInDays(): Promise<number> {
  return plainly(async () => readConfiguration(process.env).deployment.retention.logsDays);
}

/** The last resort of `provider.region`: never a region that nobody chose. */
export async function missingRegion(): Promise<never> {
  return plainly(() =>
    Promise.reject(new Error("No region is chosen. Set AWS_REGION or give --region, for example --region eu-central-1.")),
  );
}

type Outputs = Record<string, { Description: string; Value: Value }>;

function outputs(prefix: string): Outputs {
  const output = (Description: string, Value: Value) => ({ Description, Value });
  return {
    CaptureUri: output(
      "DestinationS3Uri for the DataCaptureConfig of your endpoints",
      sub(`s3://\${CaptureBucket}${prefix && `/${prefix}`}`),
    ),
    CaptureBucketName: output("Where SageMaker writes captures", ref("CaptureBucket")),
    ResultsBucketName: output("Scores, summaries, quarantine and remediations", ref("ResultsBucket")),
    TableName: output("Claims, findings and remediation records", ref("Table")),
    CaptureQueueUrl: output("New capture objects", ref("CaptureQueue")),
    CaptureDeadLetterQueueUrl: output("Capture objects that could not be read", ref("CaptureDeadLetterQueue")),
    JudgeQueueUrl: output("Answers that were chosen for judging", ref("JudgeQueue")),
    JudgeDeadLetterQueueUrl: output("Answers that could not be judged", ref("JudgeDeadLetterQueue")),
    RemediateDeadLetterQueueUrl: output("Alarms that could not be handled", ref("RemediateDeadLetterQueue")),
    DriftStateMachineArn: output("Looks for change, once a window", ref("DriftStateMachine")),
    EvaluationStateMachineArn: output("Runs a golden set against variants", ref("EvaluationStateMachine")),
    RemediationStateMachineArn: output("Carries out and verifies remediations", ref("RemediationStateMachine")),
    PagesTopicArn: output("Subscribe here to be called when a person must decide", ref("PagesTopic")),
    SampleFunctionName: output("Reads captures", ref(frameworkIds.sample.lambda)),
    JudgeFunctionName: output("Grades chosen answers", ref(frameworkIds.judge.lambda)),
    RemediateFunctionName: output("Decides what to do about an alarm", ref(frameworkIds.remediate.lambda)),
  };
}

/** The framework prints the stack of what is thrown here, behind words of its own. Our sentences need no stack, and get lines of their own. */
async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) error.stack = `\n\n${error.message}`;
    throw error;
  }
}
