import { type CloudFormationClient, DescribeStackResourcesCommand, GetTemplateCommand } from "@aws-sdk/client-cloudformation";
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-eventbridge";
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, NoSuchEntityException } from "@aws-sdk/client-iam";
import { GetFunctionCommand, LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import type { StackFacts } from "../../shared/health/health.ts";

type Policy = { PolicyDocument: { Statement: { Action: string | string[] }[] } };
type Template = { Resources: Record<string, { Type: string; Properties?: { Policies?: Policy[] } }> };
type Deployed = { logicalId: string; id: string; type: string; changedAtMs: number };
type Facts = Pick<StackFacts, "functions" | "eventSources" | "rules" | "roles">;

/** The functions, rules and roles of a stack as they are now, beside what its template made of them. */
export async function resourceFacts(cloudformation: CloudFormationClient, StackName: string): Promise<Facts> {
  const { StackResources = [] } = await cloudformation.send(new DescribeStackResourcesCommand({ StackName }));
  const deployed = StackResources.flatMap(({ LogicalResourceId, PhysicalResourceId: id, ResourceType: type, Timestamp }) =>
    id === undefined ? [] : [{ logicalId: LogicalResourceId!, id, type: type!, changedAtMs: Timestamp!.getTime() }],
  );
  const { TemplateBody = "" } = await cloudformation.send(new GetTemplateCommand({ StackName }));
  const of = (wanted: string) => deployed.filter(({ type }) => type === wanted);
  const lambda = new LambdaClient();
  const functions = await functionFacts(lambda, of("AWS::Lambda::Function"), of("AWS::IAM::Role"));
  return {
    functions,
    eventSources: await eventSources(lambda, functions),
    rules: await ruleFacts(of("AWS::Events::Rule")),
    roles: await roleFacts(of("AWS::IAM::Role"), JSON.parse(TemplateBody) as Template), // the framework writes it as JSON
  };
}

async function functionFacts(lambda: LambdaClient, of: Deployed[], roles: Deployed[]): Promise<StackFacts["functions"]> {
  const functions: StackFacts["functions"] = [];
  for (const { logicalId, id: FunctionName } of of) {
    const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName }));
    const own = logicalId.replace(/LambdaFunction$/, "Role");
    functions.push({
      name: FunctionName,
      state: Configuration?.State ?? "unknown",
      role: Configuration?.Role?.split("/").at(-1) ?? "none",
      wanted: roles.find((role) => role.logicalId === own)?.id ?? "none",
    });
  }
  return functions;
}

/** What feeds the functions that read queues. */
async function eventSources(lambda: LambdaClient, functions: StackFacts["functions"]): Promise<StackFacts["eventSources"]> {
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ MaxItems: 100 }));
  return functions.flatMap(({ name }) =>
    EventSourceMappings.filter(({ FunctionArn }) => FunctionArn?.endsWith(`:function:${name}`)).map(({ State }) => ({
      function: name,
      state: State ?? "unknown",
    })),
  );
}

async function ruleFacts(of: Deployed[]): Promise<StackFacts["rules"]> {
  const events = new EventBridgeClient();
  const rules: StackFacts["rules"] = [];
  for (const { id, changedAtMs } of of) {
    const Name = id.split("|").at(-1)!; // with a bus of its own: bus|rule
    try {
      const { State } = await events.send(new DescribeRuleCommand({ Name }));
      const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: Name }));
      rules.push({ name: Name, state: State ?? "unknown", targets: Targets.length, changedAtMs });
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
      rules.push({ name: Name, state: "gone", targets: 0, changedAtMs });
    }
  }
  return rules;
}

/** Compared by actions: what their resources are called is known only once they are made. */
async function roleFacts(of: Deployed[], { Resources }: Template): Promise<StackFacts["roles"]> {
  const iam = new IAMClient();
  const roles: StackFacts["roles"] = [];
  for (const { logicalId, id: RoleName } of of) {
    const wanted = actionsOf((Resources[logicalId]?.Properties?.Policies ?? []).map(({ PolicyDocument }) => PolicyDocument));
    const allowed = await allowedTo(iam, RoleName);
    roles.push({ name: RoleName, missing: allowed === null ? null : [...wanted].filter((action) => !allowed.has(action)) });
  }
  return roles;
}

async function allowedTo(iam: IAMClient, RoleName: string): Promise<Set<string> | null> {
  try {
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    const documents: Policy["PolicyDocument"][] = [];
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      documents.push(JSON.parse(decodeURIComponent(PolicyDocument)) as Policy["PolicyDocument"]); // IAM gives it as in an URL
    }
    return actionsOf(documents);
  } catch (error) {
    if (error instanceof NoSuchEntityException) return null;
    throw error;
  }
}

const actionsOf = (documents: Policy["PolicyDocument"][]) =>
  new Set(documents.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action)));
