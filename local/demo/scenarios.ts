import type { EmbeddedAws } from "../aws.ts";
import { always, type Open, type Traffic } from "./traffic.ts";

/** What a happening can change. */
export type Stage = { aws: EmbeddedAws; traffic: Traffic };

/** Something that happens to the endpoint; nobody tells Assay. */
export type Happening = {
  /**
   * Minutes after the scenario's turn, or what it waits for: `shifted`, a variant lost all its traffic; `scaled`, a variant got an
   * instance more.
   */
  when: number | "shifted" | "scaled";
  what: string;
  run(stage: Stage): Promise<void> | void;
};

export type Scenario = {
  name: string;
  tells: string;
  /** Simulated, UTC. */
  from: string;
  minutes: number;
  /** Minutes after `from` at which things change. */
  turn: number;
  /** Mean over all variants; arrivals are Poisson. */
  requestsPerHour: number;
  open: Open;
  happenings: Happening[];
};

export const demoEndpoint = "support-chat";
export const judgeEndpoint = "support-judge";
/** A judge serves alone, under SageMaker's own name for that. */
export const judgeVariant = "AllTraffic";

/** The day on which the recorded week ends. */
export const wholeDay = { from: "2026-03-02T00:00:00Z", minutes: 24 * 60, turn: 13 * 60, requestsPerHour: 400, open: always };
export const recordingOf = (variant: string, recording: string) => {
  return ({ aws }: Stage) => aws.sagemaker.replaceRecording(demoEndpoint, variant, recordingUri(recording));
};
/** Takes a good answer of 1.2 to 1.5 seconds well over the limit of four. */
export const slow = { latencyFactor: 5, errorShare: 0 };

export const candidateDegrades: Happening = {
  when: 0,
  what: "the candidate's answers read well and are wrong from now on",
  run: recordingOf("candidate", "candidate-degraded"),
};

const day: Scenario = {
  ...wholeDay,
  name: "day",
  tells: "The candidate goes bad in a way that no cheap check sees.",
  happenings: [
    candidateDegrades,
    { when: 0, what: "the candidate is slow", run: ({ aws }) => aws.sagemaker.disturb(demoEndpoint, "candidate", slow) },
    {
      when: 45,
      what: "the candidate is as fast as before",
      run: ({ aws }) => aws.sagemaker.disturb(demoEndpoint, "candidate", null),
    },
  ],
};

const healthy: Scenario = { ...wholeDay, name: "healthy", tells: "Nothing goes wrong, and nothing happens.", happenings: [] };

const judgeMoves: Scenario = {
  ...wholeDay,
  name: "judge-moves",
  tells: "The judge becomes stricter, and the answers stay as they were.",
  happenings: [
    {
      when: 0,
      what: "the judge grades 0.12 lower",
      run: ({ aws }) => aws.sagemaker.replaceRecording(judgeEndpoint, judgeVariant, recordingUri("grades-strict")),
    },
  ],
};

const trafficMoves: Scenario = {
  ...wholeDay,
  name: "traffic-moves",
  tells: "Customers begin to ask harder questions of a new kind.",
  happenings: [
    {
      when: 0,
      what: "two questions in five are about subscriptions",
      run: ({ traffic }) => {
        traffic.newShare = 0.4;
      },
    },
  ],
};

const everywhere: Scenario = {
  ...wholeDay,
  name: "everywhere",
  tells: "The candidate goes bad, and the good model, too, as soon as it gets all traffic.",
  happenings: [
    candidateDegrades,
    { when: "shifted", what: "the stable model's answers are wrong, too", run: recordingOf("stable", "candidate-degraded") },
  ],
};

const latency: Scenario = {
  ...wholeDay,
  name: "latency",
  tells: "The candidate becomes slow, until it gets another instance.",
  happenings: [
    { when: 0, what: "the candidate is slow", run: ({ aws }) => aws.sagemaker.disturb(demoEndpoint, "candidate", slow) },
    {
      when: "scaled",
      what: "with another instance the candidate is as fast as before",
      run: ({ aws }) => aws.sagemaker.disturb(demoEndpoint, "candidate", null),
    },
  ],
};

const failing: Scenario = {
  name: "failing",
  tells: "The candidate begins to answer with nothing, refusals, fragments and loops, and slowly.",
  from: "2026-03-02T09:00:00Z",
  minutes: 210,
  turn: 90,
  requestsPerHour: 2_000,
  open: always,
  happenings: [
    {
      when: 0,
      what: "candidate begins to fail hard checks, and its latency spikes",
      run: recordingOf("candidate", "candidate-failing"),
    },
  ],
};

/** What `npm start -- --scenario NAME` plays; the first one without a name. */
export const scenarios: readonly Scenario[] = [day, healthy, judgeMoves, trafficMoves, everywhere, latency, failing];

/**
 * The same in fewer hours: things change after a sixth of them (in six hours at 01:00), so that most of it is left for noticing,
 * acting and verifying.
 * @param hours over 0, at most 24
 */
export function shortened(scenario: Scenario, hours: number): Scenario {
  return { ...scenario, minutes: hours * 60, turn: Math.round(hours * 10) };
}

export const modelBucket = "assay-demo-models";
export const recordingUri = (recording: string) => `s3://${modelBucket}/${recording}.jsonl`;
