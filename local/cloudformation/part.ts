import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { parseInput } from "../parseInput.ts";
import { AwsError, type Operation, type Part, type World } from "../world.ts";
import { registry, resourceType } from "./registry.ts";
import { createStack, deleteStack, enter, type Stack, updateStack, type Wanted } from "./stack.ts";
import { parseTemplate, settleParameters, type Template, TemplateError } from "./template.ts";

export type CloudFormation = Part & {
  /** Resolves when no stack is being worked on. */
  idle(): Promise<void>;
};

/** In a form an empty list is an empty text. */
const listOf = <T extends z.ZodType>(item: T) => z.preprocess((value) => (value === "" ? [] : value), z.array(item).default([]));
const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]).default(false);
const body = { TemplateBody: z.string().optional(), TemplateURL: z.string().optional() };
const shared = {
  StackName: z.string(),
  ...body,
  Parameters: listOf(z.strictObject({ ParameterKey: z.string(), ParameterValue: z.string().optional(), UsePreviousValue: flag })),
  Capabilities: listOf(z.string()),
  Tags: listOf(z.strictObject({ Key: z.string(), Value: z.string() })),
  NotificationARNs: listOf(z.never("is not honoured: the embedded AWS has no SNS")),
  DisableRollback: flag,
  // One deployment at a time: a repeated token never meets its first call here.
  ClientRequestToken: z.string().optional(),
};
const schemas = {
  create: z.strictObject({
    ...shared,
    OnFailure: z.enum(["ROLLBACK", "DELETE", "DO_NOTHING"]).optional(),
    EnableTerminationProtection: flag,
  }),
  update: z.strictObject({ ...shared, UsePreviousTemplate: flag }),
  remove: z.strictObject({ StackName: z.string(), ClientRequestToken: z.string().optional() }),
  ofStack: z.strictObject({ StackName: z.string(), NextToken: z.string().optional() }),
  describeStacks: z.strictObject({ StackName: z.string().optional(), NextToken: z.string().optional() }),
  resource: z.strictObject({ StackName: z.string(), LogicalResourceId: z.string() }),
  template: z.strictObject({ StackName: z.string(), TemplateStage: z.enum(["Original", "Processed"]).optional() }),
  validate: z.strictObject(body),
  protection: z.strictObject({ StackName: z.string(), EnableTerminationProtection: flag }),
};
// Source: CloudFormation user guide, quotas.
const maxResources = 500;

