import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Embedded, region, startEmbedded } from "../../embeddedAws.ts";

let aws: Embedded;
beforeAll(async () => {
  aws = await startEmbedded();
});
afterAll(() => aws.stop());

const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=local/20260302/${region}/${service}/aws4_request, SignedHeaders=host, Signature=x`,
});
async function ask<T>(operation: string, input: object): Promise<T> {
  const headers = { ...signedFor("states"), "x-amz-target": `AWSStepFunctions.${operation}` };
  return (await fetch(aws.endpoint, { method: "POST", headers, body: JSON.stringify(input) })).json() as Promise<T>;
}

const trust = (Service: string) => ({ Statement: { Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" } });
const role = (service: string, Action: string, Resource: unknown) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: trust(service),
    Policies: [{ PolicyName: "p", PolicyDocument: { Statement: { Effect: "Allow", Action, Resource } } }],
  },
});
const template = {
  Resources: {
    Marks: { Type: "AWS::S3::Bucket", Properties: { BucketName: "marks" } },
    MachineRole: role("states.amazonaws.com", "s3:PutObject", "arn:aws:s3:::marks/*"),
    RuleRole: role("events.amazonaws.com", "states:StartExecution", { Ref: "Tick" }),
    Tick: {
      Type: "AWS::StepFunctions::StateMachine",
      Properties: {
        StateMachineName: "tick",
        RoleArn: { "Fn::GetAtt": ["MachineRole", "Arn"] },
        DefinitionSubstitutions: { Bucket: { Ref: "Marks" } },
        Definition: {
          StartAt: "Wait",
          States: {
            Wait: { Type: "Wait", Seconds: 90, Next: "Mark" },
            Mark: {
              Type: "Task",
              Resource: "arn:aws:states:::aws-sdk:s3:putObject",
              Parameters: { Bucket: "${Bucket}", "Key.$": "$$.State.EnteredTime", "Body.$": "$" },
              End: true,
            },
          },
        },
      },
    },
    Every: {
      Type: "AWS::Events::Rule",
      Properties: {
        ScheduleExpression: "rate(15 minutes)",
        Targets: [{ Id: "tick", Arn: { Ref: "Tick" }, RoleArn: { "Fn::GetAtt": ["RuleRole", "Arn"] }, Input: '{"a":1}' }],
      },
    },
  },
};

test("a machine of a deployed stack runs on its schedule, on the stepped clock, as its roles", async () => {
  await aws.step(Date.parse("2026-03-01T00:00:00Z"));
  const body = new URLSearchParams({
    Action: "CreateStack",
    Version: "2010-05-15",
    StackName: "s",
    "Capabilities.member.1": "CAPABILITY_IAM",
    TemplateBody: JSON.stringify(template),
  });
  expect((await fetch(aws.endpoint, { method: "POST", headers: signedFor("cloudformation"), body })).status).toBe(200);
  await aws.advance(Date.parse("2026-03-01T00:01:00Z"));
  await aws.step(Date.parse("2026-03-02T09:07:00Z"));
  await aws.advance(Date.parse("2026-03-02T09:46:00Z"));

  const stateMachineArn = `arn:aws:states:${region}:000000000000:stateMachine:tick`;
  const { executions } = await ask<{ executions: object[] }>("ListExecutions", { stateMachineArn });
  const at = (time: string) => Date.parse(`2026-03-02T${time}Z`) / 1_000;
  expect(executions).toMatchObject([
    { status: "RUNNING", startDate: at("09:45:00") },
    { status: "SUCCEEDED", startDate: at("09:30:00"), stopDate: at("09:31:30") },
    { status: "SUCCEEDED", startDate: at("09:15:00"), stopDate: at("09:16:30") },
  ]);
  const listed = await (await fetch(`${aws.endpoint}/marks?list-type=2`, { headers: signedFor("s3") })).text();
  expect([...listed.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key)).toEqual([
    "2026-03-02T09:16:30.000Z",
    "2026-03-02T09:31:30.000Z",
  ]);
  const { failedDeliveries } = await aws.control<{ failedDeliveries: unknown[] }>("happened");
  expect(failedDeliveries).toEqual([]);
});
