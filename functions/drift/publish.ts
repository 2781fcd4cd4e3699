import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { putMetrics } from "../../shared/aws/metrics.ts";
import { putJson } from "../../shared/aws/results.ts";
import { forgetEnded } from "../../shared/monitoring/monitor.ts";
import type { KnownSignals } from "../../shared/monitoring/monitorState.ts";
import { signalsKey } from "../../shared/monitoring/resultKeys.ts";
import { linesOf } from "../../shared/monitoring/signalLines.ts";
import { stateDatums } from "../../shared/monitoring/stateMetrics.ts";
import { iso, windowOf } from "../../shared/monitoring/windows.ts";
import { changeMonitor, type DriftDeps, monitorOf, watch } from "./watch.ts";

export type PublishDeps = DriftDeps & { cloudwatch: CloudWatchClient; lambda: LambdaClient; remediateFunction: string };

/** `needsData`: how many signals have not enough data to be compared yet; `signalsKey` says which, and what they need. */
export type Published = { endpoint: string; window: string | null; findings: number; needsData: number };

/**
 * Publishes what an endpoint's monitor knows, with what it lacks where it knows nothing yet, and hands every open finding to
 * remediation, at every tick anew, and once what ended by itself: what a crash kept from being said is said by the next run, and what is
 * said twice does nothing twice.
 * @throws NotWatched, and what AWS says
 */
export async function publishState({ endpoint }: { endpoint: string }, deps: PublishDeps): Promise<Published> {
  const watched = await watch(endpoint, deps);
  const state = await monitorOf(watched, deps);
  // The anchors are read from the first day on, whether or not there is traffic: their evidence and findings wait for no window.
  const window = state.lastWindow ?? windowOf(deps.nowMs());
  let needsData = 0;
  if (watched.outdated === null) {
    const lines = linesOf(state, { window, records: [], late: [] }, watched.baseline, watched.settings);
    await putMetrics(deps.cloudwatch, stateDatums(lines, deps.nowMs()));
    const known: KnownSignals = { endpoint, asOf: iso(deps.nowMs()), window: state.lastWindow, signals: lines };
    needsData = lines.filter((line) => line.state === "needs_data").length;
    await putJson(deps.s3, deps.resultsBucket, signalsKey(endpoint), known);
  }
  const findings = [...state.findings.map(({ finding }) => finding), ...state.ended];
  for (const finding of findings) {
    await deps.lambda.send(
      new InvokeCommand({
        FunctionName: deps.remediateFunction,
        InvocationType: "Event",
        Payload: JSON.stringify({ source: "assay.drift", finding }),
      }),
    );
  }
  if (state.ended.length > 0)
    await changeMonitor(watched, (now) => ({ state: forgetEnded(now, state.ended), findings: [] }), deps);
  return { endpoint, window: state.lastWindow, findings: state.findings.length, needsData };
}
