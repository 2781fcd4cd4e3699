import { approvedVersion, readBaseline } from "../../shared/aws/baselines.ts";
import type { Results } from "../../shared/aws/foldedWindows.ts";
import { readMonitorState, saveMonitorState } from "../../shared/aws/monitorState.ts";
import type { Table } from "../../shared/aws/table.ts";
import type { Assay, JudgeSettings } from "../../shared/config/assay.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import { type Budget, budgetOf } from "../../shared/judging/ledger.ts";
import { type Baseline, baselineFormat } from "../../shared/monitoring/baseline.ts";
import type { MonitorFinding } from "../../shared/monitoring/finding.ts";
import { adoptBaseline, startMonitor } from "../../shared/monitoring/monitor.ts";
import type { MonitorState } from "../../shared/monitoring/monitorState.ts";
import { outdated, type Revision } from "../../shared/monitoring/revision.ts";
import { type MonitorSettings, monitorSettings } from "../../shared/monitoring/rules.ts";
import { scorersVersion } from "../../shared/scoring/scorersVersion.ts";

export type DriftDeps = Results & { assay: Assay; table: Table; nowMs: () => number };

/** What an endpoint is watched by. */
export type Watch = {
  endpoint: string;
  settings: MonitorSettings;
  judge: JudgeSettings;
  judgeVersion: string;
  budget: Budget;
  baseline: Baseline;
  /** Why nothing is compared with the baseline until there is another one; `null`: all is. */
  outdated: Revision | null;
  /** When the baseline was approved, ISO: where monitoring begins. */
  approvedAt: string;
};

/** Nothing of the endpoint can be compared. */
export class NotWatched extends Error {
  override readonly name = "NotWatched";
}

/** Another writer was faster at every attempt. All is as it was; the next tick goes on. */
class MonitorBusy extends Error {
  override readonly name = "MonitorBusy";
}

/** A fold takes a second or two; one that catches up writes one after the other. */
const attempts = 5;

/** @throws NotWatched with the reason and what to do about it */
export async function watch(endpoint: string, { assay, table, ...results }: DriftDeps): Promise<Watch> {
  const settings = monitorSettings(assay, endpoint);
  const configured = Object.hasOwn(assay.endpoints, endpoint) ? assay.endpoints[endpoint]! : null;
  if (configured === null) throw new NotWatched(`${endpoint} is not among the endpoints of assay.yml.`);
  const { judge } = configured;
  if (settings === null || judge === null)
    throw new NotWatched(`${endpoint} has no judge in assay.yml: its quality is watched by the cheap scorers only.`);
  const approved = await approvedVersion(table, endpoint);
  if (approved === null)
    throw new NotWatched(`${endpoint} has no approved baseline. Create one of a sound week with \`assay baseline create\`.`);
  const baseline = await readBaseline(results, endpoint, approved.version);
  if (baseline === null)
    throw new NotWatched(`Baseline ${approved.version} of ${endpoint} is no longer in the results bucket. Create another one.`);
  if (baseline.format !== baselineFormat)
    throw new NotWatched(
      `Baseline ${approved.version} of ${endpoint} was made by another version of Assay, which measured otherwise. Create and approve it anew.`,
    );
  const version = judgeVersion(judge);
  const today = { judgeVersion: version, scorersVersion: scorersVersion(configured.scorers) };
  return {
    ...{ endpoint, settings, judge, judgeVersion: version, budget: budgetOf(configured), baseline },
    outdated: outdated(baseline, today),
    approvedAt: approved.approvedAt,
  };
}

/** The monitor as it stands, or one that has seen nothing. Where another baseline was approved since, it begins anew with that one. */
export async function monitorOf({ endpoint, baseline }: Watch, { table, nowMs }: DriftDeps): Promise<MonitorState> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const state = await readMonitorState(table, endpoint);
    if (state === null) return startMonitor(endpoint, baseline);
    if (state.baselineVersion === baseline.version) return state;
    const adopted = adoptBaseline(state, baseline, nowMs());
    if (await saveMonitorState(table, adopted.state, adopted.closed, nowMs())) return adopted.state;
  }
  throw new MonitorBusy(`The monitor of ${endpoint} was written by somebody else ${attempts} times. The next tick goes on.`);
}

/**
 * Changes the monitor, anew whenever somebody else was faster. What `change` leaves as it is, is not written.
 * @returns the monitor as it is now, and the findings of the change that was written
 */
export async function changeMonitor(
  watched: Watch,
  change: (state: MonitorState) => { state: MonitorState; findings: readonly MonitorFinding[] },
  deps: DriftDeps,
): Promise<{ state: MonitorState; findings: readonly MonitorFinding[] }> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const state = await monitorOf(watched, deps);
    const changed = change(state);
    if (changed.state === state || (await saveMonitorState(deps.table, changed.state, changed.findings, deps.nowMs())))
      return changed;
  }
  throw new MonitorBusy(
    `The monitor of ${watched.endpoint} was written by somebody else ${attempts} times. The next tick goes on.`,
  );
}
