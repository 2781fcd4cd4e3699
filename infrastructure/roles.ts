import type { Assay, JudgeSettings } from "../shared/config/assay.ts";
import { arnOf, frameworkIds, type Resource, type Resources, sub, type Value } from "./cloudformation.ts";

/** The only actions that are allowed on `*`, each because AWS offers nothing narrower. */
export const onEveryResource: Readonly<Record<string, string>> = {
  "cloudwatch:PutMetricData": "metrics have no ARN; the condition on the namespace is all that can narrow it",
  "cloudwatch:GetMetricData": "metrics have no ARN; what it reads are counts",
  "application-autoscaling:DescribeScalableTargets": "a listing, which takes no resource",
  "sagemaker:ListInferenceComponents": "a listing, which takes no resource",
};

/** What a role allows. */
export type Statement = {
  Effect: "Allow";
  Action: string[];
  Resource: Value | Value[];
  Condition?: Record<string, Record<string, Value | string[]>>;
};
export const allow = (Resource: Value | Value[], ...Action: string[]): Statement => ({ Effect: "Allow", Action, Resource });
export const publishMetrics: Statement = {
  ...allow("*", "cloudwatch:PutMetricData"),
  Condition: { StringEquals: { "cloudwatch:namespace": "Assay" } },
};

const baselines: Statement = {
  ...allow(arnOf("ResultsBucket"), "s3:ListBucket"),
  Condition: { StringLike: { "s3:prefix": ["baselines/*"] } },
};
/** Which baseline is approved, and the baseline: who may not list is told "denied" of what is missing. */
export const readBaselines: Statement[] = [
  allow(sub("${ResultsBucket.Arn}/baselines/*"), "s3:GetObject"),
  baselines,
  allow(arnOf("Table"), "dynamodb:GetItem"),
];

