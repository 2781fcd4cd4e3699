import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { servedModels } from "../../shared/aws/served.ts";
import { readServed } from "../../shared/aws/servedPeriods.ts";
import { conclude, concludeAll } from "../../shared/monitoring/conclude.ts";
import { seeModels } from "../../shared/monitoring/models.ts";
import type { MonitorState } from "../../shared/monitoring/monitorState.ts";
import { prompted, revisionDue } from "../../shared/monitoring/revision.ts";
import { changesToConclude, type Served } from "../../shared/monitoring/strain.ts";
import { changeMonitor, type DriftDeps, monitorOf, type Watch, watch } from "./watch.ts";

export type ConcludeDeps = DriftDeps & { cloudwatch: CloudWatchClient; sagemaker: SageMakerClient };

/** Findings that were opened or decided now, and how many are open. */
export type Concluded = { endpoint: string; findings: { id: string; cause: string; variant: string | null }[]; open: number };

/**
 * Concludes what an endpoint's alarms mean, and whether its baseline should be revised: its monitor and its findings in one conditional
 * write.
 * @param anchorsFailed the judge could not be asked: what waits for the anchors is concluded without them
 * @throws NotWatched, and what AWS says
 */
export async function concludeAlarms(
  { endpoint, anchorsFailed }: { endpoint: string; anchorsFailed: boolean },
  deps: ConcludeDeps,
): Promise<Concluded> {
  const watched = await watch(endpoint, deps);
  const { baseline, settings, outdated } = watched;
  const by = anchorsFailed ? concludeAll : conclude;
  // A baseline that does not know what it was made with is not asked about.
  const models = baseline.system?.models == null ? null : await servedModels(deps.sagemaker, endpoint);
  const served = outdated === null ? await servedSince(watched, deps) : null;
  const change = (before: MonitorState) => {
    const nowMs = deps.nowMs();
    const seen = seeModels(before, baseline.system?.models ?? null, models, nowMs);
    const concluded = outdated === null ? by(seen, baseline, settings, nowMs, served) : { state: seen, findings: [] };
    const asked = prompted(concluded.state, outdated ?? revisionDue(concluded.state, baseline, models, nowMs), nowMs);
    // A state is written by its version: what is concluded and asked in one write counts as one change.
    const state = asked.state === before ? before : { ...asked.state, version: before.version + 1 };
    return { state, findings: [...concluded.findings, ...asked.findings] };
  };
  const { state, findings } = await changeMonitor(watched, change, deps);
  return {
    endpoint,
    findings: findings.map(({ id, cause, variant }) => ({ id, cause, variant })),
    open: state.findings.length,
  };
}

/** How the variants were served whose answers changed, as far back as it may matter; `null` where there is nothing to conclude. */
async function servedSince(watched: Watch, deps: ConcludeDeps): Promise<Served | null> {
  const { endpoint, settings } = watched;
  const since = changesToConclude(await monitorOf(watched, deps), settings);
  if (since.size === 0) return null;
  const { latency, errors } = deps.assay.endpoints[endpoint]!; // what is watched is listed
  const limits = { p90OverMs: latency.p90OverMs, errorsOver: errors.shareOver };
  return { limits, periods: await readServed(deps.cloudwatch, endpoint, since, deps.nowMs()) };
}
