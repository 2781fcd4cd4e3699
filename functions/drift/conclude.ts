import { conclude, concludeAll } from "../../shared/monitoring/conclude.ts";
import { changeMonitor, type DriftDeps, watch } from "./watch.ts";

/** Findings that were opened or decided now, and how many are open. */
export type Concluded = { endpoint: string; findings: { id: string; cause: string; variant: string | null }[]; open: number };

/**
 * Concludes what an endpoint's alarms mean: its monitor and its findings in one conditional write.
 * @param anchorsFailed the judge could not be asked: what waits for the anchors is concluded without them
 * @throws NotWatched, and what AWS says
 */
export async function concludeAlarms(
  { endpoint, anchorsFailed }: { endpoint: string; anchorsFailed: boolean },
  deps: DriftDeps,
): Promise<Concluded> {
  const watched = await watch(endpoint, deps);
  const { baseline, settings } = watched;
  const by = anchorsFailed ? concludeAll : conclude;
  const { state, findings } = await changeMonitor(watched, (before) => by(before, baseline, settings, deps.nowMs()), deps);
  return {
    endpoint,
    findings: findings.map(({ id, cause, variant }) => ({ id, cause, variant })),
    open: state.findings.length,
  };
}
