import { expect, test } from "@jest/globals";
import { defaultDeployment } from "../../../shared/config/deploymentSchema.ts";
import { parseAssay } from "../../../shared/config/load.ts";

const withDeployment = (deployment: string, captures = "captures: s3://acme-captures/prod\n") =>
  parseAssay(`${captures}endpoints: { chat: { variants: [blue] } }\ndeployment: ${deployment}\n`, "assay.yml").deployment;
const key = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

test.each([
  { it: "nothing", given: "{}", is: {} },
  { it: "an existing bucket", given: "{ captureBucket: existing }", is: { captureBucket: "existing" } },
  { it: "a key", given: `{ kmsKeyArn: "${key}" }`, is: { kmsKeyArn: key } },
  {
    it: "tags",
    given: "{ tags: { cost-centre: '4711', team: support } }",
    is: { tags: { "cost-centre": "4711", team: "support" } },
  },
  {
    it: "some of the retention",
    given: "{ retention: { capturesDays: 90, logsDays: 14 } }",
    is: { retention: { ...defaultDeployment.retention, capturesDays: 90, logsDays: 14 } },
  },
  { it: "a removal that takes the data along", given: "{ removal: delete }", is: { removal: "delete" } },
])("takes $it, and a default for the rest", ({ given, is }) =>
  expect(withDeployment(given)).toEqual({ ...defaultDeployment, ...is }),
);

test.each([
  { it: "a key's alias", given: "{ kmsKeyArn: alias/assay }", says: "not that of an alias" },
  { it: "a reserved tag", given: "{ tags: { 'aws:team': a } }", says: "Give tags as names and texts" },
  {
    it: "logs kept for a time that CloudWatch does not know",
    given: "{ retention: { logsDays: 31 } }",
    says: "CloudWatch Logs keeps",
  },
  { it: "captures gone before a dead letter is", given: "{ retention: { capturesDays: 7 } }", says: "from 15 to 3650" },
  { it: "an unknown key", given: "{ bucket: x }", says: "deployment.bucket is not an option." },
  { it: "an existing bucket without a name", given: "{ captureBucket: existing }", captures: "", says: "Name the bucket" },
])("refuses $it", ({ given, says, captures }) => expect(() => withDeployment(given, captures)).toThrow(says));
