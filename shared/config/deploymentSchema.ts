import { z } from "zod";
import { section, whole } from "./sections.ts";

/** How the stack is deployed. What it costs to change later stands in docs/deploying.md. */
export type Deployment = {
  /** `existing`: the bucket of `captures` is somebody else's; the stack only has it send its events, and takes nothing from it. */
  captureBucket: "new" | "existing";
  /** A customer's key that encrypts buckets, queues, table and topic; `null`: the services' own keys. */
  kmsKeyArn: string | null;
  /** On every resource that can have tags. */
  tags: Record<string, string>;
  retention: { capturesDays: number; quarantineDays: number; resultsDays: number; logsDays: number };
  /** What becomes of captures, results and table when the stack is removed. */
  removal: "keep" | "delete";
};

export const defaultDeployment: Deployment = {
  captureBucket: "new",
  kmsKeyArn: null,
  tags: {},
  retention: {
    // Captured text leaves first. A month is enough to replay what lay in a dead-letter queue (14 days) and to look into a finding.
    capturesDays: 30,
    // An entry points into a capture, and means nothing without it.
    quarantineDays: 30,
    // A year and a month: this season can be compared with the last one. Scores and counts; text only under evaluations/: golden
    // sets, which somebody wrote to be asked, and the answers to them.
    resultsDays: 400,
    // Ids and counts, kept as long as the captures that they speak of.
    logsDays: 30,
  },
  // A removed stack is deployed again in minutes; a year of grades is not.
  removal: "keep",
};

const bucketRule = "Give new, or existing for a bucket that is there already.";
const keyRule = "Give the ARN of a key, such as arn:aws:kms:eu-central-1:123456789012:key/…, not that of an alias, or null.";
const keyArn = /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;
const tagsRule =
  "Give tags as names and texts: letters, digits, spaces and _ . : / = + - @, names up to 128 and texts up to 256 characters.";
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
/** What CloudWatch Logs can keep for. Source: CloudWatch Logs API reference, PutRetentionPolicy. */
const logDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
const logsRule = `CloudWatch Logs keeps for one of ${logDays.join(", ")} days.`;
/** Fourteen days in a dead-letter queue, and a day to put them back: sooner gone, a capture cannot be replayed. */
const fewestCaptureDays = 15;
const { retention } = defaultDeployment;

export const deploymentSection = section({
  captureBucket: z.enum(["new", "existing"], bucketRule).default(defaultDeployment.captureBucket),
  kmsKeyArn: z.string(keyRule).regex(keyArn, keyRule).nullable().default(defaultDeployment.kmsKeyArn),
  tags: z
    .record(
      z
        .string()
        .min(1)
        .max(128)
        .regex(tagText)
        .refine((name) => !/^aws:/i.test(name)),
      z.string(tagsRule).max(256, tagsRule).regex(tagText, tagsRule),
      { error: () => tagsRule },
    )
    .default(defaultDeployment.tags),
  retention: section({
    capturesDays: whole(fewestCaptureDays, 3650, "days").default(retention.capturesDays),
    quarantineDays: whole(1, 3650, "days").default(retention.quarantineDays),
    // Baselines, and the labels that correct them, are results.
    resultsDays: whole(60, 3650, "days").default(retention.resultsDays),
    logsDays: z
      .number(logsRule)
      .refine((days) => logDays.includes(days), logsRule)
      .default(retention.logsDays),
  }).prefault({}),
  removal: z
    .enum(["keep", "delete"], "Give keep, or delete for what is to go with the stack.")
    .default(defaultDeployment.removal),
});
