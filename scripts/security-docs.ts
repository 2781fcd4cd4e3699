/**
 * `node scripts/security-docs.ts [TEMPLATE]` writes docs/security.md: what each function may do, read from the packaged template
 * (`npx serverless package`). Run it after a role was changed; a test compares.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { onEveryResource } from "../infrastructure/roles.ts";

type Resource = { Type: string; Properties?: Record<string, unknown> };
type Statement = { Action: string | string[]; Resource?: unknown; Condition?: Record<string, Record<string, unknown>> };

const head = `# What each function may do

Every function has a role of its own, with the actions that it calls on the resources that it calls them on, and no other. The table is
written from the packaged template of the example assay.yml by \`scripts/security-docs.ts\`; a test compares the two, and another checks
that every action exists and takes the resource. The embedded AWS refuses what a role does not allow, so the tests run under these roles too.

\`STAGE\` is the stage of the deployment; a name without a colon is a resource of the stack, and a path after it narrows it. Further:

- Who may **approve, reject or undo** a remediation needs \`lambda:InvokeFunction\` on the function \`remediate\`, and nothing on the endpoint:
  what is approved is decided once more there, within the same limits. Who it was is what the command says with \`--who\`; CloudTrail knows whose key it was.
- Only \`remediationAct\` may change an endpoint, and only the endpoints of assay.yml and what scales them.
- Nobody but the function \`sample\`, the judge and what makes anchors, evaluations and label queues reads captured text; logs hold ids and counts.
- Buckets take no public access and TLS only; queues, table, the topic of pages and buckets are encrypted, that of alarms by a key of yours; logs, captures and results end when assay.yml says.
`;

/** The whole page. @param stage of the packaged template */
export function securityDoc(resources: Record<string, Resource>, stage: string): string {
  const roles = new Map(Object.entries(resources).filter(([, { Type }]) => Type === "AWS::IAM::Role"));
  const rows = Object.entries(resources)
    .filter(([, { Type }]) => Type === "AWS::Lambda::Function")
    .map(([, { Properties = {} }]) => ({
      name: String(Properties.FunctionName).replace(`assay-${stage}-`, ""),
      role: roles.get(roleOf(Properties.Role)),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name, role }) => statementsOf(role).map((statement) => rowOf(name, statement, stage)));
  const wide = Object.entries(onEveryResource).map(([action, why]) => `- \`${action}\`: ${why}.`);
  const table = ["| function | may | on | only where |", "|---|---|---|---|", ...rows];
  return [head, ...table, "", "On every resource (`*`) are only:", "", ...wide, ""].join("\n");
}

function roleOf(value: unknown): string {
  const of = (value as { "Fn::GetAtt"?: [string, string] })["Fn::GetAtt"];
  if (of === undefined) throw new TypeError("A function's role is not one of the stack's: give it one in serverless.yml.");
  return of[0];
}

function statementsOf(role: Resource | undefined): Statement[] {
  const policies = (role?.Properties?.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function rowOf(name: string, { Action, Resource, Condition = {} }: Statement, stage: string): string {
  const many = <T>(value: T | T[]) => (Array.isArray(value) ? value : [value]);
  const code = (values: readonly string[]) =>
    values.map((value) => `\`${value.replaceAll(`-${stage}-`, "-STAGE-")}\``).join(", ");
  const where = Object.values(Condition).flatMap((keys) =>
    Object.entries(keys).map(([key, value]) => `\`${key}\` is ${code(many(value).map(nameOf))}`),
  );
  return `| ${name} | ${code(many(Action))} | ${code(many(Resource).map(nameOf))} | ${where.join(", ")} |`;
}

/** A resource as a reader knows it: without partition, region and account, which are the stack's own. */
function nameOf(value: unknown): string {
  if (typeof value === "string") return value;
  const { Ref, "Fn::GetAtt": got, "Fn::Sub": sub } = value as { Ref?: string; "Fn::GetAtt"?: string[]; "Fn::Sub"?: string };
  if (Ref !== undefined) return Ref;
  if (got !== undefined) return got[0]!; // its ARN
  if (sub === undefined)
    throw new TypeError(`No word for a resource in the template: ${Object.keys(value as object).join(", ")}.`);
  return sub
    .replace("arn:${AWS::Partition}:", "")
    .replace("${AWS::Region}:${AWS::AccountId}:", "")
    .replace(/\$\{(\w+)\.Arn\}/g, "$1");
}

if (import.meta.main) {
  const [path = ".serverless/cloudformation-template-update-stack.json", stage = "dev"] = process.argv.slice(2);
  const { Resources } = JSON.parse(readFileSync(path, "utf8")) as { Resources: Record<string, Resource> };
  writeFileSync(new URL("../docs/security.md", import.meta.url), securityDoc(Resources, stage));
}
