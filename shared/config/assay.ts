import type { ReactionGrades } from "../labels/impact.ts";
import type { ActionKind } from "../remediation/actionKinds.ts";
import type { Deployment } from "./deploymentSchema.ts";
import type { ScheduledEvaluation } from "./evaluationsSchema.ts";

/** The validated, complete contents of assay.yml: every default is filled in, nothing is optional that cannot be missing. */
export type Assay = {
  captures: Captures;
  /** What the whole fleet may cry wolf: at most `count` expected false alarms in `days`. Every threshold of the monitor follows from it. */
  falseAlarms: FalseAlarms;
  /** What holds for every endpoint that captures turn up for, also those not listed under `endpoints`. */
  defaults: EndpointSettings;
  endpoints: Record<string, EndpointSettings & { variants: string[] }>;
  /** Evaluations that are started by the clock, by name. */
  evaluations: Record<string, ScheduledEvaluation>;
  deployment: Deployment;
};

/** Where SageMaker writes captures. `bucket` `null`: the stack names its bucket itself. `prefix` has no slash at either end; `""`: the whole bucket. */
export type Captures = { bucket: string | null; prefix: string };

export type FalseAlarms = { count: number; days: number };

export type EndpointSettings = {
  /** What an inference's segment is; `null`: everything is segment `all`. */
  segment: Segmenting | null;
  /** JMESPath over `{ attributes, request }` that names a conversation; `null`: attribute conversation, conversationId or sessionId. */
  conversation: string | null;
  /** How to read the payloads of a container of one's own; `null`: it speaks one of the known families. */
  custom: CustomPayloads | null;
  /** π of every answer, in (0, 1]; or as much as the day's budget pays for, by segment and risk. */
  sampling: { rate: number | "paced" };
  scorers: ScorerSettings;
  hardFailures: HardFailureLimits;
  /**
   * Alarm on the time to the whole answer: on its p90, or its p99 if that is given, or on the p99 of the time to the first token, which
   * SageMaker vends for streams. `attribute`: in which of their custom attributes captures say how long the answer took, in milliseconds;
   * `null`: in none.
   */
  latency: Periods & {
    p90OverMs: number;
    p99OverMs: number | null;
    firstTokenP99OverMs: number | null;
    attribute: string | null;
  };
  /** Alarm on the share of invocations that end in a 5XX. */
  errors: Periods & { shareOver: number };
  /** Alarm on the fullest GPU memory of a variant's instances, which have so many GPUs each; `null`: none. */
  gpuMemory: (Periods & { percentOver: number; gpus: number }) | null;
  quality: Quality;
  /** `null`: nothing is judged, and quality is watched by the cheap scorers only. */
  judge: JudgeSettings | null;
  /** What the judge may spend on this endpoint in a day (UTC); 0 exactly where there is no judge. */
  evaluationBudgetMicroUsdPerDay: number;
  /** Share of that budget which sampling leaves to anchors and verification, in [0, 0.5]. */
  evaluationReserve: number;
  /** What its instances may cost; apart from the evaluation budget. `null`: nobody counts. */
  servingBudget: ServingBudget | null;
  remediation: Remediation;
  /** What users' reactions count as where user impact is shown. */
  feedback: ReactionGrades;
};

/**
 * JMESPath over `{ attributes, request }`, or what it finds if that is among some names, or what the last question shows: its language,
 * or a cluster of questions like it.
 */
export type Segmenting =
  | string
  | { by: "name"; of: string; names: string[] }
  | { by: "language" }
  /** What the response says answered: one of several inference components behind a variant. */
  | { by: "model" }
  | { by: "cluster"; clusters: number };

/** Where payloads of no known family keep what: JMESPath over `{ request, response }`, `null` for what they do not say. */
export type CustomPayloads = {
  /** Finds text, the turns of a chat, or a list of texts, which is a batch. */
  prompt: string;
  /** Finds text; in a stream, where `response` is the list of its documents, the pieces of it; for a batch, one text per prompt. */
  completion: string;
  finishReason: string | null;
  promptTokens: string | null;
  completionTokens: string | null;
  model: string | null;
  /** Finds anything but null, false or nothing where the model failed. */
  error: string | null;
};

