import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type Calls, measured } from "../shared/cost/measured.ts";
import type { Bench } from "./bench.ts";

/** What a role's call is billed as, and how often: a transaction of ours has two items, which are two writes each. */
const billedAs: Readonly<Record<string, readonly [keyof Calls, number]>> = {
  "s3:PutObject": ["s3Puts", 1],
  "s3:ListObjectsV2": ["s3Puts", 1],
  "s3:GetObject": ["s3Gets", 1],
  "dynamodb:UpdateItem": ["dynamoWrites", 1],
  "dynamodb:PutItem": ["dynamoWrites", 1],
  "dynamodb:TransactWriteItems": ["dynamoWrites", 4],
  "dynamodb:GetItem": ["dynamoReads", 1],
  "dynamodb:Query": ["dynamoReads", 1],
  "sqs:ReceiveMessage": ["sqs", 1],
  "sqs:DeleteMessageBatch": ["sqs", 1],
  "sqs:SendMessageBatch": ["sqs", 1],
  "monitoring:PutMetricData": ["metricPuts", 1],
};
type Counted = { calls: Record<string, number>; invocations: Record<string, number> };

/** Sound traffic through the deployed stack, and what each capture file, each judged answer and each tick called. */
export const cost: Bench = {
  name: "cost",
  says: "calls of AWS for each capture file, judged answer and tick, over so many hours of the demo's sound traffic",
  runs: 3,
  async run(hours, progress) {
    progress(`playing ${hours} hours`);
    const { calls, invocations } = await played(hours);
    const counts = { file: none(), judged: none(), tick: none() };
    for (const [name, n] of Object.entries(calls)) {
      const [, role = "", operation = ""] = /^assay-local-(\w+)Role-\w+ (.+)$/.exec(name) ?? [];
      const billed = billedAs[operation];
      // A hundred anchors once a day are the judge's; in three hours they would be a third of everything.
      if (billed && role !== "DriftAnchors") counts[ofRole(role)][billed[0]] += n * billed[1];
    }
    for (const [name, n] of Object.entries(invocations)) {
      const role = name.replace("assay-local-", "");
      if (role !== "driftAnchors") counts[role === "sample" ? "file" : role === "judge" ? "judged" : "tick"].invocations += n;
    }
    const of = (role: string, operation: string) =>
      Object.entries(calls).find(
        ([name]) => name.startsWith(`assay-local-${role}Role-`) && name.endsWith(` ${operation}`),
      )?.[1] ?? 0;
    const files = of("Sample", "monitoring:PutMetricData"); // one each
    const judged = of("Judge", "s3:PutObject"); // one each
    const ticks = of("DriftSchedule", "states:StartExecution");
    // The monitor reads each file's summary and each judgement once.
    counts.file.s3Gets += files;
    counts.judged.s3Gets += judged;
    counts.tick.s3Gets -= files + judged;
    counts.file.sqs += files; // EventBridge's own message for each
    const per = { file: files, judged, tick: ticks };
    return {
      figures: { files, judged, ticks, ...flat((kind, call) => counts[kind][call] / per[kind]) },
      references: flat((kind, call) => measured[kind][call]),
    };
  },
};

const kinds = ["file", "judged", "tick"] as const;
type Kind = (typeof kinds)[number];
const none = (): Calls => ({ s3Puts: 0, s3Gets: 0, dynamoWrites: 0, dynamoReads: 0, sqs: 0, metricPuts: 0, invocations: 0 });
const ofRole = (role: string): Kind => (role === "Sample" ? "file" : role === "Judge" ? "judged" : "tick");
const flat = (value: (kind: Kind, call: keyof Calls) => number): Record<string, number> =>
  Object.fromEntries(
    kinds.flatMap((kind) => Object.keys(none()).map((call) => [`${kind}.${call}`, value(kind, call as keyof Calls)])),
  );

async function played(hours: number): Promise<Counted> {
  const program = fileURLToPath(new URL("cost/day.ts", import.meta.url));
  const child = spawn(process.execPath, [program, String(hours)], { stdio: ["ignore", "pipe", "pipe"] });
  const code = new Promise((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if ((await code) !== 0) throw new Error(`The hours could not be played:\n${stderr}`);
  return JSON.parse(stdout) as Counted;
}
