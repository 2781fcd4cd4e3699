import type { Assay } from "../shared/config/assay.ts";
import { arnOf, frameworkIds, type Resource, type Resources, sub } from "./cloudformation.ts";
import { allow, askJudges, endpointArns, role, type Statement, serviceRole, startsItself } from "./roles.ts";
import { stateMachine } from "./stateMachine.ts";

const folder = "evaluations/*";
const inFolder = (...actions: string[]) => allow(sub(`\${ResultsBucket.Arn}/${folder}`), ...actions);
/** Asking whether an object is there is a listing: who may not list is told "denied" of what is missing. */
const listFolder: Statement = {
  ...allow(arnOf("ResultsBucket"), "s3:ListBucket"),
  Condition: { StringLike: { "s3:prefix": folder } },
};

/** The workflow of evaluations: its state machine, its role, and those of its functions. */
export function evaluation(assay: Assay, stage: string): Resources {
  const { evaluationPrepare, evaluationRun, evaluationConclude } = frameworkIds;
  const endpoints = Object.keys(assay.endpoints);
  const { prefix } = assay.captures;
  // Their names are the caller's choice, and that they run on an endpoint of assay.yml is checked before they are asked.
  const components = sub("arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:inference-component/*");
  const arnsOf = (names: string[]) => [...new Set(names)].flatMap(endpointArns);
  return {
    EvaluationPrepareRole: role(evaluationPrepare.logs, [
      inFolder("s3:GetObject", "s3:PutObject"),
      allow(arnsOf(endpoints), "sagemaker:DescribeEndpoint"),
      allow(components, "sagemaker:DescribeInferenceComponent"),
      // Golden sets that were put there to stay, and captured questions: which there are, and their texts.
      allow([sub("${ResultsBucket.Arn}/golden/*"), sub("${ResultsBucket.Arn}/scored/*")], "s3:GetObject"),
      {
        ...allow(arnOf("ResultsBucket"), "s3:ListBucket"),
        Condition: { StringLike: { "s3:prefix": [folder, "scored/*"] } },
      },
      allow(sub(`\${CaptureBucket.Arn}/${prefix && `${prefix}/`}*`), "s3:GetObject"),
    ]),
    EvaluationRunRole: role(evaluationRun.logs, [
      inFolder("s3:GetObject", "s3:PutObject"),
      allow(sub("${ResultsBucket.Arn}/golden/*"), "s3:GetObject"),
      listFolder,
      allow([...arnsOf(endpoints), components], "sagemaker:InvokeEndpoint"),
      ...askJudges(assay),
      allow(arnOf("Table"), "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"), // the ledger of judge calls
    ]),
    EvaluationConcludeRole: role(evaluationConclude.logs, [
      inFolder("s3:GetObject", "s3:PutObject"),
      allow(sub("${ResultsBucket.Arn}/golden/*"), "s3:GetObject"), // the questions of the report's worst answers
      listFolder,
    ]),
    EvaluationMachineRole: serviceRole("states.amazonaws.com", [
      allow(
        [evaluationPrepare, evaluationRun, evaluationConclude].map(({ lambda }) => arnOf(lambda)),
        "lambda:InvokeFunction",
      ),
      // The Distributed Map reads its items and writes its results as it, in parts where they are large.
      allow(sub("${ResultsBucket.Arn}/evaluations/*/pointers.jsonl"), "s3:GetObject"),
      allow(
        sub("${ResultsBucket.Arn}/evaluations/*/map/*"),
        "s3:GetObject",
        "s3:PutObject",
        "s3:ListMultipartUploadParts",
        "s3:AbortMultipartUpload",
      ),
      ...startsItself(`assay-${stage}-evaluation`), // an execution per batch
    ]),
    EvaluationStateMachine: stateMachine(stage, "evaluation", "EvaluationMachineRole", {
      PrepareFunctionArn: evaluationPrepare.lambda,
      RunFunctionArn: evaluationRun.lambda,
      ConcludeFunctionArn: evaluationConclude.lambda,
    }),
    ...schedules(assay, stage),
  };
}

/**
 * A rule for each evaluation that is started by the clock. The time of the firing names it, so that a firing that is delivered twice is
 * one evaluation, whose questions and judgements are paid for once.
 */
function schedules({ evaluations }: Assay, stage: string): Resources {
  const named = Object.entries(evaluations);
  if (named.length === 0) return {};
  const rules = named.map(([name, { schedule, goldenSet, input }]): [string, Resource] => {
    return [
      `EvaluationSchedule${[...name].map((letter) => (/[a-zA-Z0-9]/.test(letter) ? letter : letter === "-" ? "Dash" : "Line")).join("")}`,
      {
        Type: "AWS::Events::Rule",
        Properties: {
          Name: `assay-${stage}-evaluation-${name}`,
          Description: `Starts the evaluation ${name}.`,
          ScheduleExpression: schedule,
          Targets: [
            {
              Id: "evaluation",
              Arn: arnOf("EvaluationStateMachine"),
              RoleArn: arnOf("EvaluationScheduleRole"),
              InputTransformer: { InputPathsMap: { time: "$.time" }, InputTemplate: sub(templateOf(name, goldenSet, input)) },
            },
          ],
        },
      },
    ];
  });
  return {
    EvaluationScheduleRole: serviceRole("events.amazonaws.com", [
      allow(arnOf("EvaluationStateMachine"), "states:StartExecution"),
    ]),
    ...Object.fromEntries(rules),
  };
}

/** What an execution is given. CloudFormation fills in `${…}`, which in the user's own text is no name of ours. */
function templateOf(id: string, goldenSet: string | null, input: object): string {
  const own = JSON.stringify({ ...input, id, scheduledAt: "<time>" }).replaceAll("${", "${!");
  if (goldenSet === null) return own;
  return `{"goldenSet":{"bucket":"\${ResultsBucket}","key":${JSON.stringify(goldenSet)}},${own.slice(1)}`;
}
