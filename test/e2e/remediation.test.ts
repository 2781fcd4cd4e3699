import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { saveMonitorState } from "../../shared/aws/monitorState.ts";
import { openTable } from "../../shared/aws/table.ts";
import type { Baseline } from "../../shared/monitoring/baseline.ts";
import type { MonitorFinding } from "../../shared/monitoring/finding.ts";
import { startMonitor } from "../../shared/monitoring/monitor.ts";
import type { RemediationRecord } from "../../shared/remediation/record.ts";
import { worse } from "../shared/remediation/situations.ts";
import { goodAnswer, sameAnswer } from "./captureLines.ts";
import { createEndpoint, turnCaptureOn, weightsOf } from "./endpoint.ts";
import { type Stack, startStack } from "./stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

/** Captures one variant's answers of a minute of the day, forty of them alike. */
async function answers(variant: string, minute: string, answer: string): Promise<void> {
  const [day, time] = ["2026-03-02", minute.replace(":", "-")];
  const [hour, minutes] = time.split("-");
  await stack.aws.advance(Date.parse(`${day}T${minute}:50Z`));
  const key = `support-chat/${variant}/${day.replaceAll("-", "/")}/${hour}/${minutes}-00-118-5f0c7c1e.jsonl`;
  await stack.capture(key, sameAnswer(40, `${day}T${minute}`, answer));
}

const records = async (): Promise<RemediationRecord[]> =>
  Object.values(await stack.results("remediations/"))
    .map((text) => JSON.parse(text) as RemediationRecord)
    .filter(({ variant }) => variant !== null)
    .sort((a, b) => (a.since < b.since ? -1 : 1));
/** What was said of variants: that their judge, of whom nobody made an endpoint here, is silent is said, too. */
const pages = async () => {
  const { messages } = await stack.aws.control<{ messages: { subject: string }[] }>("published");
  return messages.map(({ subject }) => subject).filter((subject) => subject.includes("support-chat/"));
};

test("traffic goes from a failing variant to a good one, whose next answers prove that it helped", async () => {
  await stack.aws.step(Date.parse("2026-03-02T09:00:00Z"));
  await createEndpoint(stack);
  for (const minute of ["09:01", "09:11"]) await answers("stable", minute, goodAnswer);
  await answers("candidate", "09:12", goodAnswer);
  await answers("candidate", "09:21", "");
  await answers("stable", "09:31", goodAnswer);
  await stack.aws.advance(Date.parse("2026-03-02T10:30:00Z"));
  expect(await records()).toMatchObject([
    {
      variant: "candidate",
      cause: "model",
      status: "kept",
      decision: { kind: "shift_traffic", from: "candidate", to: "stable" },
      steps: ["decided", "changed", "in_service", "looked", "looked", "kept"].map((what) => ({ what })),
    },
  ]);
  expect(await weightsOf(stack)).toEqual({ stable: 2, candidate: 0 });
  expect(await pages()).toEqual([]);
  const [report] = Object.entries(await stack.results("reports/remediations/"));
  expect(report![0]).toBe(`reports/remediations/${(await records())[0]!.id}.html`);
  expect(report![1]).toContain("led to the decision to shift traffic from candidate to stable; it helped, and stays");
  expect(report![1]).toContain(">Quality over time</h2>");
});

test("a finding that no action cures is held and paged once, however often the drift workflow sends it", async () => {
  const opened = { since: "2026-03-02T10:00:00Z", openedAt: "2026-03-02T10:15:00Z" };
  const finding: MonitorFinding = { ...worse, ...opened, endpoint: "support-chat", cause: "judge" };
  // What the monitor does not know as open, remediation takes for closed.
  const table = openTable(new DynamoDBClient(stack.aws.client), stack.output("TableName"));
  const state = { ...startMonitor("support-chat", { version: "b1" } as Baseline), findings: [{ finding, undecided: null }] };
  expect(await saveMonitorState(table, state, [finding], Date.parse(opened.openedAt))).toBe(true);
  const lambda = new LambdaClient(stack.aws.client);
  const FunctionName = stack.output("RemediateFunctionName");
  for (let tick = 1; tick <= 3; tick++) {
    const Payload = JSON.stringify({ source: "assay.drift", finding });
    await lambda.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload }));
    await stack.aws.advance(Date.parse("2026-03-02T10:30:00Z") + tick * 15 * 60_000);
  }
  expect((await records()).at(-1)).toMatchObject({
    id: finding.id,
    status: "held",
    decision: { kind: "hold", because: "the judge moved, not the model: recalibrate it first" },
    steps: [{ what: "held" }],
  });
  expect(await pages()).toEqual(["Assay local: support-chat/candidate: somebody must look"]);
});

test("a variant that answers on while its disk is full is found by its missing captures, said to a person, and over when it captures again", async () => {
  const at = (time: string) => Date.parse(`2026-03-02T${time}:00Z`);
  const runtime = new SageMakerRuntimeClient(stack.aws.client);
  /** Ten requests every ten minutes, which SageMaker is to capture all. */
  const hour = async (hourOfDay: number) => {
    for (let minute = 1; minute < 60; minute += 10) {
      await stack.aws.advance(at(`${hourOfDay}:${String(minute).padStart(2, "0")}`));
      const Body = JSON.stringify({ messages: [{ role: "user", content: "Hello?" }] });
      for (let n = 0; n < 10; n++)
        await runtime.send(new InvokeEndpointCommand({ EndpointName: "support-chat", ContentType: "application/json", Body }));
    }
  };
  await turnCaptureOn(stack);
  await hour(13);
  await stack.aws.control("disks", { endpoint: "support-chat", variant: "stable", full: true });
  await hour(14);
  await stack.aws.control("disks", { endpoint: "support-chat", variant: "stable", full: false });
  await hour(15);
  await stack.aws.advance(at("16:25"));
  const coverage = Object.values(await stack.results("coverage/")).map((text) => JSON.parse(text));
  const counted = coverage.flatMap(({ hour, variants }) =>
    variants
      .filter(({ requests }: { requests: number }) => requests > 0)
      .map(({ variant, requests, records, answered }: Record<string, number>) => ({
        hour,
        variant,
        requests,
        records,
        answered,
      })),
  );
  expect(counted).toEqual([
    { hour: "2026-03-02T13:00:00Z", variant: "stable", requests: 60, records: 60, answered: 60 },
    { hour: "2026-03-02T14:00:00Z", variant: "stable", requests: 60, records: 0, answered: 0 },
  ]);
  expect((await records()).at(-1)).toMatchObject({
    cause: "capture",
    variant: "stable",
    since: "2026-03-02T14:00:00Z",
    status: "held",
  });
  expect(await pages()).toContain("Assay local: support-chat/stable: somebody must look");
  const { MetricAlarms } = await stack.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [captures] }));
  expect(MetricAlarms).toMatchObject([{ StateValue: "ALARM" }]);

  await stack.aws.advance(at("17:00"));
  expect(await stack.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [captures] }))).toMatchObject({
    MetricAlarms: [{ StateValue: "OK" }],
  });
  expect((await stack.tableItems("endpoint#support-chat")).filter(({ cause }) => cause === "capture")).toEqual([
    expect.objectContaining({ sk: expect.stringMatching(/^finding#/), status: "closed" }),
  ]);
});
const captures = "assay-local-support-chat-capture";
