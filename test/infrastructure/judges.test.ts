import { expect, test } from "@jest/globals";
import { askJudges } from "../../infrastructure/roles.ts";
import { accessesOf } from "../../local/iam/actions.ts";
import { parseAssay } from "../../shared/config/load.ts";

const asking = (place: string) =>
  askJudges(
    parseAssay(
      `endpoints: { chat: { variants: [a], evaluationBudget: { usdPerDay: 1 }, judge: { ${place}, usdPerMillionInputTokens: 1, usdPerMillionOutputTokens: 1 } } }`,
      "assay.yml",
    ),
  );
const arn = (rest: string) => ({ "Fn::Sub": `arn:\${AWS::Partition}:${rest}` });
const here = "${AWS::Region}:${AWS::AccountId}";
const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:judge-key-AbCdEf";
const profile = arn(`bedrock:${here}:inference-profile/eu.acme.grader-v1:0`);
const application = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123";
const models = arn("bedrock:*::foundation-model/*");
const invoke = (Resource: unknown, more: object = {}) => ({
  Effect: "Allow",
  Action: ["bedrock:InvokeModel"],
  Resource,
  ...more,
});
const byWayOf = (of: unknown) => invoke(models, { Condition: { StringEquals: { "bedrock:InferenceProfileArn": of } } });

test.each([
  {
    it: "a SageMaker endpoint",
    place: "endpoint: grader, model: m-1",
    allows: [{ Effect: "Allow", Action: ["sagemaker:InvokeEndpoint"], Resource: [arn(`sagemaker:${here}:endpoint/grader`)] }],
  },
  {
    it: "a model of Bedrock",
    place: 'provider: bedrock, model: "acme.grader-v1:0"',
    allows: [invoke(arn("bedrock:${AWS::Region}::foundation-model/acme.grader-v1:0"))],
  },
  {
    it: "an inference profile, and its models by way of it only",
    place: 'provider: bedrock, model: "eu.acme.grader-v1:0"',
    allows: [invoke(profile), byWayOf(profile)],
  },
  {
    it: "a profile of one's own",
    place: `provider: bedrock, model: "${application}"`,
    allows: [invoke(application), byWayOf(application)],
  },
  {
    it: "a server with a key: the key's secret, and no other",
    place: `provider: openai, url: https://api.example.com/v1, apiKeySecretArn: "${secret}", model: m-1`,
    allows: [{ Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: [secret] }],
  },
  { it: "a server without a key: nothing", place: "provider: openai, url: https://api.example.com/v1, model: m-1", allows: [] },
])("who asks $it may do so", ({ place, allows }) => expect(asking(place)).toEqual(allows));

const world = { region: "eu-west-1", accountId: "123456789012" };
test.each([
  { model: "acme.grader-v1:0", needs: ["arn:aws:bedrock:eu-west-1::foundation-model/acme.grader-v1:0"] },
  {
    model: "eu.acme.grader-v1:0",
    needs: [
      "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.acme.grader-v1:0",
      "arn:aws:bedrock:eu-west-1::foundation-model/acme.grader-v1:0",
    ],
  },
])("the embedded AWS wants InvokeModel on all that serves $model", ({ model, needs }) => {
  const accesses = accessesOf("bedrock", "Converse", { modelId: model }, world);
  expect(accesses.map(({ action, resource }) => [action, resource])).toEqual(needs.map((need) => ["bedrock:InvokeModel", need]));
});
