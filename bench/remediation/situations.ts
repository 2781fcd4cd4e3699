import {
  candidateDegrades,
  demoEndpoint,
  type Happening,
  judgeEndpoint,
  judgeVariant,
  recordingOf,
  recordingUri,
  type Scenario,
  type Stage,
  slow,
  wholeDay,
} from "../../local/demo/scenarios.ts";
import type { EventFaults } from "../../local/faults.ts";
import type { RemediationRecord } from "../../shared/remediation/record.ts";

/** What is left of a situation when its time is over. */
export type Left = {
  remediations: RemediationRecord[];
  weights: Record<string, number>;
  instances: Record<string, number>;
  configuration: string;
  /** Changes of the endpoint that Assay asked for. */
  changes: number;
};

export type Situation = {
  name: string;
  /** How it has to end, in words. */
  ends: string;
  hours: number;
  happenings: Happening[];
  events?: EventFaults;
  isRight(left: Left): boolean;
};

const action = ({ remediations }: Left, kind: string, status: string) =>
  remediations.some((record) => record.decision.kind === kind && record.status === status);
const untouched = ({ changes }: Left) => changes === 0;
const heldFor = ({ remediations }: Left, cause: string) =>
  remediations.some((record) => record.cause === cause && record.status === "held");
const without = ({ weights }: Left, variant: string) => weights[variant] === 0;
const asBefore = ({ weights }: Left) => weights.stable === weights.candidate;

const at = (when: Happening["when"], what: string, run: Happening["run"]): Happening => ({ when, what, run });
const disturbed = (variant: string, disturbance: typeof slow | null) => {
  return ({ aws }: Stage) => aws.sagemaker.disturb(demoEndpoint, variant, disturbance);
};
const fast = (when: Happening["when"]) => at(when, "the candidate is as fast as before", disturbed("candidate", null));
const isSlow = at(0, "the candidate is slow", disturbed("candidate", slow));

/** A new configuration whose models both answer badly, as a deployment that went wrong would bring. */
async function deployBadModels({ aws: { world } }: Stage): Promise<void> {
  const describe = { EndpointName: demoEndpoint };
  const { EndpointConfigName } = (await world.call("sagemaker", "DescribeEndpoint", describe)) as { EndpointConfigName: string };
  const before = (await world.call("sagemaker", "DescribeEndpointConfig", { EndpointConfigName })) as {
    ProductionVariants: object[];
    DataCaptureConfig: object;
  };
  await world.call("sagemaker", "CreateModel", {
    ModelName: "support-bad",
    ExecutionRoleArn: `arn:aws:iam::${world.accountId}:role/support-chat`,
    PrimaryContainer: {
      Image: "assay-local/recorded",
      ModelDataUrl: recordingUri("candidate-degraded"),
      Environment: { PAYLOAD: "openai" },
    },
  });
  await world.call("sagemaker", "CreateEndpointConfig", {
    EndpointConfigName: "support-chat-bad",
    ProductionVariants: before.ProductionVariants.map((variant) => ({ ...variant, ModelName: "support-bad" })),
    DataCaptureConfig: before.DataCaptureConfig,
  });
  await world.call("sagemaker", "UpdateEndpoint", { ...describe, EndpointConfigName: "support-chat-bad" });
}

const setWeights = (weight: number) => {
  return ({ aws: { world } }: Stage) =>
    world.call("sagemaker", "UpdateEndpointWeightsAndCapacities", {
      EndpointName: demoEndpoint,
      DesiredWeightsAndCapacities: [{ VariantName: "candidate", DesiredWeight: weight }],
    }) as Promise<never>;
};
/** Somebody deploys the same again and again, which takes the endpoint ten minutes each time and cures nothing. */
const deployments = Array.from({ length: 15 }, (_, k) => [
  at(k * 11, "somebody deploys the same again", async ({ aws: { world } }) => {
    const of = { EndpointName: demoEndpoint, EndpointConfigName: "support-chat-rollout", RetainAllVariantProperties: true };
    await world.call("sagemaker", "UpdateEndpoint", of);
  }),
  at(k * 11 + 10.1, "the candidate answers as badly as before", recordingOf("candidate", "candidate-degraded")),
]).flat();

