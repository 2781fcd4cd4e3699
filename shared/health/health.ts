/** What was asked of a deployed stack and its endpoints; `null` where AWS did not say or there is none. */
export type StackFacts = {
  /** Where the stack wants captures: s3://bucket/prefix. */
  captureUri: string;
  captureBucketSendsEvents: boolean;
  /** State of what feeds `sample` and `judge` from their queues. */
  eventSources: { function: string; state: string }[];
  /** Whether each function runs as the role that the stack made for it. */
  functions: { name: string; state: string; role: string; wanted: string }[];
  /** EventBridge's: what brings captures, and what starts the workflows. `changedAtMs`: when they were deployed. */
  rules: { name: string; state: string; targets: number; changedAtMs: number }[];
  /** Actions that the template allows a role and that no policy of it allows any more; `null`: the role is gone. */
  roles: { name: string; missing: string[] | null }[];
  queues: { name: string; oldestSeconds: number | null }[];
  deadLetters: { name: string; messages: number }[];
  /** The last execution of the drift workflow. */
  drift: { startedAtMs: number; status: string } | null;
  endpoints: EndpointFacts[];
};

export type EndpointFacts = {
  name: string;
  /** `null`: SageMaker knows no such endpoint. */
  serves: {
    status: string;
    variants: string[];
    capture: { on: boolean; percentage: number; to: string } | null;
  } | null;
  listed: string[];
  /** Of the last hour, but for its last ten minutes, in which captures may be on their way. */
  lastHour: { requests: number; captured: number };
  /** `null`: nothing is judged. */
  budget: { budgetMicroUsd: number; committedMicroUsd: number } | null;
  /** The last window that the monitor folded, epoch milliseconds; `null`: it has a baseline and folded none, or has none. */
  monitor: { hasBaseline: boolean; lastWindowMs: number | null } | null;
};

export type HealthCheck = {
  check: "capture" | "events" | "roles" | "budget" | "queues" | "dead letters" | "schedule" | "last window";
  /** The endpoint, queue or function that it is about. */
  of: string;
  state: "ok" | "problem";
  says: string;
  /** What to do; `null` where all is well. */
  remedy: string | null;
};

const minuteMs = 60_000;
const windowMs = 15 * minuteMs;
/** Twice a tick: one that was just missed is no sign of anything. */
const latestTickMs = 2 * windowMs;
/** A window settles in one more, and is folded after four whatever is open; with a tick and some minutes on top it is late. */
const latestWindowMs = 6 * windowMs;
/** Work is looked at within seconds; a quarter of an hour means that nobody takes it, or not enough of it. */
const oldestSeconds = 900;
/** Of a day's budget, from where on its end before the day's is likely. */
const nearlySpent = 0.95;

/**
 * What is well and what is not in a deployment, in the order in which captures pass through it, each with what to do.
 * Source: docs/operating.md
 */
export function healthOf(facts: StackFacts, nowMs: number): HealthCheck[] {
  return [
    ...facts.endpoints.map((endpoint) => captureOf(endpoint, facts.captureUri)),
    ...eventsOf(facts),
    ...facts.endpoints.map(flowOf),
    ...rolesOf(facts),
    ...facts.queues.map(queueOf),
    ...facts.deadLetters.map(deadLettersOf),
    scheduleOf(facts, nowMs),
    ...facts.endpoints.flatMap(({ name, monitor }) => (monitor === null ? [] : [windowOf(name, monitor, nowMs)])),
    ...facts.endpoints.flatMap(({ name, budget }) => (budget === null ? [] : [budgetOf(name, budget)])),
  ];
}

type About = Pick<HealthCheck, "check" | "of">;
const ok = (about: About, says: string): HealthCheck => ({ ...about, state: "ok", says, remedy: null });
const problem = (about: About, says: string, remedy: string): HealthCheck => ({ ...about, state: "problem", says, remedy });

