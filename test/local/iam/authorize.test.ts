import { expect, test } from "@jest/globals";
import { createAuthorizer } from "../../../local/iam/authorize.ts";
import { createIam } from "../../../local/iam/iam.ts";
import { createResourcePolicies } from "../../../local/iam/resourcePolicies.ts";
import { AwsError, type Call, type Principal } from "../../../local/world.ts";
import { recordingWorld } from "../recordingWorld.ts";

const call: Call = { principal: { kind: "admin" }, requestId: "r" };
const admin: Principal = { kind: "admin" };
const sample: Principal = { kind: "role", roleArn: "arn:aws:iam::000000000000:role/sample", sessionName: "session" };
const rule: Principal = {
  kind: "service",
  service: "events.amazonaws.com",
  sourceArn: "arn:aws:events:eu-west-1:000000000000:rule/r",
};
const queueUrl = { QueueUrl: "http://127.0.0.1:4566/000000000000/q" };
const queueArn = "arn:aws:sqs:eu-west-1:000000000000:q";
const grants = [
  { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: ["arn:aws:s3:::b/in/*", "arn:aws:s3:::b/out/*"] },
  {
    Effect: "Allow",
    Action: "cloudwatch:PutMetricData",
    Resource: "*",
    Condition: { StringEquals: { "cloudwatch:namespace": "Assay" } },
  },
  {
    Effect: "Allow",
    Action: "s3:ListBucket",
    Resource: "arn:aws:s3:::b",
    Condition: { StringLike: { "s3:prefix": "out/*" } },
  },
];
const trust = { Statement: { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" } };

function account() {
  const { world } = recordingWorld();
  const iam = createIam(world);
  const resourcePolicies = createResourcePolicies();
  iam.operations.CreateRole!({ RoleName: "sample", AssumeRolePolicyDocument: JSON.stringify(trust) }, call);
  iam.operations.PutRolePolicy!(
    { RoleName: "sample", PolicyName: "p", PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: grants }) },
    call,
  );
  const authorizer = createAuthorizer(world, { iam, resourcePolicies });
  const refusal = (principal: Principal, service: string, operation: string, input: Record<string, unknown>): AwsError | null => {
    try {
      authorizer.authorize({ principal, service, operation, input });
      return null;
    } catch (error) {
      if (error instanceof AwsError) return error;
      throw error;
    }
  };
  return { iam, resourcePolicies, authorizer, refusal };
}

test("a refusal names principal, action and resource, in the service's own code", () => {
  const { refusal } = account();
  expect(refusal(sample, "s3", "PutObject", { Bucket: "b", Key: "else/x" })).toMatchObject({
    code: "AccessDenied",
    status: 403,
    message:
      "User: arn:aws:sts::000000000000:assumed-role/sample/session is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::b/else/x because no identity-based policy allows the s3:PutObject action",
  });
  expect(refusal(sample, "dynamodb", "GetItem", { TableName: "t" })?.code).toBe("AccessDeniedException");
  expect(refusal(rule, "sqs", "SendMessage", queueUrl)?.message).toContain(
    "because no resource-based policy allows the sqs:SendMessage action",
  );
});

const toRule = (Statement: object) => ({
  Statement: [{ Principal: { Service: "events.amazonaws.com" }, Action: "sqs:SendMessage", Resource: queueArn, ...Statement }],
});
test.each([
  {
    it: "a role: what its policy allows",
    who: sample,
    what: ["s3", "PutObject", { Bucket: "b", Key: "out/x" }],
    policy: null,
    passes: true,
  },
  {
    it: "a role: its own namespace",
    who: sample,
    what: ["monitoring", "PutMetricData", { Namespace: "Assay" }],
    policy: null,
    passes: true,
  },
  {
    it: "a role: another namespace",
    who: sample,
    what: ["monitoring", "PutMetricData", { Namespace: "Else" }],
    policy: null,
    passes: false,
  },
  {
    it: "a role: a listing of its folder",
    who: sample,
    what: ["s3", "ListObjectsV2", { Bucket: "b", Prefix: "out/x" }],
    policy: null,
    passes: true,
  },
  {
    it: "a role: a listing of everything",
    who: sample,
    what: ["s3", "ListObjectsV2", { Bucket: "b" }],
    policy: null,
    passes: false,
  },
  {
    it: "a role that is not there",
    who: { ...sample, roleArn: `${sample.roleArn}2` },
    what: ["s3", "GetObject", { Bucket: "b", Key: "in/x" }],
    policy: null,
    passes: false,
  },
  {
    it: "a role: what only the resource allows",
    who: sample,
    what: ["sqs", "SendMessage", queueUrl],
    policy: toRule({ Effect: "Allow", Principal: "*" }),
    passes: true,
  },
  {
    it: "a service: what the resource allows",
    who: rule,
    what: ["sqs", "SendMessage", queueUrl],
    policy: toRule({ Effect: "Allow", Condition: { ArnEquals: { "aws:SourceArn": rule.sourceArn } } }),
    passes: true,
  },
  {
    it: "a service: for another source",
    who: rule,
    what: ["sqs", "SendMessage", queueUrl],
    policy: toRule({ Effect: "Allow", Condition: { ArnEquals: { "aws:SourceArn": `${rule.sourceArn}2` } } }),
    passes: false,
  },
  {
    it: "a service: by its account",
    who: rule,
    what: ["sqs", "SendMessage", queueUrl],
    policy: toRule({ Effect: "Allow", Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } } }),
    passes: true,
  },
  { it: "the administrator: everything", who: admin, what: ["sqs", "SendMessage", queueUrl], policy: null, passes: true },
  {
    it: "the administrator: not what the resource forbids",
    who: admin,
    what: ["sqs", "SendMessage", queueUrl],
    policy: toRule({ Effect: "Deny", Principal: "*" }),
    passes: false,
  },
  {
    it: "a Deny without TLS does not meet the loopback",
    who: admin,
    what: ["sqs", "SendMessage", queueUrl],
    policy: toRule({ Effect: "Deny", Principal: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
    passes: true,
  },
] as const)("$it", ({ who, what: [service, operation, input], policy, passes }) => {
  const { refusal, resourcePolicies } = account();
  if (policy) resourcePolicies.setResourcePolicy(queueArn, policy);
  expect(refusal(who, service, operation, input) === null).toBe(passes);
});