/** Which scorers read an endpoint's answers. Each that has something to say is a metric, which costs money. */
export type ScorerSettings = {
  /** Names of scorers that Assay brings and this endpoint does without. */
  off: string[];
  /** Name of the score → what it checks. */
  rules: Record<string, Rule>;
  /** Name of the score → the module whose default export is a scorer in autoevals' shape, as it is imported at deployment. */
  plugIns: Record<string, string>;
};

/** A check of an answer. `absent`: it is good where nothing is found. */
export type Rule = ({ regex: string } | { contains: string[] } | { jmespath: string }) & { absent: boolean };

export type ServingBudget = {
  microUsdPerDay: number;
  /** Price of one instance hour, by variant or by instance type; a variant's own price comes first. */
  microUsdPerInstanceHour: Record<string, number>;
};

/** An alarm needs `datapoints` of the last `of` periods over its limit. */
type Periods = { periodMinutes: number; datapoints: number; of: number };

/** In score points, from 0 to 1: what is aimed at, and the largest change of the mean that nobody calls a fault. */
type Quality = { target: number; tolerance: number; fold: "window" | "day" };

/** Who grades the answers of an endpoint, by what, and at which price. */
export type JudgeSettings = JudgePlace & {
  /** The model that answers there, resolved to one release: part of the judge's version. For Bedrock, the id that it is asked by. */
  model: string;
  /** Criterion → what its grades mean. One of them is `quality`, or `weights` says how it follows from them. */
  rubric: Record<string, string>;
  /** Criterion → its weight in the mean that is `quality`; `null` where `quality` is graded itself. */
  weights: Record<string, number> | null;
  microUsdPerMillionInputTokens: number;
  microUsdPerMillionOutputTokens: number;
  /** Of a reply. */
  maxTokens: number;
};

/** How a judge is spoken to. */
export type JudgePlace =
  | { provider: "sagemaker" /** An OpenAI chat model behind a SageMaker endpoint. */; endpoint: string }
  | { provider: "bedrock" }
  /** An OpenAI-compatible server: the base of its API, and the secret that holds its key, if it wants one. */
  | { provider: "openai"; url: string; apiKeySecretArn: string | null };

export type HardFailureLimits = {
  checks: {
    empty: boolean;
    refusal: boolean;
    truncated: boolean;
    /** Abuse, or something that looks like a secret. */
    unsafe: boolean;
    /** `null`: not checked. */
    repetitionUnder: number | null;
  };
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
  /** Where an action's mode is another. */
  modes: Partial<Record<ActionKind, RemediationMode>>;
  cooldownMinutes: number;
  maxActionsPerDay: number;
  /** The most of the endpoint's traffic that one step may move, in (0, 1]. */
  maxShareOfTraffic: number;
  /** The most instances of a variant, or copies of an inference component, that an action may ask for. */
  maxInstances: number;
  /** How many variants in service, watched and not in trouble must be left to take traffic after an action. */
  minHealthyVariants: number;
  /** How long a proposal waits for a person; then it is decided anew. */
  approvalHours: number;
  /** How long an action gets to be proven by fresh answers. Undecided after that, the safer state stays and a person is called. */
  verifyHours: number;
};

/** The settings of an endpoint, listed or not: captures of an endpoint nobody configured are read all the same. */
export function settingsOf(assay: Assay, endpoint: string): EndpointSettings {
  // An endpoint may be called "constructor", which every object inherits.
  return Object.hasOwn(assay.endpoints, endpoint) ? assay.endpoints[endpoint]! : assay.defaults;
}

/** What may be done about an endpoint with an action: as its own mode says, or the one of all. */
export function modeOf({ mode, modes }: Remediation, action: ActionKind): RemediationMode {
  return modes[action] ?? mode;
}