/** One role per function that belongs to no workflow, with the calls it makes on the resources it makes them on, and no other. */
export function roles(assay: Assay): Resources {
  const { prefix } = assay.captures;
  return {
    SampleRole: role(frameworkIds.sample.logs, [
      allow(arnOf("CaptureQueue"), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"), // its event source polls as it
      allow(sub(`\${CaptureBucket.Arn}/${prefix && `${prefix}/`}*`), "s3:GetObject"),
      allow(
        ["scored", "summaries", "quarantine"].map((folder) => sub(`\${ResultsBucket.Arn}/${folder}/*`)),
        "s3:PutObject",
      ),
      allow(arnOf("Table"), "dynamodb:UpdateItem"), // claims, sampling policies, predictors: each one conditional update
      ...readBaselines, // what predicts grades; and a window's policy, and what is left of the budget
      allow(arnOf("Table"), "dynamodb:Query"), // the traffic that sampling is paced by
      allow(arnOf("JudgeQueue"), "sqs:SendMessage"),
      publishMetrics,
    ]),
    JudgeRole: role(frameworkIds.judge.logs, [
      allow(arnOf("JudgeQueue"), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"), // its event source polls as it
      allow(arnOf("JudgeQueue"), "sqs:SendMessage"), // tasks that wait for their judge go back
      allow([sub(`\${CaptureBucket.Arn}/${prefix && `${prefix}/`}*`), sub("${ResultsBucket.Arn}/judgements/*")], "s3:GetObject"),
      allow(sub("${ResultsBucket.Arn}/judgements/*"), "s3:PutObject"),
      // Whether a judgement was written before a crash: asked by its name, since a missing object cannot be told from a forbidden one.
      { ...allow(arnOf("ResultsBucket"), "s3:ListBucket"), Condition: { StringLike: { "s3:prefix": "judgements/*" } } },
      // The ledger: transactions of a reservation and its day. And the lock, which says whether a remediation is being verified.
      allow(arnOf("Table"), "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
      ...askJudges(assay),
      publishMetrics,
    ]),
  };
}

/** What asking the judges takes, also those of endpoints which are not listed; no statement where nothing is judged. */
export function askJudges({ defaults, endpoints }: Assay): Statement[] {
  const judges = [defaults, ...Object.values(endpoints)].flatMap(({ judge }) => judge ?? []);
  const each = <T>(of: (judge: JudgeSettings) => T[]) => [...new Set(judges.flatMap(of))];
  const named = each((judge) => (judge.provider === "sagemaker" ? [judge.endpoint] : []));
  const models = each((judge) => (judge.provider === "bedrock" ? [judge.model] : []));
  const secrets = each((judge) => (judge.provider === "openai" && judge.apiKeySecretArn !== null ? [judge.apiKeySecretArn] : []));
  return [
    ...(named.length === 0 ? [] : [allow(named.flatMap(endpointArns), "sagemaker:InvokeEndpoint")]),
    ...models.flatMap(invokeModel),
    ...(secrets.length === 0 ? [] : [allow(secrets, "secretsmanager:GetSecretValue")]),
  ];
}

/**
 * Converse is allowed by `bedrock:InvokeModel`. An inference profile needs it for the models that it leads to as well, in whatever region
 * these are: for them it is allowed by way of the profile only.
 * Source: Amazon Bedrock user guide, Prerequisites for inference profiles
 */
function invokeModel(model: string): Statement[] {
  const profile = profileArn(model);
  if (profile === null) {
    const arn = model.startsWith("arn:")
      ? model
      : sub(`arn:\${AWS::Partition}:bedrock:\${AWS::Region}::foundation-model/${model}`);
    return [allow(arn, "bedrock:InvokeModel")];
  }
  return [
    allow(profile, "bedrock:InvokeModel"),
    {
      ...allow(sub("arn:${AWS::Partition}:bedrock:*::foundation-model/*"), "bedrock:InvokeModel"),
      Condition: { StringEquals: { "bedrock:InferenceProfileArn": profile } },
    },
  ];
}

/** The profile that a model is served by; `null` for one that is served as it is. A profile's id has a region's word before the model's. */
function profileArn(model: string): Value | null {
  if (model.startsWith("arn:")) return /:(?:application-)?inference-profile\//.test(model) ? model : null;
  if (model.split(".").length < 3) return null;
  return sub(`arn:\${AWS::Partition}:bedrock:\${AWS::Region}:\${AWS::AccountId}:inference-profile/${model}`);
}

/** SageMaker writes a name in lower case into its ARN, whatever the case of the name. */
export function endpointArns(endpoint: string): Value[] {
  return [...new Set([endpoint, endpoint.toLowerCase()])].map((name) =>
    sub(`arn:\${AWS::Partition}:sagemaker:\${AWS::Region}:\${AWS::AccountId}:endpoint/${name}`),
  );
}

/** The role of a function, which may write its own log. */
export function role(logGroup: string, statements: Statement[]): Resource {
  // The ARN of a log group ends in ":*", its streams.
  return serviceRole("lambda.amazonaws.com", [
    allow(arnOf(logGroup), "logs:CreateLogStream", "logs:PutLogEvents"),
    ...statements,
  ]);
}

/** A role that a service takes on. */
export function serviceRole(service: string, statements: Statement[]): Resource {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
      },
      Policies: [{ PolicyName: "calls", PolicyDocument: { Version: "2012-10-17", Statement: statements } }],
    },
  };
}

/** What the children of a Distributed Map take: they are executions of its machine. By name, since the machine refers to its role. */
export function startsItself(machine: string): Statement[] {
  const states = (kind: string, rest: string) =>
    sub(`arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:${kind}:${rest}`);
  return [
    allow(states("stateMachine", machine), "states:StartExecution"),
    allow(
      [states("execution", `${machine}:*`), states("execution", `${machine}/*`)],
      "states:DescribeExecution",
      "states:StopExecution",
    ),
  ];
}
