import type { Remediation } from "../../../shared/config/assay.ts";
import { defaultSettings } from "../../../shared/config/schema.ts";
import type { Finding, MonitorFinding } from "../../../shared/monitoring/finding.ts";
import type { AlarmState, EndpointState, Situation, VariantState } from "../../../shared/remediation/situation.ts";

export const nowMs = Date.parse("2026-03-02T10:00:00Z");

/** An alarm's: the candidate's answers fail the hard checks. */
export const failing: Finding = {
  id: "f1",
  endpoint: "chat",
  variant: "candidate",
  cause: "model",
  alarm: "assay-prod-chat-candidate-hard-failures",
  kind: "hard-failures",
  since: "2026-03-02T09:59:10Z",
};
export const slow: Finding = { ...failing, id: "f2", cause: "capacity", kind: "latency" };

/** The monitor's: the candidate's grades fell. */
export const worse: MonitorFinding = {
  id: "m1",
  endpoint: "chat",
  variant: "candidate",
  cause: "model",
  signal: "quality",
  rules: ["judged/candidate/quality"],
  since: "2026-03-02T08:00:00Z",
  size: -0.45,
  lower: -0.55,
  upper: -0.35,
  evidence: 1.1,
  judged: 34,
  thetaAtAlarm: 0.47,
  refLow: 0.88,
  status: "open",
  openedAt: "2026-03-02T09:50:00Z",
  because: "the grades of candidate fell",
};

export const stable: VariantState = { name: "stable", weight: 0.5, desiredWeight: 0.5, instances: 1, desiredInstances: 1 };
export const candidate: VariantState = { ...stable, name: "candidate" };
export const withVariants = (...variants: VariantState[]): EndpointState => ({
  status: "InService",
  configuration: "config-2",
  variants,
  shadows: [],
  components: [],
});

/** Long enough for an alarm that is on not to be a spike. */
const sinceMs = nowMs - 2 * 3_600_000;

export const fine = (variant: string): AlarmState[] => [
  { variant, kind: "hard-failures", state: "OK", sinceMs },
  { variant, kind: "latency", state: "INSUFFICIENT_DATA", sinceMs },
];
export const on = (variant: string, ...kinds: AlarmState["kind"][]): AlarmState[] =>
  kinds.map((kind) => ({ variant, kind, state: "ALARM", sinceMs }));

export const calm: Situation = {
  endpoint: withVariants(stable, candidate),
  alarms: [...fine("stable"), ...on("candidate", "hard-failures", "latency")],
  worse: new Set(),
  wasSlow: false,
  scaling: new Map(),
  componentScaling: new Map(),
  configurations: { sinceMs: null, provenAtMs: null, variants: [], lastGood: null },
  costs: null,
  paused: null,
  rollbackAlarms: [],
  history: { actions: [], lockedBy: null },
};
export const auto: Remediation = {
  ...defaultSettings.remediation,
  mode: "auto",
  cooldownMinutes: 30,
  maxActionsPerDay: 2,
};
