import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { type MadeFrom, NothingToFreeze } from "../../shared/aws/baselineSource.ts";
import {
  approveBaseline,
  BaselineNotChanged,
  type BaselineStore,
  keepBaseline,
  listBaselines,
  readBaseline,
  retireBaseline,
  storeClockMs,
} from "../../shared/aws/baselines.ts";
import { createBaseline } from "../../shared/aws/createBaseline.ts";
import { connectJudges } from "../../shared/aws/judge.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { openTable } from "../../shared/aws/table.ts";
import { Throttled } from "../../shared/aws/throttled.ts";
import type { Assay } from "../../shared/config/assay.ts";
import type { Baseline } from "../../shared/monitoring/baseline.ts";
import { type MonitorSettings, monitorSettings } from "../../shared/monitoring/rules.ts";
import { WrongUse } from "../exit.ts";
import { inAws, stackOutputs } from "../stack.ts";

/** A busy judge is asked again after so many milliseconds, half a minute in all; what was graded before is not asked again. */
const pausesMs = [2_000, 4_000, 8_000, 16_000];

/** The baselines of a deployed stage. @throws WrongUse, as each of its methods, with what to do instead */
export async function openBaselines(stage: string) {
  const { ResultsBucketName, TableName } = await stackOutputs(stage, ["ResultsBucketName", "TableName"]);
  const store: BaselineStore = {
    table: openTable(new DynamoDBClient(), TableName),
    s3: new S3Client(),
    resultsBucket: ResultsBucketName,
  };
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await inAws(`The baselines of stage ${stage}`, work);
    } catch (error) {
      const { cause } = error as Error;
      throw cause instanceof BaselineNotChanged || cause instanceof NothingToFreeze
        ? new WrongUse(cause.message, { cause })
        : error;
    }
  };

  return {
    /** Freezes a span of captured traffic, or an evaluation, and keeps it. Asks the judge of the endpoint four times about each anchor. */
    create(assay: Assay, from: MadeFrom): Promise<Baseline> {
      const owner = randomUUID();
      const deps = {
        ...store,
        sagemaker: new SageMakerClient(),
        ledger: openLedger(store.table),
        // The ledger counts one call a reservation: the pauses are between attempts of our own.
        askJudge: connectJudges(new SageMakerRuntimeClient({ maxAttempts: 1 }), Date.now),
        nowMs: Date.now,
      };
      return asked(() => patiently(() => createBaseline(from, assay, owner, deps)));
    },
    keep: (baseline: Baseline): Promise<Baseline> => asked(() => keepBaseline(store, baseline)),
    /** @throws WrongUse where there is none of that version */
    read: (endpoint: string, version: string): Promise<Baseline> =>
      asked(async () => {
        const baseline = await readBaseline(store, endpoint, version);
        if (baseline === null)
          throw new WrongUse(`${endpoint} has no baseline ${version}. List them with \`assay baseline list\`.`);
        return baseline;
      }),
    approve: (endpoint: string, version: string, who: string, why: string): Promise<Baseline> =>
      asked(async () => approveBaseline(store, endpoint, version, who, why, await storeClockMs(store, endpoint, version))),
    retire: (endpoint: string, version: string, who: string, why: string): Promise<Baseline | null> =>
      asked(async () => retireBaseline(store, endpoint, version, who, why, await storeClockMs(store, endpoint, version))),
    /** @param endpoint `null`: of every endpoint */
    list: (endpoint: string | null): Promise<Baseline[]> => asked(() => listBaselines(store, endpoint)),
  };
}

/** How the monitor of a stack with this configuration watches an endpoint. @throws WrongUse where it does not */
export function watchedSettings(assay: Assay, endpoint: string): MonitorSettings {
  const settings = monitorSettings(assay, endpoint);
  if (settings !== null) return settings;
  const watched = Object.keys(assay.endpoints).filter((name) => assay.endpoints[name]!.judge !== null);
  throw new WrongUse(
    `assay.yml gives ${endpoint} no judge, so nothing compares it. It has one for: ${watched.join(", ") || "none"}.`,
  );
}

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Throttled)) throw error;
      await sleep(pauseMs);
    }
  }
  return work();
}