/** Every situation ends as its `ends` says, whatever the seed. */
export const situations: readonly Situation[] = [
  {
    name: "bad candidate",
    ends: "traffic shifted, kept",
    hours: 5,
    happenings: [candidateDegrades],
    isRight: (left) => action(left, "shift_traffic", "kept") && without(left, "candidate"),
  },
  {
    name: "bad everywhere, good previous model",
    ends: "swapped back, kept",
    hours: 12,
    happenings: [at(0, "a deployment makes both variants' answers wrong", deployBadModels)],
    isRight: (left) => action(left, "swap_model", "kept") && left.configuration === "support-chat-rollout",
  },
  {
    name: "latency only",
    ends: "scaled out, kept",
    hours: 5,
    happenings: [isSlow, fast("scaled")],
    isRight: (left) => action(left, "scale_out", "kept") && left.instances.candidate! > 1 && asBefore(left),
  },
  {
    name: "slow and bad",
    ends: "an instance did not cure it; traffic shifted, kept",
    hours: 10,
    happenings: [candidateDegrades, isSlow, fast("scaled")],
    isRight: (left) => action(left, "shift_traffic", "kept") && without(left, "candidate"),
  },
  {
    name: "judge moved",
    ends: "held, nothing changed",
    hours: 6,
    happenings: [
      at(0, "the judge grades 0.12 lower", ({ aws }) =>
        aws.sagemaker.replaceRecording(judgeEndpoint, judgeVariant, recordingUri("grades-strict")),
      ),
    ],
    isRight: (left) => heldFor(left, "judge") && untouched(left),
  },
  {
    name: "input mix moved",
    ends: "held, nothing changed",
    hours: 6,
    happenings: [
      at(0, "two questions in five are about subscriptions", ({ traffic }) => {
        traffic.newShare = 0.4;
      }),
    ],
    isRight: (left) => heldFor(left, "traffic") && untouched(left),
  },
  {
    name: "capture lost",
    ends: "held, nothing changed",
    hours: 6,
    happenings: [at(0, "the disks of stable are full", ({ aws }) => aws.sagemaker.fillDisks(demoEndpoint, "stable", true))],
    isRight: (left) => heldFor(left, "capture") && untouched(left),
  },
  {
    name: "useless action",
    ends: "traffic shifted, undone",
    hours: 6,
    happenings: [candidateDegrades, at("shifted", "stable answers wrongly, too", recordingOf("stable", "candidate-degraded"))],
    isRight: (left) => action(left, "shift_traffic", "undone") && asBefore(left),
  },
  {
    name: "harmful action",
    ends: "traffic shifted, undone",
    hours: 6,
    happenings: [candidateDegrades, at("shifted", "stable fails hard checks", recordingOf("stable", "candidate-failing"))],
    isRight: (left) => action(left, "shift_traffic", "undone") && asBefore(left),
  },
  {
    name: "person interferes",
    ends: "held, what the person set stays",
    hours: 5,
    happenings: [candidateDegrades, at("shifted", "a person gives the candidate some traffic", setWeights(0.25))],
    isRight: (left) => action(left, "shift_traffic", "held") && left.weights.candidate === 0.25,
  },
  {
    name: "endpoint stuck updating",
    ends: "nothing while it is; then traffic shifted, kept",
    hours: 8,
    happenings: [candidateDegrades, ...deployments],
    isRight: (left) => action(left, "shift_traffic", "kept") && without(left, "candidate"),
  },
  {
    name: "alarm storm",
    ends: "one change, kept",
    hours: 4,
    happenings: [
      at(0, "the candidate fails hard checks, is slow and fails", recordingOf("candidate", "candidate-failing")),
      at(0, "and slow, and one request in five ends in an error", disturbed("candidate", { ...slow, errorShare: 0.2 })),
    ],
    events: { duplicateShare: 1, lateShare: 0.5, lateSeconds: 60 },
    isRight: (left) => left.changes === 1 && action(left, "shift_traffic", "kept") && without(left, "candidate"),
  },
];

/** As it is played: what happens, happens after an hour, so that a sound time goes before; two where a configuration must prove itself. */
export function scenarioOf({ name, ends, hours, happenings }: Situation): Scenario {
  const turn = name.startsWith("bad everywhere") ? 240 : 60;
  return { ...wholeDay, requestsPerHour: 600, name, tells: ends, minutes: hours * 60, turn, happenings };
}
