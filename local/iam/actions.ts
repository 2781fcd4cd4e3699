import { notImplemented } from "../world.ts";

/** One permission that a call needs. `context` adds condition keys that only this action has, in lower case. */
export type Access = { action: string; resource: string; context?: Record<string, string> };
type Input = Record<string, unknown>;
type Place = { region: string; accountId: string };
type Needs = (input: Input, place: Place) => Access[];

/**
 * The permissions that an operation needs: IAM's actions are not the API's operations (HeadObject needs `s3:GetObject`,
 * a batch needs the single action, a transaction each of its items').
 * @throws AwsError NotImplemented for an operation that is not listed: guessing would allow what AWS refuses
 * Source: Service authorization reference, the page of each service
 */
export function accessesOf(service: string, operation: string, input: Input, place: Place): Access[] {
  const table = Object.hasOwn(tables, service) ? tables[service]! : {};
  const needs = Object.hasOwn(table, operation) ? table[operation] : undefined;
  if (!needs) throw notImplemented(service, `${operation} (which permissions it needs is unknown)`);
  return needs(input, place);
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): Input[] => (Array.isArray(value) ? (value as Input[]) : []);
const arn = (service: string, { region, accountId }: Place, rest: string) => `arn:aws:${service}:${region}:${accountId}:${rest}`;
const isArn = (value: string) => value.startsWith("arn:");

/** Operations whose action has the operation's own name, all on the same kind of resource. */
function same(service: string, operations: string[], resource: (input: Input, place: Place) => string): Record<string, Needs> {
  return Object.fromEntries(
    operations.map((operation) => [
      operation,
      (input, place) => [{ action: `${service}:${operation}`, resource: resource(input, place) }],
    ]),
  );
}

/** Operations that need one action of another name. */
function renamed(actions: Record<string, string>, resource: (input: Input, place: Place) => string): Record<string, Needs> {
  return Object.fromEntries(
    Object.entries(actions).map(([operation, action]) => [
      operation,
      (input, place) => [{ action, resource: resource(input, place) }],
    ]),
  );
}

const anything = () => "*";
/** Setting a role on a resource hands that role's permissions on. */
const passRole = (role: unknown): Access[] => (text(role) ? [{ action: "iam:PassRole", resource: text(role) }] : []);

const bucket = ({ Bucket }: Input) => `arn:aws:s3:::${text(Bucket)}`;
const object = ({ Bucket, Key }: Input) => `arn:aws:s3:::${text(Bucket)}/${text(Key)}`;
/** A source that is not given cannot be checked: only who may read everything passes. */
const copySource = ({ CopySource }: Input) =>
  `arn:aws:s3:::${decodeURIComponent(text(CopySource) || "*")
    .replace(/^\//, "")
    .replace(/\?versionId=.*$/, "")}`;
