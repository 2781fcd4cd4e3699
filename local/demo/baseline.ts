import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { approveBaseline, putBaseline } from "../../shared/aws/baselines.ts";
import { openTable } from "../../shared/aws/table.ts";
import type { Assay } from "../../shared/config/assay.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import { drawAnchors } from "../../shared/monitoring/anchors.ts";
import type { Baseline } from "../../shared/monitoring/baseline.ts";
import { freezeBaseline } from "../../shared/monitoring/freezeBaseline.ts";
import { addLine, newStream, windowsOf } from "../../shared/monitoring/recordedStream.ts";
import { monitorSettings } from "../../shared/monitoring/rules.ts";
import type { Stack } from "../deploy.ts";
import type { World } from "../world.ts";
import { recordedWeek, weekTexts } from "./recordedWeek.ts";
import { demoEndpoint } from "./scenarios.ts";

/** The recorded judge says the same each time: three readings to store, one to tell its spread. */
const readings = 4;

/** By configuration: several scenarios of one process have the same week before them. */
const frozen = new Map<string, Baseline>();

/** Freezes the recorded week before the day, with 100 of its judged answers as anchors. */
export function weekBaseline(assay: Assay): Baseline {
  const key = JSON.stringify(assay);
  const baseline = frozen.get(key) ?? freezeWeek(assay);
  frozen.set(key, baseline);
  return baseline;
}

function freezeWeek(assay: Assay): Baseline {
  const settings = monitorSettings(assay, demoEndpoint);
  if (settings === null) throw new Error(`assay.yml names no judge for ${demoEndpoint}: there is nothing to monitor.`);
  const stream = newStream(settings.windowMs);
  const week = gunzipSync(readFileSync(new URL("./recordings/week.jsonl.gz", import.meta.url))).toString("utf8");
  for (const [index, line] of week.split("\n").entries()) if (line !== "") addLine(stream, line, `week.jsonl.gz:${index + 1}`);
  const records = windowsOf(stream, demoEndpoint);
  const textOf = weekTexts();
  const candidates = records.flatMap(({ rows }) =>
    rows.flatMap(({ eventId, y }) => {
      const text = textOf(eventId);
      return text === null ? [] : [{ id: eventId, ...text, readings: Array.from({ length: readings }, () => y) }];
    }),
  );
  const source = {
    endpoint: demoEndpoint,
    madeFrom: "the recorded week",
    judgeVersion: judgeVersion(assay.endpoints[demoEndpoint]!.judge!), // monitorSettings found one
    system: null,
    records,
    anchors: drawAnchors(candidates),
  };
  return freezeBaseline(source, settings, recordedWeek.until);
}

/** Stores and approves a baseline in the deployed stack, as `assay baseline approve` would. Needs a clock that runs. */
export async function approveInStack(world: World, stack: Stack, baseline: Baseline): Promise<void> {
  const client = {
    endpoint: world.endpoint,
    region: world.region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  };
  const s3 = new S3Client(client);
  const dynamodb = new DynamoDBClient(client);
  const store = { table: openTable(dynamodb, stack.TableName), s3, resultsBucket: stack.ResultsBucketName };
  await putBaseline(store, baseline);
  const { endpoint, version } = baseline;
  await approveBaseline(
    store,
    endpoint,
    version,
    "the demo",
    "a recorded week in which all was well",
    Date.parse(recordedWeek.until),
  );
  s3.destroy();
  dynamodb.destroy();
}
