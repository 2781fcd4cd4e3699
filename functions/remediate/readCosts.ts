import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { describeServed } from "../../shared/aws/served.ts";
import { readServing } from "../../shared/aws/servingDays.ts";
import type { Table } from "../../shared/aws/table.ts";
import { type Assay, settingsOf } from "../../shared/config/assay.ts";
import { accrue, outlookOf } from "../../shared/monitoring/serving.ts";
import type { Costs } from "../../shared/remediation/situation.ts";

export type CostsDeps = { assay: Assay; table: Table; sagemaker: SageMakerClient; nowMs: () => number };

/** What the endpoint costs by what runs now; `null`: it has no serving budget. */
export async function readCosts(endpoint: string, { assay, table, sagemaker, nowMs }: CostsDeps): Promise<Costs | null> {
  const { servingBudget } = settingsOf(assay, endpoint);
  if (servingBudget === null) return null;
  const served = (await describeServed(sagemaker, endpoint, servingBudget)) ?? [];
  const { day } = accrue(await readServing(table, endpoint), endpoint, served, nowMs());
  const { projectedMicroUsd } = outlookOf(day, servingBudget.microUsdPerDay);
  return { budgetMicroUsd: servingBudget.microUsdPerDay, projectedMicroUsd, served };
}
