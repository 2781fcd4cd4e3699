import { InvokeCommand } from "@aws-sdk/client-lambda";
import { readCapacity, readCapacityState, saveCapacityState } from "../../shared/aws/capacityState.ts";
import { putJson } from "../../shared/aws/results.ts";
import { foldCapacity, isDue } from "../../shared/capacity/capacityState.ts";
import { capacityKey } from "../../shared/monitoring/resultKeys.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import type { CoverageDeps } from "./coverage.ts";

/**
 * Looks once a day whether the usual peak of the coming day fits an endpoint's variants, writes what was seen, and hands what does not fit
 * to remediation, at every tick anew. Safe to repeat after a crash anywhere: a day is taken in once.
 * @throws what AWS says; the next tick goes on
 */
export async function watchCapacity(endpoint: string, deps: CoverageDeps): Promise<void> {
  const nowMs = deps.nowMs();
  let state = await readCapacityState(deps.table, endpoint);
  if (isDue(state, nowMs)) {
    const variants = await readCapacity(endpoint, deps.assay.endpoints[endpoint]!, deps); // the plan has looked
    if (variants === null) return;
    await putJson(deps.s3, deps.resultsBucket, capacityKey(endpoint, iso(nowMs).slice(0, 10)), { endpoint, variants });
    const folded = foldCapacity(state, endpoint, variants, nowMs);
    // Where another run was faster, it saw the same.
    state = (await saveCapacityState(deps.table, folded.state, folded.findings, nowMs))
      ? folded.state
      : await readCapacityState(deps.table, endpoint);
  }
  for (const finding of [...(state?.findings ?? []), ...(state?.ended ?? [])]) {
    await deps.lambda.send(
      new InvokeCommand({
        FunctionName: deps.remediateFunction,
        InvocationType: "Event",
        Payload: JSON.stringify({ source: "assay.drift", finding }),
      }),
    );
  }
}
