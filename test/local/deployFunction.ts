import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from "@aws-sdk/client-cloudformation";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { strToU8, zipSync } from "fflate";
import type { Embedded } from "../embeddedAws.ts";

type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;
type Deployed = {
  /** Source of an ES module that exports `handler`. */
  source: string;
  properties?: Record<string, unknown>;
  /** What the function may do, beyond writing its log. */
  allowed?: { Action: string[]; Resource: unknown }[];
  /** Other resources; `Function` is the function. */
  more?: Resources;
};

/** Deploys a small function, its role and its log group as a stack of the function's name. */
export async function deployFunction({ client }: Embedded, name: string, deployed: Deployed): Promise<void> {
  const { source, properties = {}, allowed = [], more = {} } = deployed;
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const bucket = `${name}-code`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const Body = zipSync({ "index.mjs": strToU8(source) });
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "code.zip", Body }));

  const log = { Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: { "Fn::GetAtt": ["Log", "Arn"] } };
  const resources: Resources = {
    Log: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: `/aws/lambda/${name}` } },
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: policy([{ Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }]),
        Policies: [{ PolicyName: "calls", PolicyDocument: policy([log, ...allowed]) }],
      },
    },
    Function: {
      Type: "AWS::Lambda::Function",
      Properties: {
        FunctionName: name,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Role: { "Fn::GetAtt": ["Role", "Arn"] },
        Code: { S3Bucket: bucket, S3Key: "code.zip" },
        ...properties,
      },
    },
    ...more,
  };
  const cloudformation = new CloudFormationClient(client);
  await cloudformation.send(
    new CreateStackCommand({
      StackName: name,
      TemplateBody: JSON.stringify({ Resources: resources }),
      Capabilities: ["CAPABILITY_IAM"],
    }),
  );
  await waitUntilStackCreateComplete(
    { client: cloudformation, maxWaitTime: 600, minDelay: 0.05, maxDelay: 0.05 },
    { StackName: name },
  );
}

const policy = (statements: object[]) => ({
  Version: "2012-10-17",
  Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
});
