import { closeFinding } from "../monitoring/conclude.ts";
import type { MonitorFinding } from "../monitoring/finding.ts";
import { readCapacityState } from "./capacityState.ts";
import { readCoverageState } from "./coverageState.ts";
import { readMonitorState, saveMonitorState } from "./monitorState.ts";
import type { Table } from "./table.ts";

/** The monitor went on while we closed a finding, again and again. Try later. */
class MonitorMoved extends Error {
  override readonly name = "MonitorMoved";
}

/** A fold takes a second or two; a catching-up monitor writes one after the other. */
const attempts = 5;

/** What was found of an endpoint's answers, of its captures and of its capacity, and not closed. */
export async function readOpenFindings(table: Table, endpoint: string): Promise<MonitorFinding[]> {
  const [monitor, coverage, capacity] = await Promise.all([
    readMonitorState(table, endpoint),
    readCoverageState(table, endpoint),
    readCapacityState(table, endpoint),
  ]);
  return [
    ...(monitor?.findings.map(({ finding }) => finding) ?? []),
    ...(coverage?.findings ?? []),
    ...(capacity?.findings ?? []),
  ];
}

/**
 * Closes a finding of the monitor, so that its detector starts anew. One that is not open stays as it is.
 * @throws MonitorMoved if the monitor was written by somebody else at every attempt
 */
export async function closeMonitorFinding(
  table: Table,
  endpoint: string,
  id: string,
  because: string,
  nowMs: number,
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const state = await readMonitorState(table, endpoint);
    if (state === null) return;
    const closed = closeFinding(state, id, because, nowMs);
    if (closed.finding === null || (await saveMonitorState(table, closed.state, [closed.finding], nowMs))) return;
  }
  throw new MonitorMoved(
    `The monitor of ${endpoint} was written by somebody else ${attempts} times. Finding ${id} is closed later.`,
  );
}