/** CloudFormation as the deploying framework calls it with `deploymentMethod: direct`: no change sets, no nested stacks. */
export function createCloudFormation(world: World): CloudFormation {
  const stacks: Stack[] = [];
  let work: Promise<void> = Promise.resolve();
  /** A call returns at once; the stack is worked on afterwards, one after the other. */
  const afterwards = (task: () => Promise<void>): void => {
    work = work.then(task);
  };
  const missing = (name: string) => new AwsError("ValidationError", `Stack with id ${name} does not exist`);
  /** By id also a stack that is gone, by name only one that is there. */
  const find = (name: string): Stack | undefined =>
    stacks.find(({ id }) => id === name) ?? stacks.find((stack) => stack.name === name && stack.status !== "DELETE_COMPLETE");
  const found = (name: string): Stack => {
    const stack = find(name);
    if (!stack) throw missing(name);
    return stack;
  };

  async function templateTextOf(input: { TemplateBody?: string | undefined; TemplateURL?: string | undefined }): Promise<string> {
    const { TemplateBody, TemplateURL } = input;
    if (TemplateBody !== undefined) return TemplateBody;
    if (TemplateURL === undefined)
      throw new AwsError("ValidationError", "Either Template URL or Template Body must be specified.");
    const { Body } = await world.call("s3", "GetObject", objectAt(TemplateURL));
    return (Body as Buffer).toString("utf8");
  }

  const checkedTemplate = (text: string): Template => {
    const template = refusing(() => parseTemplate(text));
    const { Resources } = template;
    const unknown = Object.entries(Resources).filter(([, { Type }]) => resourceType(Type) === undefined);
    if (unknown.length > 0) {
      const named = unknown.map(([logicalId, { Type }]) => `${Type} (${logicalId})`).join(", ");
      throw new AwsError(
        "ValidationError",
        `Template format error: Unrecognized resource types: [${named}]. The embedded AWS has: ${[...registry.keys()].join(", ")}.`,
      );
    }
    const count = Object.keys(Resources).length;
    if (count === 0)
      throw new AwsError("ValidationError", "Template format error: At least one Resources member must be defined.");
    if (count > maxResources)
      throw new AwsError(
        "ValidationError",
        `Template format error: Number of resources, ${count}, is greater than maximum allowed, ${maxResources}`,
      );
    return template;
  };

  async function wantedBy(
    input: z.output<typeof schemas.create> | z.output<typeof schemas.update>,
    before?: Wanted,
  ): Promise<Wanted> {
    const usesPrevious = "UsePreviousTemplate" in input && input.UsePreviousTemplate;
    const templateText = usesPrevious && before ? before.templateText : await templateTextOf(input);
    const template = checkedTemplate(templateText);
    const parameters: Record<string, string> = {};
    for (const { ParameterKey, ParameterValue, UsePreviousValue } of input.Parameters) {
      const value = UsePreviousValue ? before?.parameters[ParameterKey] : ParameterValue;
      if (value !== undefined) parameters[ParameterKey] = value;
    }
    refusing(() => settleParameters(template, parameters));
    const needed = capabilityOf(template);
    if (needed && !input.Capabilities.some((given) => given === needed || given === "CAPABILITY_NAMED_IAM"))
      throw new AwsError("InsufficientCapabilitiesException", `Requires capabilities : [${needed}]`);
    return { template, templateText, parameters, tags: input.Tags, capabilities: input.Capabilities };
  }

  const operations: Record<string, Operation> = {
    async CreateStack(raw) {
      const input = parse(schemas.create, raw);
      if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(input.StackName))
        throw new AwsError(
          "ValidationError",
          `1 validation error detected: Value '${input.StackName}' at 'stackName' failed to satisfy constraint`,
        );
      if (find(input.StackName)) throw new AwsError("AlreadyExistsException", `Stack [${input.StackName}] already exists`);
      const stack: Stack = {
        id: `arn:aws:cloudformation:${world.region}:${world.accountId}:stack/${input.StackName}/${world.uuid("stack")}`,
        name: input.StackName,
        status: "CREATE_IN_PROGRESS",
        reason: undefined,
        createdAtMs: Date.now(),
        updatedAtMs: undefined,
        isProtected: input.EnableTerminationProtection,
        wanted: await wantedBy(input),
        outputs: [],
        resources: new Map(),
        events: [],
      };
      stacks.push(stack);
      enter(world, stack, "CREATE_IN_PROGRESS", "User Initiated");
      afterwards(() => createStack(world, stack, input.DisableRollback ? "DO_NOTHING" : (input.OnFailure ?? "ROLLBACK")));
      return { StackId: stack.id };
    },
    async UpdateStack(raw) {
      const input = parse(schemas.update, raw);
      if (input.DisableRollback)
        throw new AwsError("ValidationError", "DisableRollback of UpdateStack is not honoured by the embedded AWS.");
      const stack = found(input.StackName);
      if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status))
        throw new AwsError("ValidationError", `Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
      const wanted = await wantedBy(input, stack.wanted);
      const { template, parameters, tags } = stack.wanted;
      if (isDeepStrictEqual([template, parameters, tags], [wanted.template, wanted.parameters, wanted.tags]))
        throw new AwsError("ValidationError", "No updates are to be performed.");
      stack.updatedAtMs = Date.now();
      enter(world, stack, "UPDATE_IN_PROGRESS", "User Initiated");
      afterwards(() => updateStack(world, stack, wanted));
      return { StackId: stack.id };
    },
    DeleteStack(raw) {
      const { StackName } = parse(schemas.remove, raw);
      const stack = find(StackName);
      // As on AWS: deleting what is not there is no error.
      if (!stack || stack.status === "DELETE_COMPLETE") return {};
      if (stack.isProtected)
        throw new AwsError("ValidationError", `Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
      if (stack.status.endsWith("IN_PROGRESS"))
        throw new AwsError("ValidationError", `Stack:${stack.id} is in ${stack.status} state. Delete it when that is done.`);
      enter(world, stack, "DELETE_IN_PROGRESS", "User Initiated");
      afterwards(() => deleteStack(world, stack));
      return {};
    },
    UpdateTerminationProtection(raw) {
      const { StackName, EnableTerminationProtection } = parse(schemas.protection, raw);
      const stack = found(StackName);
      stack.isProtected = EnableTerminationProtection;
      return { StackId: stack.id };
    },
    DescribeStacks(raw) {
      const { StackName } = parse(schemas.describeStacks, raw);
      const described =
        StackName === undefined ? stacks.filter(({ status }) => status !== "DELETE_COMPLETE") : [found(StackName)];
      return { Stacks: described.map(describe) };
    },
    DescribeStackEvents(raw) {
      const { StackName } = parse(schemas.ofStack, raw);
      const stack = find(StackName);
      if (!stack) throw new AwsError("ValidationError", `Stack [${StackName}] does not exist`);
      return {
        StackEvents: stack.events.toReversed().map(({ id, logicalId, physicalId, type, status, reason, timeMs }) => ({
          StackId: stack.id,
          StackName: stack.name,
          EventId: id,
          LogicalResourceId: logicalId,
          PhysicalResourceId: physicalId,
          ResourceType: type,
          Timestamp: iso(timeMs),
          ResourceStatus: status,
          ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
        })),
      };
    },
    DescribeStackResource(raw) {
      const { StackName, LogicalResourceId } = parse(schemas.resource, raw);
      const stack = find(StackName);
      if (!stack) throw new AwsError("ValidationError", `Stack '${StackName}' does not exist`);
      const resource = summaries(stack).find((summary) => summary.LogicalResourceId === LogicalResourceId);
      if (!resource)
        throw new AwsError("ValidationError", `Resource ${LogicalResourceId} does not exist for stack ${stack.name}`);
      return { StackResourceDetail: { ...resource, StackId: stack.id, StackName: stack.name } };
    },
    DescribeStackResources(raw) {
      const stack = found(parse(schemas.ofStack, raw).StackName);
      return {
        StackResources: summaries(stack).map(({ LastUpdatedTimestamp, ...rest }) => ({
          ...rest,
          StackId: stack.id,
          StackName: stack.name,
          Timestamp: LastUpdatedTimestamp,
        })),
      };
    },
    ListStackResources: (raw) => ({ StackResourceSummaries: summaries(found(parse(schemas.ofStack, raw).StackName)) }),
    GetTemplate: (raw) => ({
      TemplateBody: found(parse(schemas.template, raw).StackName).wanted.templateText,
      StagesAvailable: ["Original", "Processed"],
    }),
    async ValidateTemplate(raw) {
      const template = checkedTemplate(await templateTextOf(parse(schemas.validate, raw)));
      const capability = capabilityOf(template);
      return {
        Parameters: Object.entries(template.Parameters).map(([ParameterKey, { Default, Description, NoEcho }]) => ({
          ParameterKey,
          ...(Default === undefined ? {} : { DefaultValue: Default }),
          ...(Description === undefined ? {} : { Description }),
          NoEcho: NoEcho ?? false,
        })),
        ...(template.Description === undefined ? {} : { Description: template.Description }),
        Capabilities: capability ? [capability] : [],
      };
    },
    ListExports: () => ({
      Exports: stacks
        .filter(({ status }) => status !== "DELETE_COMPLETE")
        .flatMap(({ id, outputs }) =>
          outputs.flatMap(({ exportName, value }) =>
            exportName ? [{ ExportingStackId: id, Name: exportName, Value: value }] : [],
          ),
        ),
    }),
  };
  return { scope: "cloudformation", operations, idle: () => work };
}