/** A missing prefix lists everything, and is the empty one to a condition. */
const listing: Needs = (input) => [
  { action: "s3:ListBucket", resource: bucket(input), context: { "s3:prefix": text(input.Prefix) } },
];
const copy: Needs = (input) => [
  { action: "s3:GetObject", resource: copySource(input) },
  { action: "s3:PutObject", resource: object(input) },
];
const s3: Record<string, Needs> = {
  ...renamed(
    {
      GetObject: "s3:GetObject",
      HeadObject: "s3:GetObject",
      GetObjectAttributes: "s3:GetObject",
      PutObject: "s3:PutObject",
      CreateMultipartUpload: "s3:PutObject",
      UploadPart: "s3:PutObject",
      CompleteMultipartUpload: "s3:PutObject",
      AbortMultipartUpload: "s3:AbortMultipartUpload",
      ListParts: "s3:ListMultipartUploadParts",
      DeleteObject: "s3:DeleteObject",
    },
    object,
  ),
  ...renamed(
    {
      HeadBucket: "s3:ListBucket",
      ListObjectVersions: "s3:ListBucketVersions",
      ListMultipartUploads: "s3:ListBucketMultipartUploads",
      GetBucketEncryption: "s3:GetEncryptionConfiguration",
      PutBucketEncryption: "s3:PutEncryptionConfiguration",
      DeleteBucketEncryption: "s3:PutEncryptionConfiguration",
      GetPublicAccessBlock: "s3:GetBucketPublicAccessBlock",
      PutPublicAccessBlock: "s3:PutBucketPublicAccessBlock",
      DeletePublicAccessBlock: "s3:PutBucketPublicAccessBlock",
      GetBucketLifecycleConfiguration: "s3:GetLifecycleConfiguration",
      PutBucketLifecycleConfiguration: "s3:PutLifecycleConfiguration",
      DeleteBucketLifecycle: "s3:PutLifecycleConfiguration",
      DeleteBucketLifecycleConfiguration: "s3:PutLifecycleConfiguration",
      GetBucketNotificationConfiguration: "s3:GetBucketNotification",
      PutBucketNotificationConfiguration: "s3:PutBucketNotification",
    },
    bucket,
  ),
  ...same(
    "s3",
    ["CreateBucket", "DeleteBucket", "GetBucketLocation", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"],
    bucket,
  ),
  ...same("s3", ["GetBucketVersioning", "PutBucketVersioning", "GetBucketTagging", "PutBucketTagging"], bucket),
  ...renamed({ ListBuckets: "s3:ListAllMyBuckets" }, anything),
  ListObjects: listing,
  ListObjectsV2: listing,
  CopyObject: copy,
  UploadPartCopy: copy,
  DeleteObjects: (input) => {
    const keys = list((input.Delete as Input | undefined)?.Objects).map(({ Key }) => text(Key));
    // Without the keys, only who may delete everything passes.
    return (keys.length > 0 ? keys : ["*"]).map((Key) => ({ action: "s3:DeleteObject", resource: object({ ...input, Key }) }));
  },
};

const queue = ({ QueueUrl, QueueName }: Input, place: Place) =>
  arn("sqs", place, text(QueueName) || text(QueueUrl).split("/").at(-1)!);
const sqs: Record<string, Needs> = {
  ...renamed(
    {
      SendMessageBatch: "sqs:SendMessage",
      DeleteMessageBatch: "sqs:DeleteMessage",
      ChangeMessageVisibilityBatch: "sqs:ChangeMessageVisibility",
    },
    queue,
  ),
  ...same("sqs", ["SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "PurgeQueue"], queue),
  ...same("sqs", ["GetQueueUrl", "GetQueueAttributes", "SetQueueAttributes", "CreateQueue", "DeleteQueue"], queue),
  ...same("sqs", ["ListQueueTags", "TagQueue", "UntagQueue", "ListDeadLetterSourceQueues"], queue),
  ...same("sqs", ["ListQueues"], anything),
  StartMessageMoveTask: ({ SourceArn, DestinationArn }) => [
    ...["StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((action) => ({
      action: `sqs:${action}`,
      resource: text(SourceArn),
    })),
    { action: "sqs:SendMessage", resource: text(DestinationArn) || "*" },
  ],
};

const table = (name: unknown, place: Place) => (isArn(text(name)) ? text(name) : arn("dynamodb", place, `table/${text(name)}`));
const tableOf = ({ TableName }: Input, place: Place) => table(TableName, place);
const tableOrIndex = ({ TableName, IndexName }: Input, place: Place) =>
  table(TableName, place) + (IndexName ? `/index/${text(IndexName)}` : "");
const batch =
  (action: string): Needs =>
  ({ RequestItems }, place) =>
    Object.keys((RequestItems ?? {}) as Input).map((name) => ({ action, resource: table(name, place) }));
const transactedActions: Record<string, string> = {
  Put: "dynamodb:PutItem",
  Update: "dynamodb:UpdateItem",
  Delete: "dynamodb:DeleteItem",
  ConditionCheck: "dynamodb:ConditionCheckItem",
  Get: "dynamodb:GetItem",
};
const transaction: Needs = ({ TransactItems }, place) =>
  list(TransactItems).flatMap((item) =>
    Object.entries(item).map(([kind, request]) => ({
      action: transactedActions[kind] ?? `dynamodb:${kind}`,
      resource: tableOf(request as Input, place),
    })),
  );
const dynamodb: Record<string, Needs> = {
  ...same("dynamodb", ["GetItem", "PutItem", "UpdateItem", "DeleteItem"], tableOf),
  ...same("dynamodb", ["Query", "Scan"], tableOrIndex),
  ...same(
    "dynamodb",
    ["CreateTable", "DescribeTable", "UpdateTable", "DeleteTable", "UpdateTimeToLive", "DescribeTimeToLive"],
    tableOf,
  ),
  ...same("dynamodb", ["UpdateContinuousBackups", "DescribeContinuousBackups"], tableOf),
  ...same("dynamodb", ["ListTables"], anything),
  BatchGetItem: batch("dynamodb:BatchGetItem"),
  BatchWriteItem: batch("dynamodb:BatchWriteItem"),
  TransactWriteItems: transaction,
  TransactGetItems: transaction,
};

const alarm = (name: string) => (_: Input, place: Place) => arn("cloudwatch", place, `alarm:${name}`);
const alarmOf = (input: Input, place: Place) => alarm(text(input.AlarmName))(input, place);
/** Dashboards belong to no region. */
const dashboard = ({ DashboardName }: Input, { accountId }: Place) =>
  `arn:aws:cloudwatch::${accountId}:dashboard/${text(DashboardName)}`;
const monitoring: Record<string, Needs> = {
  PutMetricData: ({ Namespace }) => [
    { action: "cloudwatch:PutMetricData", resource: "*", context: { "cloudwatch:namespace": text(Namespace) } },
  ],
  ...same("cloudwatch", ["GetMetricData", "GetMetricStatistics", "ListMetrics", "ListDashboards"], anything),
  ...same("cloudwatch", ["PutDashboard", "GetDashboard"], dashboard),
  DeleteDashboards: ({ DashboardNames }, place) =>
    ((DashboardNames ?? []) as string[]).map((DashboardName) => ({
      action: "cloudwatch:DeleteDashboards",
      resource: dashboard({ DashboardName }, place),
    })),
  // Composite alarms are shown only to who may see every alarm. Source: API reference, DescribeAlarms.
  DescribeAlarms: ({ AlarmNames, AlarmNamePrefix, AlarmTypes }, place) => {
    const isComposite = ((AlarmTypes ?? []) as string[]).includes("CompositeAlarm");
    const names = (AlarmNames ?? [`${text(AlarmNamePrefix)}*`]) as string[];
    const resources = isComposite ? ["*"] : names.map((name) => alarm(name)({}, place));
    return resources.map((resource) => ({ action: "cloudwatch:DescribeAlarms", resource }));
  },
  ...same("cloudwatch", ["PutMetricAlarm", "PutCompositeAlarm", "SetAlarmState"], alarmOf),
  ...same("cloudwatch", ["DescribeAlarmHistory"], (input, place) => alarm(text(input.AlarmName) || "*")(input, place)),
  DeleteAlarms: (input, place) =>
    ((input.AlarmNames ?? []) as string[]).map((name) => ({
      action: "cloudwatch:DeleteAlarms",
      resource: alarm(name)(input, place),
    })),
};

const group = ({ logGroupName, logGroupIdentifier }: Input, place: Place) =>
  arn("logs", place, `log-group:${text(logGroupName) || text(logGroupIdentifier) || "*"}`);
const stream = (input: Input, place: Place) => `${group(input, place)}:log-stream:${text(input.logStreamName)}`;
const logs: Record<string, Needs> = {
  ...same("logs", ["CreateLogStream", "PutLogEvents", "GetLogEvents", "DeleteLogStream"], stream),
  ...same("logs", ["CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "DescribeSubscriptionFilters"], group),
  // These two ask for the group with everything in it.
  ...same("logs", ["DescribeLogStreams", "FilterLogEvents"], (input, place) => `${group(input, place)}:log-stream:`),
  ...same("logs", ["DescribeLogGroups"], group),
};

const lambdaFunction = ({ FunctionName, Qualifier }: Input, place: Place) => {
  const named = text(FunctionName);
  const whole = isArn(named) ? named : arn("lambda", place, `function:${named.replace(/^.*function:/, "")}`);
  return Qualifier ? `${whole}:${text(Qualifier)}` : whole;
};
const mapping = ({ UUID }: Input, place: Place) => arn("lambda", place, `event-source-mapping:${text(UUID) || "*"}`);
const lambda: Record<string, Needs> = {
  ...renamed({ Invoke: "lambda:InvokeFunction", InvokeAsync: "lambda:InvokeFunction" }, lambdaFunction),
  ...renamed({ InvokeWithResponseStream: "lambda:InvokeFunction" }, lambdaFunction),
  ...same(
    "lambda",
    ["GetFunction", "GetFunctionConfiguration", "GetPolicy", "UpdateFunctionCode", "DeleteFunction"],
    lambdaFunction,
  ),
  ...same("lambda", ["AddPermission", "RemovePermission", "PutFunctionEventInvokeConfig"], lambdaFunction),
  ...same("lambda", ["GetFunctionEventInvokeConfig", "DeleteFunctionEventInvokeConfig"], lambdaFunction),
  ...same("lambda", ["ListFunctions", "ListEventSourceMappings", "CreateEventSourceMapping"], anything),
  ...same("lambda", ["GetEventSourceMapping", "UpdateEventSourceMapping", "DeleteEventSourceMapping"], mapping),
  CreateFunction: (input, place) => [
    { action: "lambda:CreateFunction", resource: lambdaFunction(input, place) },
    ...passRole(input.Role),
  ],
  UpdateFunctionConfiguration: (input, place) => [
    { action: "lambda:UpdateFunctionConfiguration", resource: lambdaFunction(input, place) },
    ...passRole(input.Role),
  ],
};

/** SageMaker's ARNs are in lower case, whatever case the name has. */
const sagemakerArn = (kind: string, name: unknown, place: Place) =>
  arn("sagemaker", place, `${kind}/${text(name).toLowerCase()}`);
const endpoint = ({ EndpointName }: Input, place: Place) => sagemakerArn("endpoint", EndpointName, place);
const endpointConfig = ({ EndpointConfigName }: Input, place: Place) =>
  sagemakerArn("endpoint-config", EndpointConfigName, place);
const model = ({ ModelName }: Input, place: Place) => sagemakerArn("model", ModelName, place);
const component = ({ InferenceComponentName }: Input, place: Place) =>
  sagemakerArn("inference-component", InferenceComponentName, place);
const endpointAndConfig =
  (action: string): Needs =>
  (input, place) => [
    { action, resource: endpoint(input, place) },
    { action, resource: endpointConfig(input, place) },
  ];
const sagemaker: Record<string, Needs> = {
  ...renamed(
    { InvokeEndpoint: "sagemaker:InvokeEndpoint", InvokeEndpointWithResponseStream: "sagemaker:InvokeEndpoint" },
    endpoint,
  ),
  ...same("sagemaker", ["DescribeEndpoint", "DeleteEndpoint", "UpdateEndpointWeightsAndCapacities"], endpoint),
  ...same("sagemaker", ["CreateEndpointConfig", "DescribeEndpointConfig", "DeleteEndpointConfig"], endpointConfig),
  ...same("sagemaker", ["DescribeModel", "DeleteModel"], model),
  ...same(
    "sagemaker",
    [
      ...["CreateInferenceComponent", "DescribeInferenceComponent", "DeleteInferenceComponent"],
      ...["UpdateInferenceComponent", "UpdateInferenceComponentRuntimeConfig"],
    ],
    component,
  ),
  ...same("sagemaker", ["ListEndpoints", "ListEndpointConfigs", "ListModels", "ListInferenceComponents"], anything),
  CreateEndpoint: endpointAndConfig("sagemaker:CreateEndpoint"),
  UpdateEndpoint: endpointAndConfig("sagemaker:UpdateEndpoint"),
  CreateModel: (input, place) => [
    { action: "sagemaker:CreateModel", resource: model(input, place) },
    ...passRole(input.ExecutionRoleArn),
  ],
};

const states: Record<string, Needs> = {
  ...same("states", ["DescribeStateMachine", "ListExecutions", "DeleteStateMachine"], ({ stateMachineArn }) =>
    text(stateMachineArn),
  ),
  // The children of a Distributed Map (`stateMachine:NAME/LABEL`) are started by the permission on the machine itself.
  ...same("states", ["StartExecution"], ({ stateMachineArn }) => text(stateMachineArn).replace(/\/.*$/, "")),
  ...same("states", ["DescribeExecution", "StopExecution", "GetExecutionHistory"], ({ executionArn }) => text(executionArn)),
  ...same("states", ["ListStateMachines"], anything),
  CreateStateMachine: ({ name, roleArn }, place) => [
    { action: "states:CreateStateMachine", resource: arn("states", place, `stateMachine:${text(name)}`) },
    ...passRole(roleArn),
  ],
  UpdateStateMachine: ({ stateMachineArn, roleArn }) => [
    { action: "states:UpdateStateMachine", resource: text(stateMachineArn) },
    ...passRole(roleArn),
  ],
};

const rule = ({ Name, Rule }: Input, place: Place) => arn("events", place, `rule/${text(Name) || text(Rule)}`);
const events: Record<string, Needs> = {
  ...same("events", ["PutRule", "DescribeRule", "DeleteRule", "EnableRule", "DisableRule", "ListTargetsByRule"], rule),
  ...same("events", ["RemoveTargets"], rule),
  PutTargets: (input, place) => [
    { action: "events:PutTargets", resource: rule(input, place) },
    ...list(input.Targets).flatMap(({ RoleArn }) => passRole(RoleArn)),
  ],
  ...same("events", ["ListRules"], (_, place) => arn("events", place, "rule/*")),
  PutEvents: ({ Entries }, place) =>
    list(Entries).map(({ EventBusName }) => ({
      action: "events:PutEvents",
      resource: isArn(text(EventBusName))
        ? text(EventBusName)
        : arn("events", place, `event-bus/${text(EventBusName) || "default"}`),
    })),
};

const target = ({ ResourceId }: Input, place: Place) =>
  arn("application-autoscaling", place, `scalable-target/${text(ResourceId)}`);
const autoscaling: Record<string, Needs> = {
  ...same(
    "application-autoscaling",
    ["DescribeScalableTargets", "DescribeScalingPolicies", "DescribeScalingActivities"],
    anything,
  ),
  ...same("application-autoscaling", ["RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy"], target),
};

const topic = ({ TopicArn }: Input) => text(TopicArn);
const sns: Record<string, Needs> = {
  ...same("sns", ["Publish", "DeleteTopic", "SetTopicAttributes"], topic),
  ...same("sns", ["CreateTopic"], ({ Name }, place) => arn("sns", place, text(Name))),
  ...same("sns", ["ListTopics"], anything),
};

/** What a model is served by, where it has no ARN already: itself, or a profile, whose id has a region's word before the model's. */
const bedrock: Record<string, Needs> = {
  // An inference profile needs the permission for itself and, by way of itself, for its model.
  Converse: ({ modelId }, place) => {
    const model = text(modelId);
    const parts = model.split(".");
    const profile = parts.length < 3 ? null : arn("bedrock", place, `inference-profile/${model}`);
    const served = profile === null ? model : parts.slice(1).join(".");
    const action = "bedrock:InvokeModel";
    if (isArn(model)) return [{ action, resource: model }];
    const foundation = { action, resource: `arn:aws:bedrock:${place.region}::foundation-model/${served}` };
    if (profile === null) return [foundation];
    return [
      { action, resource: profile },
      { ...foundation, context: { "bedrock:inferenceprofilearn": profile } },
    ];
  },
};

const secret = ({ SecretId, Name }: Input, place: Place) =>
  isArn(text(SecretId)) ? text(SecretId) : arn("secretsmanager", place, `secret:${text(SecretId) || text(Name)}`);

const tables: Record<string, Record<string, Needs>> = {
  bedrock,
  secretsmanager: same("secretsmanager", ["CreateSecret", "GetSecretValue"], secret),
  s3,
  sqs,
  dynamodb,
  monitoring,
  logs,
  lambda,
  sagemaker,
  states,
  events,
  sns,
  "application-autoscaling": autoscaling,
  sts: renamed({ GetCallerIdentity: "sts:GetCallerIdentity" }, anything),
};
