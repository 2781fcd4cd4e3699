import type { Assay } from "../shared/config/assay.ts";
import { windowMs } from "../shared/monitoring/windows.ts";
import { arnOf, frameworkIds, type Resources, sub } from "./cloudformation.ts";
import {
  allow,
  askJudges,
  endpointArns,
  publishMetrics,
  readBaselines,
  role,
  type Statement,
  serviceRole,
  startsItself,
} from "./roles.ts";
import { stateMachine } from "./stateMachine.ts";

const objects = (...folders: string[]) => folders.map((folder) => sub(`\${ResultsBucket.Arn}/${folder}/*`));
const list = (...folders: string[]): Statement => ({
  ...allow(arnOf("ResultsBucket"), "s3:ListBucket"),
  Condition: { StringLike: { "s3:prefix": folders.map((folder) => `${folder}/*`) } },
});

/** The monitor and its findings: one conditional transaction of puts. */
const change: Statement[] = [...readBaselines, allow(arnOf("Table"), "dynamodb:PutItem")];

/** The workflow that looks for change: its schedule, its state machine, and the roles of both and of its functions. */
export function drift(assay: Assay, stage: string): Resources {
  const {
    driftPlan,
    driftBaseline,
    driftFold,
    driftAnchors,
    driftConclude,
    driftPublish,
    driftMeasure,
    driftCoverage,
    remediate,
  } = frameworkIds;
  const { prefix } = assay.captures;
  // What a variant runs on. The endpoint alone knows the name of its configuration, and it changes with every update.
  const describeEndpoints: Statement[] = [
    allow(Object.keys(assay.endpoints).flatMap(endpointArns), "sagemaker:DescribeEndpoint"),
    allow(
      sub("arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:endpoint-config/*"),
      "sagemaker:DescribeEndpointConfig",
    ),
  ];
  return {
    DriftPlanRole: role(driftPlan.logs, readBaselines),
    DriftBaselineRole: role(driftBaseline.logs, [
      ...readBaselines,
      allow(objects("baselines"), "s3:PutObject"),
      // The pointer to the approved one, and the ledger of judge calls; and which windows a span has.
      allow(arnOf("Table"), "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"),
      allow(objects("summaries", "judgements", "anchors", "evaluations"), "s3:GetObject"),
      list("summaries", "judgements", "anchors", "evaluations"),
      allow(objects("anchors"), "s3:PutObject"),
      allow(sub(`\${CaptureBucket.Arn}/${prefix && `${prefix}/`}*`), "s3:GetObject"), // the texts of anchors
      ...askJudges(assay),
      ...describeEndpoints,
    ]),
    DriftFoldRole: role(driftFold.logs, [
      ...change,
      allow([arnOf("Table"), sub("${Table.Arn}/index/openClaims")], "dynamodb:Query"), // windows with captures, and what is open
      allow(objects("summaries", "judgements", "windows"), "s3:GetObject"),
      list("summaries", "judgements", "windows"),
      allow(objects("windows"), "s3:PutObject"),
    ]),
    DriftAnchorsRole: role(driftAnchors.logs, [
      ...change,
      allow(arnOf("Table"), "dynamodb:UpdateItem", "dynamodb:DeleteItem"), // the ledger of judge calls
      allow(objects("anchors"), "s3:GetObject", "s3:PutObject"),
      list("anchors"),
      ...askJudges(assay),
      publishMetrics,
    ]),
    DriftConcludeRole: role(driftConclude.logs, [
      ...change,
      ...describeEndpoints,
      allow("*", "cloudwatch:GetMetricData"), // how a variant was served whose answers changed
    ]),
    DriftPublishRole: role(driftPublish.logs, [
      ...change,
      allow(objects("signals"), "s3:PutObject"), // what is known, and what is needed to know it
      allow(arnOf(remediate.lambda), "lambda:InvokeFunction"),
      publishMetrics,
    ]),
    DriftCoverageRole: role(driftCoverage.logs, [
      allow(arnOf("Table"), "dynamodb:GetItem", "dynamodb:PutItem"),
      allow(sub("${Table.Arn}/index/openClaims"), "dynamodb:Query"),
      allow(objects("windows", "summaries", "judgements"), "s3:GetObject"),
      list("windows", "summaries", "judgements"),
      allow(objects("coverage", "capacity"), "s3:PutObject"),
      ...describeEndpoints,
      allow("*", "cloudwatch:GetMetricData"),
      allow(arnOf(remediate.lambda), "lambda:InvokeFunction"),
      publishMetrics,
    ]),
    DriftMeasureRole: role(driftMeasure.logs, [
      ...readBaselines,
      allow(arnOf("Table"), "dynamodb:PutItem"), // how far it has come, and the serving cost
      allow([arnOf("Table"), sub("${Table.Arn}/index/openClaims")], "dynamodb:Query"), // windows with captures, and what is open
      allow(objects("summaries", "judgements", "windows", "estimates", "shadows"), "s3:GetObject"),
      list("summaries", "judgements", "windows", "estimates", "shadows"),
      allow(objects("estimates", "comparisons", "shadows"), "s3:PutObject"),
      allow("*", "cloudwatch:GetMetricData"), // what the live variants are beside each other
      // Labels, the answers they are about, and what they say of the judge and of a day.
      allow(objects("labels", "label-queues", "labelled", "scored", "coverage"), "s3:GetObject"),
      list("labels", "label-queues", "labelled", "scored", "coverage"),
      allow(objects("labelled", "agreement", "impact"), "s3:PutObject"),
      ...describeEndpoints,
      publishMetrics,
    ]),
    DriftMachineRole: serviceRole("states.amazonaws.com", [
      allow(
        [driftPlan, driftBaseline, driftFold, driftAnchors, driftConclude, driftPublish, driftMeasure, driftCoverage].map(
          ({ lambda }) => arnOf(lambda),
        ),
        "lambda:InvokeFunction",
      ),
      ...startsItself(`assay-${stage}-drift`), // an execution per endpoint
    ]),
    DriftStateMachine: stateMachine(stage, "drift", "DriftMachineRole", {
      PlanFunctionArn: driftPlan.lambda,
      BaselineFunctionArn: driftBaseline.lambda,
      FoldFunctionArn: driftFold.lambda,
      AnchorsFunctionArn: driftAnchors.lambda,
      ConcludeFunctionArn: driftConclude.lambda,
      PublishFunctionArn: driftPublish.lambda,
      MeasureFunctionArn: driftMeasure.lambda,
      CoverageFunctionArn: driftCoverage.lambda,
    }),
    DriftScheduleRole: serviceRole("events.amazonaws.com", [allow(arnOf("DriftStateMachine"), "states:StartExecution")]),
    DriftSchedule: {
      Type: "AWS::Events::Rule",
      Properties: {
        Name: `assay-${stage}-drift`,
        Description: "Looks for change once a window.",
        ScheduleExpression: `rate(${windowMs / 60_000} minutes)`,
        Targets: [{ Id: "drift", Arn: arnOf("DriftStateMachine"), RoleArn: arnOf("DriftScheduleRole"), Input: "{}" }],
      },
    },
  };
}
