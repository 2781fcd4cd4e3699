import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeEndpointCommand,
  type EndpointStatus,
  SageMakerClient,
  SageMakerServiceException,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { CloudWatchAlarmEvent } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { type RemediateDeps, remediateAlarm } from "../../functions/remediate/remediateAlarm.ts";
import { takeLock } from "../../shared/aws/remediations.ts";
import type { Assay, RemediationMode } from "../../shared/config/assay.ts";
import type { RemediationRecord } from "../../shared/remediation/record.ts";
import { crashing, startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const at = (time: string) => Date.parse(`2026-03-02T${time}Z`);

function assayWith(mode: RemediationMode): Assay {
  const settings: Assay["defaults"] = {
    segment: null,
    sampling: { rate: 0.2 },
    hardFailures: {
      checks: { empty: true, refusal: true, truncated: true, repetitionUnder: 0.3 },
      shareOver: 0.2,
      minAnswers: 20,
      periodMinutes: 5,
      datapoints: 2,
      of: 3,
    },
    latency: { p90OverMs: 4000, periodMinutes: 5, datapoints: 2, of: 3 },
    errors: { shareOver: 0.05, periodMinutes: 5, datapoints: 2, of: 3 },
    quality: { target: 0.85, tolerance: 0.02 },
    judge: null,
    evaluationBudgetMicroUsdPerDay: 0,
    remediation: { mode, cooldownMinutes: 30, maxActionsPerDay: 4, verifyHours: 24 },
  };
  return {
    captures: { bucket: "captures", prefix: "" },
    falseAlarms: { count: 1, days: 90 },
    defaults: settings,
    endpoints: { chat: { ...settings, variants: ["stable", "candidate"] } },
  };
}

function alarmEvent(alarmName: string, time: string, value = "ALARM"): CloudWatchAlarmEvent {
  const state = { value, reason: "Threshold crossed", timestamp: `2026-03-02T${time}.431+0000` };
  const configuration = { metrics: [] };
  return {
    source: "aws.cloudwatch",
    alarmArn: `arn:aws:cloudwatch:eu-west-1:000000000000:alarm:${alarmName}`,
    accountId: "000000000000",
    time: state.timestamp,
    region: "eu-west-1",
    alarmData: { alarmName, state, previousState: { ...state, value: "OK" }, configuration },
  };
}

/** A world in which `candidate` fails its hard checks, with an endpoint that does what SageMaker's does. */
async function failingCandidate(mode: RemediationMode) {
  const fresh = await wire.fresh();
  const region = "eu-west-1";
  const endpoint = {
    status: "InService" as EndpointStatus,
    weights: { stable: 1, candidate: 1 } as Record<string, number>,
    updates: 0,
  };
  const alarming = new Set(["assay-prod-chat-candidate-hard-failures"]);
  const outcomes: (string | undefined)[] = [];

  const connect = () => {
    const sagemaker = new SageMakerClient({ region });
    const cloudwatch = new CloudWatchClient({ region });
    mockClient(sagemaker)
      .on(DescribeEndpointCommand)
      .callsFake(() => ({
        EndpointStatus: endpoint.status,
        ProductionVariants: Object.entries(endpoint.weights).map(([VariantName, weight]) => ({
          VariantName,
          CurrentWeight: weight,
          DesiredWeight: weight,
          CurrentInstanceCount: 1,
        })),
      }))
      .on(UpdateEndpointWeightsAndCapacitiesCommand)
      .callsFake(({ DesiredWeightsAndCapacities }) => {
        if (endpoint.status !== "InService") {
          throw new SageMakerServiceException({
            name: "ValidationException",
            message: "Cannot update in-progress endpoint",
            $fault: "client",
            $metadata: {},
          });
        }
        for (const { VariantName, DesiredWeight } of DesiredWeightsAndCapacities) endpoint.weights[VariantName] = DesiredWeight;
        endpoint.status = "Updating";
        endpoint.updates++;
        return {};
      });
    mockClient(cloudwatch)
      .on(DescribeAlarmsCommand)
      .callsFake(({ AlarmNames }) => ({
        MetricAlarms: AlarmNames.map((AlarmName: string) => ({
          AlarmName,
          StateValue: alarming.has(AlarmName) ? "ALARM" : "OK",
        })),
      }))
      .on(PutMetricDataCommand)
      .callsFake(({ MetricData: [{ Dimensions }] }) => {
        outcomes.push(Dimensions.find(({ Name }: { Name: string }) => Name === "Outcome").Value);
        return {};
      });
    return { sagemaker, cloudwatch };
  };
  const deps = (time: string): RemediateDeps => ({
    assay: assayWith(mode),
    stage: "prod",
    ...fresh,
    ...connect(),
    nowMs: () => at(time),
  });
  const records = async () =>
    Object.values(await wire.objects(fresh.resultsBucket)).map((text): RemediationRecord => JSON.parse(text));
  return { fresh, endpoint, alarming, outcomes, deps, records };
}

const hardFailures = (time: string) => alarmEvent("assay-prod-chat-candidate-hard-failures", time);

test.each([
  { mode: "auto", status: "acted", weights: { stable: 2, candidate: 0 }, decision: "shift_traffic" },
  { mode: "approve", status: "proposed", weights: { stable: 1, candidate: 1 }, decision: "shift_traffic" },
  { mode: "observe", status: "held", weights: { stable: 1, candidate: 1 }, decision: "hold" },
] as const)("in mode $mode a failing variant's remediation is $status", async ({ mode, status, weights, decision }) => {
  const { endpoint, outcomes, deps, records } = await failingCandidate(mode);
  await expect(remediateAlarm(hardFailures("10:00:00"), deps("10:00:10"))).resolves.toMatchObject({ status });
  expect(endpoint.weights).toEqual(weights);
  expect(outcomes).toEqual([status]);
  expect(await records()).toEqual([
    expect.objectContaining({
      status,
      endpoint: "chat",
      variant: "candidate",
      cause: "model",
      since: "2026-03-02T10:00:00Z",
      decision: expect.objectContaining({ kind: decision }),
      before:
        mode === "auto"
          ? [
              { variant: "stable", weight: 1 },
              { variant: "candidate", weight: 1 },
            ]
          : null,
    }),
  ]);
});

test("repeated deliveries change and count nothing more", async () => {
  const { endpoint, outcomes, deps, records } = await failingCandidate("auto");
  for (const time of ["10:00:10", "10:00:10", "12:00:00"]) {
    await expect(remediateAlarm(hardFailures("10:00:00"), deps(time))).resolves.toMatchObject({ status: "acted" });
    endpoint.status = "InService";
  }
  expect(endpoint.updates).toBe(1);
  expect(outcomes).toEqual(["acted"]);
  expect(await records()).toHaveLength(1);
});

test("a second alarm of the same trouble waits while the endpoint is updated, then finds nothing to do", async () => {
  const { endpoint, alarming, deps, records } = await failingCandidate("auto");
  alarming.add("assay-prod-chat-candidate-latency");
  const fused = alarmEvent("assay-prod-chat-candidate-slow-and-failing", "10:00:02");
  await remediateAlarm(hardFailures("10:00:00"), deps("10:00:10"));
  await expect(remediateAlarm(fused, deps("10:00:11"))).rejects.toMatchObject({ name: "EndpointBusy" });
  expect((await records()).map(({ status }) => status).sort()).toEqual(["acted", "held"]);
  endpoint.status = "InService";
  await expect(remediateAlarm(fused, deps("10:01:11"))).resolves.toMatchObject({
    status: "held",
    because: expect.stringContaining("the last action still has 29 min"),
  });
  expect(endpoint.updates).toBe(1);
});

test("a lock that another remediation holds is waited for, and one that expired is not", async () => {
  const { fresh, endpoint, deps } = await failingCandidate("auto");
  await takeLock(fresh.table, "chat", "another", at("10:10:00"), at("09:40:00"));
  await expect(remediateAlarm(hardFailures("10:00:00"), deps("10:00:10"))).rejects.toMatchObject({
    name: "EndpointBusy",
    message: expect.stringContaining("another is acting"),
  });
  expect(endpoint.updates).toBe(0);
  await expect(remediateAlarm(hardFailures("10:00:00"), deps("10:10:00"))).resolves.toMatchObject({ status: "acted" });
});

test("what SageMaker refuses is recorded as failed, and does not keep the lock", async () => {
  const { fresh, endpoint, deps, records } = await failingCandidate("auto");
  const refused = deps("10:00:10");
  mockClient(refused.sagemaker)
    .on(DescribeEndpointCommand)
    .resolves({
      EndpointStatus: "InService",
      ProductionVariants: ["stable", "candidate"].map((VariantName) => ({
        VariantName,
        DesiredWeight: 1,
        CurrentWeight: 1,
        CurrentInstanceCount: 1,
      })),
    } as never)
    .on(UpdateEndpointWeightsAndCapacitiesCommand)
    .rejects(
      new SageMakerServiceException({
        name: "AccessDeniedException",
        message: "not authorized",
        $fault: "client",
        $metadata: {},
      }),
    );
  await expect(remediateAlarm(hardFailures("10:00:00"), refused)).resolves.toMatchObject({
    status: "failed",
    because: "AccessDeniedException: not authorized",
  });
  expect(await records()).toEqual([expect.objectContaining({ status: "failed", actedAt: null })]);
  expect(await takeLock(fresh.table, "chat", "another", at("10:30:00"), at("10:00:11"))).toBe(true);
  expect(endpoint.updates).toBe(0);
});

test.each([
  {
    it: "a latency alarm holds: this version adds no capacity",
    alarm: "assay-prod-chat-candidate-latency",
    because: "a person should look",
    endpoint: "chat",
  },
  {
    it: "a dead-letter alarm is recorded",
    alarm: "assay-prod-captures-dead-letters",
    because: "dead-letter queue",
    endpoint: null,
  },
  {
    it: "an alarm of an endpoint that was removed is recorded",
    alarm: "assay-prod-old-stable-latency",
    because: "no endpoint of assay.yml",
    endpoint: null,
  },
])("$it", async ({ alarm, because, endpoint }) => {
  const { deps, records, outcomes } = await failingCandidate("auto");
  for (const time of ["10:00:10", "10:02:00"]) {
    await expect(remediateAlarm(alarmEvent(alarm, "10:00:00"), deps(time))).resolves.toMatchObject({ status: "held" });
  }
  expect(await records()).toEqual([
    expect.objectContaining({
      alarm,
      endpoint,
      decision: { kind: "hold", because: expect.stringContaining(because), passing: false },
    }),
  ]);
  expect(outcomes).toEqual(["held"]);
});

test("an alarm that is not in ALARM leaves no trace", async () => {
  const { fresh, deps, records } = await failingCandidate("auto");
  const event = alarmEvent("assay-prod-chat-candidate-hard-failures", "10:00:00", "OK");
  expect(await remediateAlarm(event, deps("10:00:10"))).toEqual({ status: "not_in_alarm" });
  expect([await records(), await wire.items(fresh.table)]).toEqual([[], []]);
});

const clientsOf = ({ table, s3, cloudwatch, sagemaker }: RemediateDeps) => [table.client, s3, cloudwatch, sagemaker] as never[];

test("a crash before or after any call leaves one effect and, after the retry, a complete record", async () => {
  const undisturbed = await failingCandidate("auto");
  const calls = undisturbed.deps("10:00:10");
  const { calls: names } = crashing(clientsOf(calls), Number.POSITIVE_INFINITY, "lost");
  await remediateAlarm(hardFailures("10:00:00"), calls);
  const [expected] = await undisturbed.records();
  expect(names).toContain("UpdateEndpointWeightsAndCapacitiesCommand");

  for (const how of ["lost", "done"] as const) {
    for (let n = 1; n <= names.length; n++) {
      const { fresh, endpoint, deps, records } = await failingCandidate("auto");
      const doomed = deps("10:00:10");
      const { restart } = crashing(clientsOf(doomed), n, how);
      const where = `${how} ${names[n - 1]}, call ${n}`;
      await expect(remediateAlarm(hardFailures("10:00:00"), doomed)).rejects.toMatchObject({ name: "Crash" });
      restart();
      await remediateAlarm(hardFailures("10:00:00"), deps("10:01:10"));
      expect({ where, updates: endpoint.updates, weights: endpoint.weights }).toEqual({
        where,
        updates: 1,
        weights: { stable: 2, candidate: 0 },
      });
      expect({ where, records: await records() }).toEqual({
        where,
        records: [{ ...expected, decidedAt: expect.any(String), actedAt: expect.any(String) }],
      });
      expect((await wire.items(fresh.table)).filter(({ published }) => published === true)).toHaveLength(1);
    }
  }
});
