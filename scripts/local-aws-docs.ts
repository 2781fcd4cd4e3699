/**
 * Writes docs/local-aws.md (or the file that is named): what the embedded AWS is, and every operation that it implements, read
 * from the running thing. Run it after an operation was added or removed; a test compares.
 */
import { writeFileSync } from "node:fs";
import { installClock } from "../local/clock.ts";

const clock = installClock(Date.now());
const { startAws } = await import("../local/aws.ts");
const { registry } = await import("../local/cloudformation/registry.ts");
const { lambdaReads } = await import("../local/gateway.ts");
const { readS3Request } = await import("../local/s3.ts");

const head = `# The embedded AWS

\`local/\` is the part of AWS that this service needs, in one process on one port of this machine: no Docker, no account, no network. The
real \`serverless deploy\` deploys the packaged template to it, the packaged bundles run in it, and every call of theirs is checked
against the packaged policies. What runs here is what runs on AWS; the only difference is \`AWS_ENDPOINT_URL\`.

    npx assay local --port 4566                          # by itself, on real time
    npm start -- --keep                                  # with the service deployed and traffic played; stays up
    aws --endpoint-url http://127.0.0.1:4566 s3 ls       # any client, any key pair

It is for trying out, for the tests and for measurements. It keeps everything in memory, and it trusts its callers: never let a
network reach it.

## Two clocks

On **real time** its clock follows the machine's: for people and for outside clients. On **stepped time** it stands still while anything is in
flight (a request, an invocation, a batch), and when all is quiet it goes to the next moment at which something is due: a delayed
message, the end of a visibility timeout, a schedule, an alarm's period, an endpoint's update. It goes only as far as it is asked. Hours pass in
seconds, a slow machine changes nothing, and the same \`--seed\` gives the same run. Bundles know nothing of it: clock, timers and chance
of their process are substituted before they load.

Tests move the clock, and make calls crash, throttle or take long, by paths under \`/_assay/\` on the same port: \`local/control.ts\`.

## Where it differs from AWS

- **Who calls.** Signatures are not checked. A key that belongs to no function is an administrator, who may do anything that no resource
  policy denies. Functions, state machines, rules and alarms may do what their roles and the resource policies allow, and no more. The loopback
  endpoint counts as TLS.
- **Lambda.** One invocation runs at a time in the whole account, each function in one warm worker thread; concurrency is therefore never
  exceeded, and never used. What is left in a queue after a full batch is delivered without waiting for its own batch window. Only
  \`nodejs24.x\` and inline-free zip packages. Memory is the limit of the JavaScript heap.
- **SQS.** Receiving never waits (\`WaitTimeSeconds\` is 0). Order is the order of sending; duplicates and delays come only when a test asks for them.
- **S3.** Of a bucket's notifications those to EventBridge are sent; others are kept, and nobody is told. A single \`PutObject\` takes about 11 MiB; larger objects go up in parts, as the SDK's upload and the AWS CLI do. A multi-object deletion
  is refused as a whole where one key may not be deleted. Lifecycle rules and encryption are kept and not carried out.
- **DynamoDB.** Items whose time to live has passed stay, as they may on AWS for days.
- **CloudWatch.** Metrics are there at once; alarms are evaluated on the minute of the clock.
- **SageMaker.** Models are *recorded*: they answer from a file of prompts and answers, or forward to an OpenAI-compatible URL. Nobody waits
  for their latency; it only becomes a metric. A shadow variant gets a copy of the share of requests that its weight is of the other's. Inference components
  answer, are captured under their variant, and change their model and their copies, also by the bounds of their scaling; what room copies need is not looked at.
- **Application Auto Scaling.** Bounds of a variant's instances and of a component's copies, kept at once. No scaling policies.
- **CloudFormation.** As the framework calls it: direct create, update and delete with rollback; no change sets, no nested stacks. A
  property that matters and is not honoured is refused by its name: a key of KMS is one. Custom resources are made by their functions.
- **Everything else** is answered with AWS's own kind of error, naming the operation (\`NotImplemented\`, 501). Nothing pretends.

S3 and SQS are [fauxqs](https://github.com/kibertoad/fauxqs), DynamoDB is [dynalite](https://github.com/architect/dynalite); what they lack is added around them.
`;

/** S3's operations are told from method, path and query: every combination that means one. */
function s3Operations(): string[] {
  const subresources = [
    "",
    "?policy",
    "?encryption",
    "?publicAccessBlock",
    "?lifecycle",
    "?versioning",
    "?notification",
    "?location",
    "?delete",
  ];
  const paths = [
    "/",
    ...subresources.map((query) => `/b${query}`),
    ...["", "?uploads", "?uploadId=1"].map((query) => `/b/k${query}`),
  ];
  const found = new Set<string>();
  for (const method of ["GET", "PUT", "POST", "HEAD", "DELETE"]) {
    for (const path of paths) {
      for (const source of [undefined, "/b/other"]) {
        try {
          found.add(readS3Request(method, path, source).operation);
        } catch {
          // Not a request that S3 here knows.
        }
      }
    }
  }
  return [...found];
}

const clientsMay = (names: string[]) =>
  `\n\nClients may call ${names.sort().map(code).join(", ")}; the others are for CloudFormation's resources.`;
const notes: Record<string, string> = {
  lambda: clientsMay(["Invoke", ...Object.keys(lambdaReads)]),
  s3: clientsMay(s3Operations()),
};

const aws = await startAws(clock, { port: 0, region: "eu-west-1", seed: "docs" });
const sections = [...aws.parts]
  .map(([scope, { operations }]) => {
    const names = [...new Set([...(scope === "s3" ? s3Operations() : []), ...Object.keys(operations)])].sort();
    return { scope, text: `### \`${scope}\`\n\n${names.map(code).join(", ")}${notes[scope] ?? ""}` };
  })
  .sort((a, b) => (a.scope < b.scope ? -1 : 1));
await aws.stop();

function code(name: string): string {
  return `\`${name}\``;
}

const page = `${head}
## Operations, by service

The names of the services are those of their signatures.

${sections.map(({ text }) => text).join("\n\n")}

## Resource types of templates

${[...registry.keys()].sort().map(code).join(", ")}
`;
writeFileSync(process.argv[2] ?? new URL("../docs/local-aws.md", import.meta.url), page);
