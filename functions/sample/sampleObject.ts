import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { CaptureReplaced, openCapture } from "../../shared/aws/captures.ts";
import { claimCapture, finishClaim } from "../../shared/aws/claims.ts";
import { type JsonLines, openJsonLines } from "../../shared/aws/jsonLines.ts";
import { type JudgeTask, sendJudgeTasks, tasksPerRequest } from "../../shared/aws/judgeTasks.ts";
import type { KnownSegments } from "../../shared/aws/knownSegments.ts";
import { putMetrics } from "../../shared/aws/metrics.ts";
import { isPaced, plannedPolicy } from "../../shared/aws/plannedPolicy.ts";
import type { Predictors } from "../../shared/aws/predictors.ts";
import { putJson } from "../../shared/aws/results.ts";
import type { SamplingPolicies } from "../../shared/aws/samplingPolicies.ts";
import type { Table } from "../../shared/aws/table.ts";
import { addTraffic } from "../../shared/aws/traffic.ts";
import { latencyOf, referenceOf } from "../../shared/capture/attributes.ts";
import { type CaptureKey, parseCaptureKey } from "../../shared/capture/captureKey.ts";
import type { ScoredInference } from "../../shared/capture/inference.ts";
import { splitLines } from "../../shared/capture/lines.ts";
import { questionTraits } from "../../shared/capture/questionTraits.ts";
import { readLine } from "../../shared/capture/readLine.ts";
import { type Assay, type EndpointSettings, settingsOf } from "../../shared/config/assay.ts";
import { isOfEvaluation } from "../../shared/evaluation/keys.ts";
import { type Predictor, predictedBy } from "../../shared/monitoring/baseline.ts";
import type { CaptureObject } from "../../shared/monitoring/claim.ts";
import { datumsOf, ignoredObject, type Tally, tallyInference, tallyQuarantined } from "../../shared/monitoring/metrics.ts";
import { quarantineKey, scoredKey, summaryKey } from "../../shared/monitoring/resultKeys.ts";
import {
  addAnswered,
  addQuarantined,
  addRecord,
  addUnanswered,
  type Counts,
  emptySummary,
  type StoredSummary,
  type Summary,
} from "../../shared/monitoring/summary.ts";
import { windowAfter } from "../../shared/monitoring/windows.ts";
import { drawnBy, isChosen } from "../../shared/sampling/poisson.ts";
import { type Band, piOf, type SamplingPolicy } from "../../shared/sampling/policy.ts";
import { riskBandOf } from "../../shared/sampling/riskBand.ts";
import { failsHard } from "../../shared/scoring/hardFailure.ts";
import { type PlugIns, scorePlugIns } from "../../shared/scoring/plugIn.ts";

export type SampleDeps = {
  assay: Assay;
  s3: S3Client;
  sqs: SQSClient;
  cloudwatch: CloudWatchClient;
  table: Table;
  policies: SamplingPolicies;
  segments: KnownSegments;
  predictors: Predictors;
  plugIns: PlugIns;
  resultsBucket: string;
  judgeQueueUrl: string;
  nowMs: () => number;
};

/** What became of a capture object, in ids and counts: fit for a log line. */
export type Sampled =
  | {
      status: "sampled";
      objectId: string;
      endpoint: string;
      variant: string;
      window: string;
      counts: Counts;
      chosen: number;
      recordsOutside: number;
    }
  | { status: "finished_before"; objectId: string }
  | { status: "replaced"; objectId: string }
  | { status: "not_a_capture" };

/**
 * Reads one capture object into the books: scores every inference, chooses few for judging, publishes.
 * Safe to repeat after a crash anywhere: keys, bytes and choices follow from the object and its stored window and policy, and
 * the claim is finished last. Only judge tasks and metrics may then go out twice.
 * @param owner names this attempt
 * @throws ClaimedElsewhere, and what AWS says: the message must come again
 */
export async function sampleObject(object: CaptureObject, owner: string, deps: SampleDeps): Promise<Sampled> {
  const capture = parseCaptureKey(object.key);
  if (!capture) {
    await putMetrics(deps.cloudwatch, [ignoredObject(deps.nowMs())]);
    return { status: "not_a_capture" };
  }
  const { endpoint, variant } = capture;
  const claim = await claimCapture(deps.table, object, endpoint, owner, deps.nowMs());
  const { objectId } = claim;
  if (claim.state === "finished") return { status: "finished_before", objectId };
  const { window } = claim;

  const settings = settingsOf(deps.assay, endpoint);
  const policy = await policyOf(endpoint, window, settings, deps);
  const predictor = settings.judge === null ? null : await deps.predictors(endpoint, window, deps.nowMs());

  const reading = await readObject(object, capture, settings, { window, policy, objectId, predictor }, deps).catch(
    (error: unknown) => {
      if (error instanceof CaptureReplaced) return null;
      throw error;
    },
  );
  if (reading === null) {
    await finishClaim(deps.table, objectId, deps.nowMs());
    return { status: "replaced", objectId };
  }

  const { summary, tally, strata } = reading;
  const stored: StoredSummary = { window, endpoint, variant, objectId, summary };
  await putJson(deps.s3, deps.resultsBucket, summaryKey(window, capture, objectId), stored);
  const { datums, recordsOutside } = datumsOf(tally, capture, deps.nowMs());
  await putMetrics(deps.cloudwatch, datums);
  const { counts, chosen, tokens } = summary;
  if (isPaced(settings))
    await addTraffic(deps.table, endpoint, window, { answered: counts.answered, chosen: chosen.length, strata, tokens });
  await finishClaim(deps.table, objectId, deps.nowMs());
  return { status: "sampled", objectId, endpoint, variant, window, counts, chosen: chosen.length, recordsOutside };
}

