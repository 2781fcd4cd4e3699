import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { gatherBaselineSource } from "../../shared/aws/baselineSource.ts";
import {
  approveBaseline,
  BaselineNotChanged,
  type BaselineStore,
  listBaselines,
  putBaseline,
  retireBaseline,
  storeClockMs,
} from "../../shared/aws/baselines.ts";
import { connectJudges } from "../../shared/aws/judge.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { openTable } from "../../shared/aws/table.ts";
import { Throttled } from "../../shared/aws/throttled.ts";
import type { Assay } from "../../shared/config/assay.ts";
import type { Baseline } from "../../shared/monitoring/baseline.ts";
import { freezeBaseline } from "../../shared/monitoring/freezeBaseline.ts";
import { type MonitorSettings, monitorSettings } from "../../shared/monitoring/rules.ts";
import { iso } from "../../shared/monitoring/windows.ts";
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
      throw cause instanceof BaselineNotChanged ? new WrongUse(cause.message, { cause }) : error;
    }
  };

  return {
    /** Freezes a span of captured traffic and stores it. Asks the judge of the endpoint four times about each anchor. */
    create(assay: Assay, span: { endpoint: string; fromMs: number; toMs: number }): Promise<Baseline> {
      const { endpoint } = span;
      const settings = watchedSettings(assay, endpoint);
      const configured = assay.endpoints[endpoint]!; // watchedSettings found it, with its judge
      const owner = randomUUID();
      const deps = {
        ...store,
        ledger: openLedger(store.table),
        // The ledger counts one call a reservation: the pauses are between attempts of our own.
        askJudge: connectJudges(new SageMakerRuntimeClient({ maxAttempts: 1 }), Date.now),
        nowMs: Date.now,
      };
      return asked(async () => {
        const source = await patiently(() => gatherBaselineSource(span, configured, configured.judge!, owner, deps));
        if (source.records.length === 0)
          throw new WrongUse(`Nothing of ${endpoint} was captured between ${iso(span.fromMs)} and ${iso(span.toMs)}.`);
        const baseline = freezeBaseline(source, settings, iso(Date.now()));
        await putBaseline(store, baseline);
        return baseline;
      });
    },
    put: (baseline: Baseline): Promise<void> => asked(() => putBaseline(store, baseline)),
    approve: (endpoint: string, version: string, who: string, why: string): Promise<Baseline> =>
      asked(async () => approveBaseline(store, endpoint, version, who, why, await storeClockMs(store, endpoint, version))),
    retire: (endpoint: string, version: string): Promise<void> => asked(() => retireBaseline(store, endpoint, version)),
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