function captureOf({ name, serves, listed }: EndpointFacts, wanted: string): HealthCheck {
  const about: About = { check: "capture", of: name };
  if (serves === null)
    return problem(about, "SageMaker has no such endpoint", "Create it, or take it out of assay.yml and deploy again.");
  const { status, variants, capture } = serves;
  if (capture === null || !capture.on) {
    const remedy = `Give it a configuration whose DataCaptureConfig writes to ${wanted}, and UpdateEndpoint with RetainAllVariantProperties.`;
    return problem(about, `data capture is off (the endpoint is ${status})`, remedy);
  }
  const at = capture.to.replace(/\/$/, "");
  if (at !== wanted)
    return problem(about, `captures go to ${at}`, `Have them written to ${wanted}, or name that place as captures in assay.yml.`);
  const strangers = variants.filter((variant) => !listed.includes(variant));
  if (strangers.length > 0)
    return problem(about, `${strangers.join(", ")} serves and is not in assay.yml`, "List it under variants and deploy again.");
  const gone = listed.filter((variant) => !variants.includes(variant));
  if (gone.length > 0)
    return problem(about, `${gone.join(", ")} is in assay.yml and does not serve`, "Take it out of variants and deploy again.");
  return ok(about, `${capture.percentage} % of the requests are captured to ${at}`);
}

function eventsOf({ captureUri, captureBucketSendsEvents, rules, eventSources }: StackFacts): HealthCheck[] {
  const bucket: About = { check: "events", of: captureUri };
  const off = "Somebody has put other notifications on it: turn EventBridge on in the bucket's properties.";
  return [
    captureBucketSendsEvents
      ? ok(bucket, "the bucket sends its events to EventBridge")
      : problem(bucket, "the bucket sends no events", off),
    ...rules.map(ruleOf),
    ...eventSources.map(({ function: name, state }): HealthCheck => {
      const about: About = { check: "events", of: name };
      if (state === "Enabled") return ok(about, "it is fed from its queue");
      return problem(about, `what feeds it from its queue is ${state}`, "Enable the function's SQS trigger.");
    }),
  ];
}

function ruleOf({ name, state, targets }: StackFacts["rules"][number]): HealthCheck {
  const about: About = { check: "events", of: name };
  if (state === "gone")
    return problem(about, "the rule is gone", "Deploy under another stage, or make it again as the template has it.");
  if (state !== "ENABLED") return problem(about, `the rule is ${state}`, `Enable it: aws events enable-rule --name ${name}`);
  if (targets === 0) return problem(about, "the rule has no target", "Give it back the target that the template has.");
  return ok(about, "the rule is enabled and has its target");
}

function flowOf({ name, lastHour: { requests, captured } }: EndpointFacts): HealthCheck {
  const about: About = { check: "events", of: name };
  if (captured > 0) return ok(about, `${captured} captured records were read in the last hour`);
  if (requests === 0) return ok(about, "there was no traffic in the last hour, so there is nothing to read");
  const remedy = "Run `assay doctor` on the bucket's newest objects, and read the log of the function sample.";
  return problem(about, `${requests} requests in the last hour, and no captured record was read`, remedy);
}

function rolesOf({ functions, roles }: StackFacts): HealthCheck[] {
  const about = (of: string): About => ({ check: "roles", of });
  const wrong = functions.flatMap(({ name, state, role, wanted }) => {
    if (state !== "Active") return [problem(about(name), `the function is ${state}`, "Invoke it once, or deploy again.")];
    if (role === wanted) return [];
    return [problem(about(name), `it runs as ${role}`, `Give it back its own role, ${wanted}.`)];
  });
  const crippled = roles.flatMap(({ name, missing }) => {
    if (missing === null) return [problem(about(name), "the role is gone", "Make it again as the template has it.")];
    if (missing.length === 0) return [];
    const remedy =
      "Give its policy back what the template has: a deployment in which the role does not change leaves it as it is.";
    return [problem(about(name), `it may no longer ${missing.join(", ")}`, remedy)];
  });
  return [
    ...(wrong.length > 0 ? wrong : [ok(about("functions"), `all ${functions.length} run as the roles of this stack`)]),
    ...(crippled.length > 0 ? crippled : [ok(about("policies"), `all ${roles.length} roles may do what they were made for`)]),
  ];
}