const iso = (ms: number) => new Date(ms).toISOString();
const parse = <T>(schema: z.ZodType<T>, input: Record<string, unknown>): T => parseInput(schema, input, "ValidationError");

function describe(stack: Stack): Record<string, unknown> {
  const { template, parameters, tags, capabilities } = stack.wanted;
  return {
    StackId: stack.id,
    StackName: stack.name,
    ...(template.Description === undefined ? {} : { Description: template.Description }),
    Parameters: Object.entries(template.Parameters).map(([ParameterKey, { Default, NoEcho }]) => ({
      ParameterKey,
      ParameterValue: NoEcho ? "****" : (parameters[ParameterKey] ?? Default),
    })),
    CreationTime: iso(stack.createdAtMs),
    ...(stack.updatedAtMs === undefined ? {} : { LastUpdatedTime: iso(stack.updatedAtMs) }),
    StackStatus: stack.status,
    ...(stack.reason === undefined ? {} : { StackStatusReason: stack.reason }),
    Outputs: stack.outputs.map(({ name, value, description, exportName }) => ({
      OutputKey: name,
      OutputValue: value,
      ...(description === undefined ? {} : { Description: description }),
      ...(exportName === undefined ? {} : { ExportName: exportName }),
    })),
    Tags: tags,
    Capabilities: capabilities,
    NotificationARNs: [],
    DisableRollback: false,
    EnableTerminationProtection: stack.isProtected,
  };
}

const summaries = (stack: Stack) =>
  [...stack.resources].map(([LogicalResourceId, { physicalId, type, status, reason, updatedAtMs }]) => ({
    LogicalResourceId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    LastUpdatedTimestamp: iso(updatedAtMs),
    ResourceStatus: status,
    ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
  }));

/** What the deployer must acknowledge: roles, and with names of their own the stronger word. */
function capabilityOf({ Resources }: Template): "CAPABILITY_IAM" | "CAPABILITY_NAMED_IAM" | null {
  const roles = Object.values(Resources).filter(({ Type }) => Type === "AWS::IAM::Role");
  if (roles.length === 0) return null;
  return roles.some(({ Properties }) => "RoleName" in Properties) ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM";
}

/** Both forms of an S3 URL: `https://s3…/bucket/key` (any host of ours too) and `https://bucket.s3….amazonaws.com/key`. */
function objectAt(url: string): { Bucket: string; Key: string } {
  const { hostname, pathname } = new URL(url);
  const path = decodeURIComponent(pathname.slice(1));
  const virtualHost = /^(.+)\.s3[.-].*amazonaws\.com$/.exec(hostname)?.[1];
  if (virtualHost !== undefined) return { Bucket: virtualHost, Key: path };
  return { Bucket: path.slice(0, path.indexOf("/")), Key: path.slice(path.indexOf("/") + 1) };
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError) throw new AwsError("ValidationError", error.message);
    throw error;
  }
}