test("a bucket's policy speaks for its objects, a function's for its versions", () => {
  const { refusal, resourcePolicies } = account();
  const deny = (Resource: string) => ({ Statement: [{ Effect: "Deny", Principal: "*", Action: "*", Resource }] });
  resourcePolicies.setResourcePolicy("arn:aws:s3:::b", deny("arn:aws:s3:::b/*"));
  resourcePolicies.setResourcePolicy("arn:aws:lambda:eu-west-1:000000000000:function:f", deny("*"));
  expect(refusal(admin, "s3", "GetObject", { Bucket: "b", Key: "x" })?.message).toContain(
    "with an explicit deny in a resource-based policy",
  );
  expect(refusal(admin, "s3", "HeadBucket", { Bucket: "b" })).toBeNull();
  expect(refusal(admin, "lambda", "Invoke", { FunctionName: "f", Qualifier: "1" })).not.toBeNull();
  resourcePolicies.setResourcePolicy("arn:aws:s3:::b", null);
  expect(refusal(admin, "s3", "GetObject", { Bucket: "b", Key: "x" })).toBeNull();
});

test("one grant can be taken away, and only that one", () => {
  const { iam, refusal } = account();
  expect(iam.grantsOf("sample")).toEqual([
    { action: "s3:GetObject", resource: "arn:aws:s3:::b/in/*" },
    { action: "s3:GetObject", resource: "arn:aws:s3:::b/out/*" },
    { action: "s3:PutObject", resource: "arn:aws:s3:::b/in/*" },
    { action: "s3:PutObject", resource: "arn:aws:s3:::b/out/*" },
    { action: "cloudwatch:PutMetricData", resource: "*" },
    { action: "s3:ListBucket", resource: "arn:aws:s3:::b" },
  ]);
  const refused = () =>
    [
      ["s3", "GetObject", { Bucket: "b", Key: "in/x" }],
      ["s3", "GetObject", { Bucket: "b", Key: "out/x" }],
      ["s3", "PutObject", { Bucket: "b", Key: "in/x" }],
      ["monitoring", "PutMetricData", { Namespace: "Assay" }],
      // Its condition holds on while another grant is away.
      ["monitoring", "PutMetricData", { Namespace: "Else" }],
    ].map(
      ([service, operation, input]) =>
        refusal(sample, service as string, operation as string, input as Record<string, unknown>) !== null,
    );
  expect(refused()).toEqual([false, false, false, false, true]);
  iam.suspend("sample", "s3:GetObject", "arn:aws:s3:::b/in/*");
  expect(refused()).toEqual([true, false, false, false, true]);
  iam.suspend("sample", "s3:GetObject");
  expect(refused()).toEqual([true, true, false, false, true]);
  iam.restore();
  expect(refused()).toEqual([false, false, false, false, true]);
});

test("who may not list a bucket is known, since S3 hides from it that a key is missing", () => {
  const { authorizer, iam } = account();
  expect(authorizer.mayList(sample, "b")).toBe(false);
  expect(authorizer.mayList(admin, "b")).toBe(true);
  const list = { Statement: [{ Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws:s3:::b" }] };
  iam.operations.PutRolePolicy!({ RoleName: "sample", PolicyName: "list", PolicyDocument: JSON.stringify(list) }, call);
  expect(authorizer.mayList(sample, "b")).toBe(true);
});

test("a role's trust decides which service may act as it", () => {
  const { iam } = account();
  expect(iam.trusts(sample.roleArn, "lambda.amazonaws.com")).toBe(true);
  expect(iam.trusts(sample.roleArn, "states.amazonaws.com")).toBe(false);
  expect(iam.trusts(`${sample.roleArn}2`, "lambda.amazonaws.com")).toBe(false);
});

test.each([
  {
    it: "a role twice",
    operation: "CreateRole",
    input: { RoleName: "sample", AssumeRolePolicyDocument: "{}" },
    code: "EntityAlreadyExists",
  },
  { it: "a role with policies", operation: "DeleteRole", input: { RoleName: "sample" }, code: "DeleteConflict" },
  { it: "a role that is not there", operation: "GetRole", input: { RoleName: "x" }, code: "NoSuchEntity" },
  {
    it: "a policy that cannot be evaluated",
    operation: "PutRolePolicy",
    input: { RoleName: "sample", PolicyName: "x", PolicyDocument: "{" },
    code: "MalformedPolicyDocument",
  },
  {
    it: "a member that is not honoured",
    operation: "CreateRole",
    input: { RoleName: "x", AssumeRolePolicyDocument: "{}", PermissionsBoundary: "arn" },
    code: "ValidationError",
  },
])("IAM refuses $it", ({ operation, input, code }) => {
  const { iam } = account();
  expect(() => iam.operations[operation]!(input, call)).toThrow(expect.objectContaining({ code }));
});
