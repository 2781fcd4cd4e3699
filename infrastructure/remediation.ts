import type { Assay } from "../shared/config/assay.ts";
import { arnOf, frameworkIds, type Resources, sub, tlsOnly, type Value } from "./cloudformation.ts";
import { allow, endpointArns, publishMetrics, role, type Statement, serviceRole } from "./roles.ts";
import { stateMachine } from "./stateMachine.ts";

/** The topic that people subscribe to. */
const topicArn: Value = { "Fn::GetAtt": ["PagesTopic", "TopicArn"] };

/** What decides and what carries out: the remediate function's role, the workflow with its tasks' roles, and the topic of its pages. */
export function remediation(assay: Assay, stage: string): Resources {
  const { remediate, remediationAct, remediationInspect, remediationVerify, remediationDeepen, remediationFinish } = frameworkIds;
  const endpoints = Object.keys(assay.endpoints).flatMap(endpointArns);
  const regional = (service: string, rest: string) =>
    sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`);
  // Enough for metric alarms. Composite alarms are shown only to who may see every alarm of the account; nobody asks for them.
  const alarms = regional("cloudwatch", `alarm:assay-${stage}-*`);
  const sageMaker = (kind: string) => regional("sagemaker", `${kind}/*`);
  /** An endpoint with its inference components, which are listed only where there may be some. */
  const inService: Statement[] = [
    allow(endpoints, "sagemaker:DescribeEndpoint"),
    allow(sageMaker("inference-component"), "sagemaker:DescribeInferenceComponent"),
    allow("*", "sagemaker:ListInferenceComponents"),
  ];
  const configurations = sageMaker("endpoint-config"); // whatever it served before has a name of its own
  const page = allow(topicArn, "sns:Publish");
  /** The record, the lock and the finding; the record's copy; its metrics. */
  const records: Statement[] = [
    allow(arnOf("Table"), "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
    allow(sub("${ResultsBucket.Arn}/remediations/*"), "s3:PutObject"),
    publishMetrics,
  ];
  const reported = [
    "windows/*",
    "summaries/*",
    "judgements/*",
    "baselines/*",
    "comparisons/*",
    "coverage/*",
    "agreement/*",
    "anchors/*",
    "signals/*",
  ];
  const books = ["windows/*", "summaries/*", "judgements/*"];
  return {
    RemediateRole: role(remediate.logs, [
      ...records,
      page,
      ...inService,
      allow(configurations, "sagemaker:DescribeEndpointConfig"),
      allow(alarms, "cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"),
      allow("*", "application-autoscaling:DescribeScalableTargets"),
      allow(arnOf("RemediationStateMachine"), "states:StartExecution"),
      allow(arnOf("RemediateDeadLetterQueue"), "sqs:SendMessage"), // Lambda sends what failed three times as it
    ]),
    // Alarms tell of a change once. What was held then (a spike that may pass) is asked about again.
    RemediationTick: {
      Type: "AWS::Events::Rule",
      Properties: {
        Name: `assay-${stage}-remediation-tick`,
        Description: "Asks about every alarm that is on",
        ScheduleExpression: "rate(15 minutes)",
        Targets: [{ Id: "remediate", Arn: arnOf(remediate.lambda), Input: JSON.stringify({ source: "assay.tick" }) }],
      },
    },
    RemediationTickMayInvokeRemediate: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: arnOf(remediate.lambda),
        Action: "lambda:InvokeFunction",
        Principal: "events.amazonaws.com",
        SourceArn: arnOf("RemediationTick"),
      },
    },
    RemediationActRole: role(remediationAct.logs, [
      ...records,
      ...inService,
      allow(endpoints, "sagemaker:UpdateEndpointWeightsAndCapacities"),
      allow([...endpoints, configurations], "sagemaker:UpdateEndpoint"),
      allow(configurations, "sagemaker:DescribeEndpointConfig"),
      // SageMaker asks by this role for the alarms that send a deployment back, and else refuses it or never goes back.
      allow(alarms, "cloudwatch:DescribeAlarms"),
      // Of a configuration that does not capture, with the capture of the present one; it passes no role.
      allow(regional("sagemaker", "endpoint-config/assay-captured-*"), "sagemaker:CreateEndpointConfig"),
      allow(
        sageMaker("inference-component"),
        "sagemaker:UpdateInferenceComponent",
        "sagemaker:UpdateInferenceComponentRuntimeConfig",
      ),
      allow("*", "application-autoscaling:DescribeScalableTargets"),
      // Scalable targets have ids of their own, not the endpoints' names.
      allow(regional("application-autoscaling", "scalable-target/*"), "application-autoscaling:RegisterScalableTarget"),
    ]),
    RemediationInspectRole: role(remediationInspect.logs, [...records, ...inService]),
    RemediationVerifyRole: role(remediationVerify.logs, [
      ...records,
      ...inService,
      allow(alarms, "cloudwatch:DescribeAlarms"),
      allow(
        books.map((folder) => sub(`\${ResultsBucket.Arn}/${folder}`)),
        "s3:GetObject",
      ),
      { ...allow(arnOf("ResultsBucket"), "s3:ListBucket"), Condition: { StringLike: { "s3:prefix": books } } },
    ]),
    RemediationDeepenRole: role(remediationDeepen.logs, [
      ...records,
      // What runs, for what one instance more costs.
      allow(endpoints, "sagemaker:DescribeEndpoint"),
      allow(configurations, "sagemaker:DescribeEndpointConfig"),
    ]),
    RemediationFinishRole: role(remediationFinish.logs, [
      ...records,
      page,
      // Its report: what the endpoint did before and after, by figures. No captured text.
      allow(sub("${ResultsBucket.Arn}/reports/remediations/*"), "s3:PutObject"),
      allow(
        reported.map((folder) => sub(`\${ResultsBucket.Arn}/${folder}`)),
        "s3:GetObject",
      ),
      { ...allow(arnOf("ResultsBucket"), "s3:ListBucket"), Condition: { StringLike: { "s3:prefix": reported } } },
      allow(arnOf("Table"), "dynamodb:Query"),
      allow("*", "cloudwatch:GetMetricData"),
    ]),
    RemediationMachineRole: serviceRole("states.amazonaws.com", [
      allow(
        [remediationAct, remediationInspect, remediationVerify, remediationDeepen, remediationFinish].map(({ lambda }) =>
          arnOf(lambda),
        ),
        "lambda:InvokeFunction",
      ),
    ]),
    RemediationStateMachine: stateMachine(stage, "remediation", "RemediationMachineRole", {
      ActFunctionArn: remediationAct.lambda,
      InspectFunctionArn: remediationInspect.lambda,
      VerifyFunctionArn: remediationVerify.lambda,
      DeepenFunctionArn: remediationDeepen.lambda,
      FinishFunctionArn: remediationFinish.lambda,
    }),
    PagesTopic: {
      Type: "AWS::SNS::Topic",
      Properties: {
        TopicName: `assay-${stage}-pages`,
        DisplayName: "Assay",
        KmsMasterKeyId: "alias/aws/sns", // whoever may publish may use this key through SNS, without a grant
      },
    },
    PagesTopicPolicy: {
      Type: "AWS::SNS::TopicPolicy",
      Properties: {
        Topics: [{ Ref: "PagesTopic" }],
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [tlsOnly("sns:Publish", topicArn)],
        },
      },
    },
  };
}
