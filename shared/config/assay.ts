/** The validated, complete contents of assay.yml: every default is filled in, nothing is optional that cannot be missing. */
export type Assay = {
  captures: Captures;
  /** What holds for every endpoint that captures turn up for, also those not listed under `endpoints`. */
  defaults: EndpointSettings;
  endpoints: Record<string, EndpointSettings & { variants: string[] }>;
};

/** Where SageMaker writes captures. `bucket` `null`: the stack names its bucket itself. `prefix` has no slash at either end; `""`: the whole bucket. */
export type Captures = { bucket: string | null; prefix: string };

export type EndpointSettings = {
  /** JMESPath over `{ attributes, request }` that names an inference's segment; `null`: everything is segment `all`. */
  segment: string | null;
  sampling: { /** Share of the answers that is chosen for judging, π in (0, 1]. */ rate: number };
  hardFailures: HardFailureLimits;
  /** Alarm on p90 of ModelLatency. */
  latency: { p90OverMs: number; periodMinutes: number; datapoints: number; of: number };
  /** Alarm on the share of invocations that end in a 5XX. */
  errors: { shareOver: number; periodMinutes: number; datapoints: number; of: number };
  remediation: Remediation;
};

export type HardFailureLimits = {
  checks: { empty: boolean; refusal: boolean; truncated: boolean /** `null`: not checked */; repetitionUnder: number | null };
  /** The alarm needs `datapoints` of the last `of` periods with a share over `shareOver`, each with at least `minAnswers` answers. */
  shareOver: number;
  minAnswers: number;
  periodMinutes: number;
  datapoints: number;
  of: number;
};

export type RemediationMode = "observe" | "approve" | "auto";
export type Remediation = { mode: RemediationMode; cooldownMinutes: number; maxActionsPerDay: number };

/** The settings of an endpoint, listed or not: captures of an endpoint nobody configured are read all the same. */
export function settingsOf(assay: Assay, endpoint: string): EndpointSettings {
  // An endpoint may be called "constructor", which every object inherits.
  return Object.hasOwn(assay.endpoints, endpoint) ? assay.endpoints[endpoint]! : assay.defaults;
}