/** The window's policy. The policy of the window to come is frozen on the way, so that none is decided while its window runs. */
async function policyOf(endpoint: string, window: string, settings: EndpointSettings, { table, policies, nowMs }: SampleDeps) {
  const policyIn = (ofWindow: string) =>
    policies(endpoint, ofWindow, plannedPolicy(table, endpoint, ofWindow, settings, nowMs()), nowMs());
  const policy = await policyIn(window);
  await policyIn(windowAfter(nowMs()));
  return policy;
}

type Sampling = { window: string; policy: SamplingPolicy; objectId: string; predictor: Predictor | null };
type Strata = Record<string, Record<Band, number>>;

/** Streams the object into `scored`, `quarantine` and the judge queue; returns what is counted. Memory is bounded by one line. */
async function readObject(
  { bucket, key, etag }: CaptureObject,
  capture: CaptureKey,
  settings: EndpointSettings,
  { window, policy, objectId, predictor }: Sampling,
  { s3, sqs, segments, plugIns, resultsBucket, judgeQueueUrl }: SampleDeps,
): Promise<{ summary: Summary; tally: Tally; strata: Strata }> {
  const summary = emptySummary();
  const strata: Strata = Object.create(null); // a segment may be called "constructor"
  const tally: Tally = new Map();
  const lines = splitLines(await openCapture(s3, { bucket, key, etag }));
  const scored = openJsonLines(s3, resultsBucket, scoredKey(capture, objectId));
  let quarantine: JsonLines | null = null;
  let tasks: JudgeTask[] = [];

  try {
    for await (const line of lines) {
      const readings = readLine(line, { bucket, key, ...capture }, settings);
      const [first] = readings; // a batch of prompts is one request, and one record
      if (first !== undefined) addRecord(summary, first.time ?? capture.startedAt);
      for (const reading of readings) {
        if (reading.outcome === "quarantined") {
          quarantine ??= openJsonLines(s3, resultsBucket, quarantineKey(capture, objectId));
          await quarantine.write(reading);
          addQuarantined(summary, reading, capture.startedAt);
          tallyQuarantined(tally, reading, capture.startedAt);
          continue;
        }
        if (isOfEvaluation(reading)) {
          // Assay asked it itself, of a variant of its choice: in the books it would pass for a change of traffic or of quality.
          await scored.write({ ...withoutText(reading), window, evaluation: true });
          continue;
        }
        if (!isListed(settings.segment)) reading.segment = await segments(capture.endpoint, reading.segment);
        if (reading.outcome !== "answered") {
          await scored.write({ ...withoutText(reading), window });
          addUnanswered(summary, reading);
          tallyInference(tally, reading, null);
          continue;
        }
        Object.assign(reading.scores, await scorePlugIns(reading, referenceOf(reading), settings.scorers.plugIns, plugIns));
        const hardFailure = failsHard(reading.scores, settings.hardFailures.checks);
        const band = riskBandOf(reading.scores, hardFailure);
        const pi = piOf(policy, reading.segment, band);
        const chosen = isChosen(drawnBy(reading), pi);
        const f = predictedBy(predictor, reading.scores);
        await scored.write({ ...withoutText(reading), window, hardFailure, pi, chosen, f });
        addAnswered(
          summary,
          { ...reading, latencyMs: latencyOf(reading, settings.latency.attribute), question: questionTraits(reading.prompt) },
          { hardFailure, pi, piRef: policy.piRef, chosen, f },
        );
        strata[reading.segment] ??= { quiet: 0, risky: 0 };
        strata[reading.segment]![band]++;
        tallyInference(tally, reading, hardFailure);
        if (chosen) tasks.push(taskFor(reading, { window, pi, objectId }));
        if (tasks.length === tasksPerRequest) {
          await sendJudgeTasks(sqs, judgeQueueUrl, tasks);
          tasks = [];
        }
      }
    }
    await scored.close();
    await quarantine?.close();
    await sendJudgeTasks(sqs, judgeQueueUrl, tasks);
  } catch (error) {
    scored.abandon();
    quarantine?.abandon();
    throw error;
  }
  return { summary, tally, strata };
}

/** Whether assay.yml says which segments there are: then nobody else can add one. */
const isListed = (segment: EndpointSettings["segment"]) =>
  segment === null || (typeof segment === "object" && segment.by === "name");

/** Captured text is stored once, where SageMaker put it; what we write points there. */
function withoutText({ prompt, messages, completion, attributes, ...rest }: ScoredInference) {
  return rest;
}

function taskFor(
  { eventId, endpoint, variant, time, segment, conversation, source, scores }: ScoredInference,
  { window, pi, objectId }: { window: string; pi: number; objectId: string },
): JudgeTask {
  const named = conversation === undefined ? { segment } : { segment, conversation };
  return { version: 1, eventId, endpoint, variant, time, window, pi, ...named, objectId, source, scores };
}
