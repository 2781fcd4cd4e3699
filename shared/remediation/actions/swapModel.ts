import { createHash } from "node:crypto";
import type { Change } from "../decision.ts";
import { type GoodConfiguration, isMonitored, type Situation, type Trouble } from "../situation.ts";
import { type Action, objection } from "./action.ts";
import { soundAnswers } from "./verifications.ts";

/** A change begins in the window of the deployment, whose start may lie before it. */
const windowMs = 15 * 60_000;
/** SageMaker shifts between fleets by no less than a tenth, and by no more than half. */
const step = { least: 10, most: 50 };

/**
 * Back to the last endpoint configuration that served well, for every variant at once: a new fleet beside the old one, traffic in bounded
 * steps, weights and counts as they are, data capture as it is. SageMaker goes back by itself on alarms of latency and errors; quality
 * takes longer, and is verified here. Undone by the configuration from before.
 */
export const swapModel: Action = ({ trouble, variant, endpoint, situation, limits }) => {
  const { configurations, scaling, rollbackAlarms } = situation;
  const { lastGood, variants: present } = configurations;
  if (endpoint.components.length > 0)
    return objection(`${trouble.endpoint} hosts inference components: each has a model of its own`);
  if (lastGood === null || lastGood.name === endpoint.configuration)
    return objection(`no earlier endpoint configuration of ${trouble.endpoint} is known to have served well`);
  const { name } = lastGood;
  const late = notOfThisDeployment(trouble, situation);
  if (late !== null) return objection(late);
  if (
    !sameVariants(
      lastGood,
      endpoint.variants.map((own) => own.name),
    )
  )
    return objection(`${name} has other variants than ${endpoint.configuration}, and SageMaker takes only the same`);
  const modelOf = (of: GoodConfiguration["variants"], one: string) => of.find((own) => own.name === one)?.model ?? null;
  if (present.every((own) => own.model !== null && own.model === modelOf(lastGood.variants, own.name)))
    return objection(`${name} has the same models as ${endpoint.configuration}: going back would change nothing`);
  const resized = present.find((own) => scaling.has(own.name) && changesInstanceType(own, lastGood.variants));
  if (resized)
    return objection(
      `${name} has another instance type for ${resized.name}, which is scaled automatically: SageMaker refuses that`,
    );
  const stepPercent = Math.min(Math.floor(limits.maxShareOfTraffic * 100), step.most);
  if (stepPercent < step.least)
    return objection(
      `SageMaker moves at least ${step.least} % of the traffic at a time, and maxShareOfTraffic is ${limits.maxShareOfTraffic}`,
    );
  const to = (configuration: string, copyOf: string | null): Change => ({
    kind: "configuration",
    configuration,
    copyOf,
    stepPercent,
    // One that is on already would send the deployment back at once.
    rollbackAlarms: [...rollbackAlarms],
  });
  const configuration = lastGood.capturesAlike ? name : capturingCopy(name, endpoint.configuration);
  const before = to(endpoint.configuration, null);
  return {
    kind: "swap_model",
    variant: variant.name,
    configuration,
    change: to(configuration, lastGood.capturesAlike ? null : name),
    before,
    undo: before,
    deeper: [],
    verify: soundAnswers(trouble, variant.name),
    because: `${whatIsWrong(trouble)} since ${endpoint.configuration} was deployed; ${name} served well until then`,
    expected: {
      effect: `every variant answers with its model of ${name} again; until it has taken over, a second fleet runs`,
      microUsdPerDay: 0,
    },
  };
};

/** Why the configuration that serves now cannot be the reason; `null`: it can. */
export function notOfThisDeployment(trouble: Trouble, { configurations: { sinceMs, provenAtMs } }: Situation): string | null {
  if (sinceMs === null) return "nobody knows since when the present models serve";
  const begun = `the present models serve since ${new Date(sinceMs).toISOString().slice(0, 16)}Z`;
  if (Date.parse(trouble.since) < sinceMs - windowMs) return `${begun}, and it was as bad before: they are not the reason`;
  return provenAtMs === null ? null : `${begun} and have served well: they are not the reason`;
}

const changesInstanceType = (now: GoodConfiguration["variants"][number], then: GoodConfiguration["variants"]) =>
  then.some((own) => own.name === now.name && own.instanceType !== now.instanceType);

function sameVariants({ variants }: GoodConfiguration, names: readonly string[]): boolean {
  return variants.length === names.length && variants.every(({ name }) => names.includes(name));
}

/** The same copy for the same two: who makes it again finds it made. */
function capturingCopy(of: string, capturing: string): string {
  return `assay-captured-${createHash("sha256")
    .update(JSON.stringify([of, capturing]))
    .digest("hex")
    .slice(0, 16)}`;
}

const whatIsWrong = (trouble: Trouble) =>
  isMonitored(trouble)
    ? `${trouble.signal} of ${trouble.variant ?? "every variant"} is ${(-trouble.size).toFixed(2)} under its baseline`
    : `${trouble.variant} fails the cheap hard checks`;
