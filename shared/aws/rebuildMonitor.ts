import { isDeepStrictEqual } from "node:util";
import type { MonitorFinding } from "../monitoring/finding.ts";
import type { MonitorState } from "../monitoring/monitorState.ts";
import { replay } from "../monitoring/replay.ts";
import type { MonitorSettings } from "../monitoring/rules.ts";
import { approvedVersion, type BaselineStore, readBaseline } from "./baselines.ts";
import { pastEvents, readMonitorFindings } from "./monitorHistory.ts";
import { OutdatedMonitorState, readMonitorState, saveMonitorState } from "./monitorState.ts";

/** There is nothing to rebuild a monitor from, or somebody is changing it. Says what to do. */
export class CannotRebuild extends Error {
  override readonly name = "CannotRebuild";
}

/** `changed`: what was stored before said something else, or there was nothing. */
export type Rebuilt = { endpoint: string; lastWindow: string | null; findings: number; changed: boolean };

/**
 * Rebuilds an endpoint's monitor from the windows that were folded since its baseline was approved, readings of its anchors and what was
 * closed, and writes it in place of what is stored. Changes nothing where that says the same.
 * @throws CannotRebuild, and what AWS says
 */
export async function rebuildMonitor(
  endpoint: string,
  settings: MonitorSettings,
  store: BaselineStore,
  nowMs: number,
): Promise<Rebuilt> {
  const approved = await approvedVersion(store.table, endpoint);
  const baseline = approved === null ? null : await readBaseline(store, endpoint, approved.version);
  if (approved === null || baseline === null)
    throw new CannotRebuild(`${endpoint} has no approved baseline: there is nothing that its windows were compared with.`);
  const { stored, version } = await storedMonitor(store, endpoint);
  const known = await readMonitorFindings(store.table, endpoint);
  const { approvedAt } = approved;
  const replayed = await replay(
    endpoint,
    pastEvents(store, { endpoint, baseline: baseline.version, approvedAt }, known),
    baseline,
    settings,
  );
  const rebuilt = withRecord(replayed, stored, known);
  const changed = stored === null || !isDeepStrictEqual(plain(rebuilt), plain(stored));
  if (changed) {
    const ids = new Set(known.map(({ id }) => id));
    const lost = rebuilt.findings.flatMap(({ finding }) => (ids.has(finding.id) ? [] : [finding]));
    const state = { ...rebuilt, version: version + 1 };
    if (!(await saveMonitorState(store.table, state, lost, nowMs)))
      throw new CannotRebuild(`The monitor of ${endpoint} went on meanwhile. Try again between two runs of the drift workflow.`);
  }
  return { endpoint, lastWindow: rebuilt.lastWindow, findings: rebuilt.findings.length, changed };
}

/** The monitor as it is stored; of another version of Assay only how often it was written. */
async function storedMonitor(
  { table }: BaselineStore,
  endpoint: string,
): Promise<{ stored: MonitorState | null; version: number }> {
  try {
    const stored = await readMonitorState(table, endpoint);
    return { stored, version: stored?.version ?? 0 };
  } catch (error) {
    if (error instanceof OutdatedMonitorState) return { stored: null, version: error.version };
    throw error;
  }
}

/** What no window can tell: when a finding was opened to the second, whether people were asked to revise the baseline, and what is yet to be told. */
function withRecord(state: MonitorState, stored: MonitorState | null, known: readonly MonitorFinding[]): MonitorState {
  const openedAt = new Map(known.map((finding) => [finding.id, finding.openedAt]));
  const asked = known.filter(({ cause, status }) => cause === "baseline" && status === "open");
  const dated = state.findings.map((open) => ({
    ...open,
    finding: { ...open.finding, openedAt: openedAt.get(open.finding.id) ?? open.finding.openedAt },
  }));
  const mine = stored?.baselineVersion === state.baselineVersion ? stored : null;
  return {
    ...state,
    lastWindow: state.lastWindow ?? stored?.lastWindow ?? null,
    findings: [...dated, ...(mine === null ? [] : asked.map((finding) => ({ finding: ofTable(finding), undecided: null })))],
    ended: stored?.ended ?? [],
    revision: mine?.revision ?? null,
    models: mine?.models ?? {},
  };
}

/** As the monitor has it: without the table's own attributes. */
function ofTable(finding: MonitorFinding): MonitorFinding {
  const { pk: _pk, sk: _sk, ttl: _ttl, ...own } = finding as MonitorFinding & { pk?: string; sk?: string; ttl?: number };
  return own;
}

/** As it is stored, but for how often it was written. */
function plain(state: MonitorState): object {
  return { ...(JSON.parse(JSON.stringify(state)) as MonitorState), version: 0 };
}