function queueOf({ name, oldestSeconds: age }: StackFacts["queues"][number]): HealthCheck {
  const about: About = { check: "queues", of: name };
  if (age === null || age <= oldestSeconds)
    return ok(about, age === null ? "it is empty" : `its oldest message waits ${spanOf(age)}`);
  const remedy = "Look into the log of the function that reads it: errors, throttles, or a judge that takes nothing.";
  return problem(about, `its oldest message waits ${spanOf(age)}`, remedy);
}

function deadLettersOf({ name, messages }: StackFacts["deadLetters"][number]): HealthCheck {
  const about: About = { check: "dead letters", of: name };
  if (messages === 0) return ok(about, "nothing was given up");
  const remedy =
    'Repair what the function\'s log says, then see "Dead letters" in docs/operating.md. After 14 days they are gone.';
  return problem(about, `${messages} messages could not be processed`, remedy);
}

function scheduleOf({ drift, rules }: StackFacts, nowMs: number): HealthCheck {
  const about: About = { check: "schedule", of: "drift" };
  const remedy = "Enable the rule of the drift workflow in EventBridge, and look at its last execution.";
  const deployedAtMs = Math.max(0, ...rules.map(({ changedAtMs }) => changedAtMs));
  if (drift === null && nowMs - deployedAtMs <= latestTickMs)
    return ok(about, "the drift workflow has not run yet; it does within 15 minutes of deploying");
  if (drift === null)
    return problem(about, "the drift workflow has never run", `Within 15 minutes of deploying it should. ${remedy}`);
  const ago = spanOf((nowMs - drift.startedAtMs) / 1_000);
  if (nowMs - drift.startedAtMs > latestTickMs) return problem(about, `the drift workflow last began ${ago} ago`, remedy);
  if (!["RUNNING", "SUCCEEDED"].includes(drift.status))
    return problem(
      about,
      `its last execution ended as ${drift.status}`,
      "Open that execution in Step Functions: its failed state says why.",
    );
  return ok(about, `the drift workflow last began ${ago} ago`);
}

function windowOf(of: string, { hasBaseline, lastWindowMs }: NonNullable<EndpointFacts["monitor"]>, nowMs: number): HealthCheck {
  const about: About = { check: "last window", of };
  if (!hasBaseline) {
    const remedy = "After a week in which all was well: assay baseline create, look at it, assay baseline approve.";
    return problem(about, "there is no approved baseline, so nothing is compared", remedy);
  }
  if (lastWindowMs === null)
    return ok(about, "no window was folded since the baseline was approved; the first takes half an hour of traffic");
  const ago = spanOf((nowMs - lastWindowMs - windowMs) / 1_000);
  if (nowMs - lastWindowMs <= latestWindowMs) return ok(about, `the last window that was folded ended ${ago} ago`);
  const remedy = "Without traffic there are no windows. With it: see the schedule above, and the log of the function driftFold.";
  return problem(about, `the last window that was folded ended ${ago} ago`, remedy);
}

function budgetOf(of: string, { budgetMicroUsd, committedMicroUsd }: NonNullable<EndpointFacts["budget"]>): HealthCheck {
  const about: About = { check: "budget", of };
  const dollars = (microUsd: number) => `$${(microUsd / 1_000_000).toFixed(2)}`;
  const says = `${dollars(committedMicroUsd)} of today's ${dollars(budgetMicroUsd)} are spent or reserved`;
  if (committedMicroUsd < nearlySpent * budgetMicroUsd) return ok(about, says);
  const remedy = "Until midnight (UTC) nothing more is judged. Raise usdPerDay, or let sampling.rate be paced.";
  return problem(about, says, remedy);
}

function spanOf(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
