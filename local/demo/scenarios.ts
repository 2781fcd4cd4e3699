import type { EmbeddedAws } from "../aws.ts";

/** Something that happens to the endpoint at a moment of the day; nobody tells Assay. */
export type Happening = { at: string; what: string; run(aws: EmbeddedAws): Promise<void> | void };

export type Scenario = {
  name: string;
  tells: string;
  /** Simulated, UTC. */
  from: string;
  until: string;
  /** Mean requests an hour over all variants; arrivals are Poisson. */
  requestsPerHour: number;
  happenings: Happening[];
};

export const demoEndpoint = "support-chat";

const healthy: Scenario = {
  name: "healthy",
  tells: "Nothing goes wrong, and nothing happens.",
  from: "2026-03-02T09:00:00Z",
  until: "2026-03-02T12:00:00Z",
  requestsPerHour: 2_000,
  happenings: [],
};

const failing: Scenario = {
  ...healthy,
  name: "failing",
  tells: "The candidate begins to answer with nothing, refusals, fragments and loops, and slowly.",
  until: "2026-03-02T12:30:00Z",
  happenings: [
    {
      at: "2026-03-02T10:30:00Z",
      what: "candidate begins to fail hard checks, and its latency spikes",
      async run({ sagemaker }) {
        await sagemaker.replaceRecording(demoEndpoint, "candidate", recordingUri("candidate-failing"));
      },
    },
  ],
};

/** What `npm start -- --scenario NAME` plays; the first one without a name. */
export const scenarios: readonly Scenario[] = [failing, healthy];

export const modelBucket = "assay-demo-models";
export const recordingUri = (recording: string) => `s3://${modelBucket}/${recording}.jsonl`;
