import type { Baseline } from "./baseline.ts";
import { findingId, type MonitorFinding } from "./finding.ts";
import { closedFinding } from "./monitor.ts";
import type { MonitorState, RevisionKind } from "./monitorState.ts";
import { dayMs } from "./rules.ts";
import { iso } from "./windows.ts";

/**
 * Why a baseline should be replaced. `judge` and `scorers`: its grades or scores mean something else than today's, so nothing is
 * compared. `model`: the variants that serve another one are not compared, see models.ts. `age` and `traffic`: all is compared.
 */
export type Revision = { kind: RevisionKind; because: string };

/** What grades and scores of today come from. */
export type Today = { judgeVersion: string; scorersVersion: string };

/** A shorter baseline, such as one of a day, is no older after a week: every revision spends its part of the false alarms anew. */
const youngestMs = 7 * dayMs;
/** So long do other questions come, and nothing else moves, before they are taken for what is normal now. */
const harmlessMs = dayMs;

/** Why nothing can be compared with a baseline any more; `null` while it can. */
export function outdated({ version, judgeVersion, system }: Baseline, today: Today): Revision | null {
  if (judgeVersion !== null && judgeVersion !== today.judgeVersion)
    return {
      kind: "judge",
      because: `baseline ${version} was graded by judge ${judgeVersion}, assay.yml has judge ${today.judgeVersion} now: their grades are not compared. Create a baseline with the new judge`,
    };
  if (system !== null && system.scorersVersion !== today.scorersVersion)
    return {
      kind: "scorers",
      because: `baseline ${version} was scored by scorers ${system.scorersVersion}, now there are scorers ${today.scorersVersion}: their scores are not compared. Create a baseline with the new scorers`,
    };
  return null;
}

/**
 * Why a baseline that can be compared with should be revised all the same, the weightiest reason first; `null` without any. It is never
 * swapped by itself: a baseline that follows the traffic would follow it anywhere.
 * @param models variant → name of the model that it serves now; `null`: nobody asked, or nobody knows
 * Source: docs/operating.md, "A baseline"
 */
export function revisionDue(
  { findings }: MonitorState,
  { version, system, span }: Baseline,
  models: Readonly<Record<string, string>> | null,
  nowMs: number,
): Revision | null {
  const known = system?.models ?? null;
  if (known !== null && models !== null) {
    const other = Object.keys(models).filter((variant) => known[variant] !== models[variant]);
    if (other.length > 0)
      return {
        kind: "model",
        because: `${other.sort().join(", ")} serves another model than when baseline ${version} was made, so its answers are not compared with it: create a baseline with it once they are what you want`,
      };
  }
  const [fromMs, toMs] = [Date.parse(span.from), Date.parse(span.to)];
  if (nowMs - toMs > Math.max(youngestMs, toMs - fromMs))
    return {
      kind: "age",
      because: `baseline ${version} ended ${Math.floor((nowMs - toMs) / dayMs)} days ago and is older than its span: revise the baseline`,
    };
  const others = findings.filter(({ finding }) => finding.cause !== "baseline");
  const [first] = others.map(({ finding }) => finding.openedAt).sort();
  const harmless = others.every(({ finding }) => finding.cause === "traffic");
  if (first !== undefined && harmless && nowMs - Date.parse(first) >= harmlessMs)
    return {
      kind: "traffic",
      because: `other questions come since ${first}, and the answers are as good as before: revise the baseline with them`,
    };
  return null;
}

/**
 * Opens the finding "revise the baseline", once for each reason while it lasts, and closes it when the reason has gone. It is no alarm,
 * so it spends nothing of the budget of false alarms.
 */
export function prompted(
  state: MonitorState,
  revision: Revision | null,
  nowMs: number,
): { state: MonitorState; findings: MonitorFinding[] } {
  const before = state.revision;
  const kind = revision?.kind ?? null;
  if (before === kind) return { state, findings: [] };
  const open = state.findings.flatMap(({ finding }) => (finding.cause === "baseline" ? [finding] : []));
  const closed = open.map((finding) => closedFinding(finding, "what it asked for is no longer needed", nowMs));
  const opened = revision === null ? [] : [findingOf(state, revision, nowMs)];
  return {
    state: {
      ...state,
      version: state.version + 1,
      revision: kind,
      findings: [
        ...state.findings.filter(({ finding }) => finding.cause !== "baseline"),
        ...opened.map((finding) => ({ finding, undecided: null })),
      ],
      ended: [...state.ended, ...closed],
    },
    findings: [...closed, ...opened],
  };
}

function findingOf({ endpoint, baselineVersion }: MonitorState, { kind, because }: Revision, nowMs: number): MonitorFinding {
  const at = iso(nowMs);
  return {
    id: findingId(["baseline", endpoint, baselineVersion, kind, at]),
    endpoint,
    variant: null,
    cause: "baseline",
    signal: "baseline",
    rules: [],
    since: at,
    // It says nothing of the answers, so there is nothing to measure.
    size: 0,
    lower: 0,
    upper: 0,
    evidence: 0,
    judged: 0,
    thetaAtAlarm: null,
    refLow: null,
    status: "open",
    openedAt: at,
    because,
  };
}
