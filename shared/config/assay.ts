/** The validated, complete contents of assay.yml: every default is filled in, nothing is optional that cannot be missing. */
export type Assay = {
  captures: Captures;
  /** What the whole fleet may cry wolf: at most `count` expected false alarms in `days`. Every threshold of the monitor follows from it. */
  falseAlarms: FalseAlarms;
  /** What holds for every endpoint that captures turn up for, also those not listed under `endpoints`. */
  defaults: EndpointSettings;
  endpoints: Record<string, EndpointSettings & { variants: string[] }>;
};

/** Where SageMaker writes captures. `bucket` `null`: the stack names its bucket itself. `prefix` has no slash at either end; `""`: the whole bucket. */
export type Captures = { bucket: string | null; prefix: string };

export type FalseAlarms = { count: number; days: number };

export type EndpointSettings = {
  /** JMESPath over `{ attributes, request }` that names an inference's segment; `null`: everything is segment `all`. */
  segment: string | null;
  sampling: { /** Share of the answers that is chosen for judging, π in (0, 1]. */ rate: number };
  hardFailures: HardFailureLimits;
  /** Alarm on p90 of ModelLatency. */
  latency: { p90OverMs: number; periodMinutes: number; datapoints: number; of: number };
  /** Alarm on the share of invocations that end in a 5XX. */
  errors: { shareOver: number; periodMinutes: number; datapoints: number; of: number };
  quality: Quality;
  /** `null`: nothing is judged, and quality is watched by the cheap scorers only. */
  judge: JudgeSettings | null;
  /** What the judge may spend on this endpoint in a day (UTC); 0 exactly where there is no judge. */
  evaluationBudgetMicroUsdPerDay: number;
  remediation: Remediation;
};

/** In score points, from 0 to 1: what is aimed at, and the largest change of the mean that nobody calls a fault. */
type Quality = { target: number; tolerance: number };

/** Who grades the answers of an endpoint, by what, and at which price. */
export type JudgeSettings = {
  /** How it is spoken to: an OpenAI chat model behind a SageMaker endpoint. */
  provider: "sagemaker";
  endpoint: string;
  /** The model that answers there, resolved to one release: part of the judge's version. */
  model: string;
  /** Criterion → what grades 1 and 0 mean. One of them is `quality`. */
  rubric: Record<string, string>;
  microUsdPerMillionInputTokens: number;
  microUsdPerMillionOutputTokens: number;
  /** Of a reply. */
  maxTokens: number;
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
export type Remediation = {
  mode: RemediationMode;
  cooldownMinutes: number;
  maxActionsPerDay: number;
  /** How long an action gets to be proven by fresh answers. Undecided after that, the safer state stays and a person is called. */
  verifyHours: number;
};

/** The settings of an endpoint, listed or not: captures of an endpoint nobody configured are read all the same. */
export function settingsOf(assay: Assay, endpoint: string): EndpointSettings {
  // An endpoint may be called "constructor", which every object inherits.
  return Object.hasOwn(assay.endpoints, endpoint) ? assay.endpoints[endpoint]! : assay.defaults;
}
