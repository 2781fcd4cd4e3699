/** What of CloudFormation's language the generated template uses. */
export type Resource = {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string[];
  DeletionPolicy?: "Retain" | "Delete";
  UpdateReplacePolicy?: "Retain" | "Delete";
};
export type Resources = Record<string, Resource>;
export type Value = string | { Ref: string } | { "Fn::GetAtt": [string, string] } | { "Fn::Sub": string };

export const ref = (logicalId: string): Value => ({ Ref: logicalId });
export const arnOf = (logicalId: string): Value => ({ "Fn::GetAtt": [logicalId, "Arn"] });
/** `${LogicalId}`, `${LogicalId.Attribute}` and `${AWS::…}` in the text are filled in by CloudFormation. */
export const sub = (text: string): Value => ({ "Fn::Sub": text });

/** Of what holds data: whether it outlives its stack. What an update replaces by another one stays in any case. */
export const keptOn = (removal: "keep" | "delete") =>
  ({ DeletionPolicy: removal === "keep" ? "Retain" : "Delete", UpdateReplacePolicy: "Retain" }) as const;

/** The statement of a resource policy that refuses whoever comes without TLS. */
export const tlsOnly = (action: string, resource: Value | Value[]) => ({
  Sid: "TlsOnly",
  Effect: "Deny",
  Principal: "*",
  Action: action,
  Resource: resource,
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});

/** The logical ids that the framework gives to what it makes of a function in serverless.yml. */
export const frameworkIds = {
  sample: { lambda: "SampleLambdaFunction", logs: "SampleLogGroup" },
  judge: { lambda: "JudgeLambdaFunction", logs: "JudgeLogGroup" },
  remediate: { lambda: "RemediateLambdaFunction", logs: "RemediateLogGroup" },
  bucketEvents: { lambda: "BucketEventsLambdaFunction", logs: "BucketEventsLogGroup" },
  driftPlan: { lambda: "DriftPlanLambdaFunction", logs: "DriftPlanLogGroup" },
  driftBaseline: { lambda: "DriftBaselineLambdaFunction", logs: "DriftBaselineLogGroup" },
  driftFold: { lambda: "DriftFoldLambdaFunction", logs: "DriftFoldLogGroup" },
  driftAnchors: { lambda: "DriftAnchorsLambdaFunction", logs: "DriftAnchorsLogGroup" },
  driftConclude: { lambda: "DriftConcludeLambdaFunction", logs: "DriftConcludeLogGroup" },
  driftPublish: { lambda: "DriftPublishLambdaFunction", logs: "DriftPublishLogGroup" },
  driftCoverage: { lambda: "DriftCoverageLambdaFunction", logs: "DriftCoverageLogGroup" },
  driftMeasure: { lambda: "DriftMeasureLambdaFunction", logs: "DriftMeasureLogGroup" },
  evaluationPrepare: { lambda: "EvaluationPrepareLambdaFunction", logs: "EvaluationPrepareLogGroup" },
  evaluationRun: { lambda: "EvaluationRunLambdaFunction", logs: "EvaluationRunLogGroup" },
  evaluationConclude: { lambda: "EvaluationConcludeLambdaFunction", logs: "EvaluationConcludeLogGroup" },
  remediationAct: { lambda: "RemediationActLambdaFunction", logs: "RemediationActLogGroup" },
  remediationInspect: { lambda: "RemediationInspectLambdaFunction", logs: "RemediationInspectLogGroup" },
  remediationVerify: { lambda: "RemediationVerifyLambdaFunction", logs: "RemediationVerifyLogGroup" },
  remediationDeepen: { lambda: "RemediationDeepenLambdaFunction", logs: "RemediationDeepenLogGroup" },
  remediationFinish: { lambda: "RemediationFinishLambdaFunction", logs: "RemediationFinishLogGroup" },
} as const;
