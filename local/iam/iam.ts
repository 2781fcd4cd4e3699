import { z } from "zod";
import { parseInput } from "../parseInput.ts";
import { AwsError, type Operation, type Part, type World } from "../world.ts";
import { type AccessRequest, evaluate, MalformedPolicy, parsePolicy, type Statement } from "./policy.ts";

type Grant = { action: string; resource: string };

export type Iam = Part & {
  /** The identity policies of a role as they hold now, without what is suspended; empty for a role that does not exist. */
  statementsOf(roleArn: string): Statement[];
  /** Whether the role's trust policy lets the service act as it, e.g. `lambda.amazonaws.com`. */
  trusts(roleArn: string, service: string): boolean;
  /** Every action × resource that the role's policies allow, in the order of the policies. */
  grantsOf(roleName: string): Grant[];
  /** Takes one grant of a role away, for all its resources or one, until `restore`. */
  suspend(roleName: string, action: string, resource?: string): void;
  restore(): void;
};

type Role = {
  arn: string;
  id: string;
  path: string;
  createdAtMs: number;
  trustText: string;
  trust: Statement[];
  description?: string | undefined;
  policies: Map<string, { text: string; statements: Statement[] }>;
};

const roleName = z.string().regex(/^[\w+=,.@-]{1,64}$/);
const document = z.string();
const inputs = {
  CreateRole: z.strictObject({
    RoleName: roleName,
    AssumeRolePolicyDocument: document,
    Path: z
      .string()
      .regex(/^\/(.*\/)?$/)
      .optional(),
    Description: z.string().optional(),
    // Sessions never expire here, and nothing reads tags.
    MaxSessionDuration: z.unknown().optional(),
    Tags: z.unknown().optional(),
  }),
  role: z.strictObject({ RoleName: roleName }),
  UpdateAssumeRolePolicy: z.strictObject({ RoleName: roleName, PolicyDocument: document }),
  PutRolePolicy: z.strictObject({ RoleName: roleName, PolicyName: z.string(), PolicyDocument: document }),
  policy: z.strictObject({ RoleName: roleName, PolicyName: z.string() }),
};

/** Roles and their inline policies. Managed policies are not there: every role of a stack brings its own. */
export function createIam(world: World): Iam {
  const roles = new Map<string, Role>();
  const suspended: { roleName: string; action: string; resource: string | undefined }[] = [];

  const found = (name: string): Role => {
    const role = roles.get(name);
    if (!role) throw new AwsError("NoSuchEntity", `The role with name ${name} cannot be found.`, 404);
    return role;
  };
  const described = (name: string, role: Role) => ({
    RoleName: name,
    Arn: role.arn,
    RoleId: role.id,
    Path: role.path,
    CreateDate: new Date(role.createdAtMs).toISOString(),
    AssumeRolePolicyDocument: encodeURIComponent(role.trustText),
    ...(role.description === undefined ? {} : { Description: role.description }),
  });

  const operations: Record<string, Operation> = {
    CreateRole(input) {
      const { RoleName, AssumeRolePolicyDocument, Path = "/", Description } = parse(inputs.CreateRole, input);
      if (roles.has(RoleName)) throw new AwsError("EntityAlreadyExists", `Role with name ${RoleName} already exists.`, 409);
      const role: Role = {
        arn: `arn:aws:iam::${world.accountId}:role${Path}${RoleName}`,
        id: `AROA${world.uuid("role").replaceAll("-", "").slice(0, 17).toUpperCase()}`,
        path: Path,
        createdAtMs: Date.now(),
        trustText: AssumeRolePolicyDocument,
        trust: parseDocument(AssumeRolePolicyDocument),
        description: Description,
        policies: new Map(),
      };
      roles.set(RoleName, role);
      return { Role: described(RoleName, role) };
    },
    GetRole(input) {
      const { RoleName } = parse(inputs.role, input);
      return { Role: described(RoleName, found(RoleName)) };
    },
    ListRoles: () => ({ Roles: [...roles].map(([name, role]) => described(name, role)), IsTruncated: false }),
    UpdateAssumeRolePolicy(input) {
      const { RoleName, PolicyDocument } = parse(inputs.UpdateAssumeRolePolicy, input);
      Object.assign(found(RoleName), { trust: parseDocument(PolicyDocument), trustText: PolicyDocument });
      return {};
    },
    DeleteRole(input) {
      const { RoleName } = parse(inputs.role, input);
      if (found(RoleName).policies.size > 0)
        throw new AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
      roles.delete(RoleName);
      return {};
    },
    PutRolePolicy(input) {
      const { RoleName, PolicyName, PolicyDocument } = parse(inputs.PutRolePolicy, input);
      found(RoleName).policies.set(PolicyName, { text: PolicyDocument, statements: parseDocument(PolicyDocument) });
      return {};
    },
    GetRolePolicy(input) {
      const { RoleName, PolicyName } = parse(inputs.policy, input);
      return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(policyOf(RoleName, PolicyName).text) };
    },
    DeleteRolePolicy(input) {
      const { RoleName, PolicyName } = parse(inputs.policy, input);
      policyOf(RoleName, PolicyName);
      found(RoleName).policies.delete(PolicyName);
      return {};
    },
    ListRolePolicies(input) {
      return { PolicyNames: [...found(parse(inputs.role, input).RoleName).policies.keys()], IsTruncated: false };
    },
    ListAttachedRolePolicies(input) {
      found(parse(inputs.role, input).RoleName);
      return { AttachedPolicies: [], IsTruncated: false };
    },
  };

  function policyOf(name: string, policyName: string) {
    const policy = found(name).policies.get(policyName);
    if (!policy) throw new AwsError("NoSuchEntity", `The role policy with name ${policyName} cannot be found.`, 404);
    return policy;
  }

  const statements = (role: Role) => [...role.policies.values()].flatMap((policy) => policy.statements);
  const nameIn = (arn: string) => arn.split("/").at(-1)!;
  const isSuspended = (name: string, { action, resource }: Grant) =>
    suspended.some((s) => s.roleName === name && s.action === action && (s.resource ?? resource) === resource);

  return {
    scope: "iam",
    operations,
    statementsOf(roleArn) {
      const name = nameIn(roleArn);
      const role = roles.get(name);
      if (role?.arn !== roleArn) return [];
      if (!suspended.some((s) => s.roleName === name)) return statements(role);
      return statements(role).flatMap((statement) => {
        if (!isListed(statement)) return [statement];
        const kept = grantsIn(statement).filter((grant) => !isSuspended(name, grant));
        return kept.map(({ action, resource }) => ({ ...statement, Action: [action], Resource: [resource] }));
      });
    },
    trusts(roleArn, service) {
      const role = roles.get(nameIn(roleArn));
      const request: AccessRequest = {
        action: "sts:AssumeRole",
        resource: roleArn,
        principal: { arn: null, service, accountId: world.accountId },
        context: { "aws:sourceaccount": world.accountId, "aws:securetransport": "true" },
      };
      return role?.arn === roleArn && evaluate(role.trust, request, "resource") === "allow";
    },
    grantsOf: (name) => statements(found(name)).filter(isListed).flatMap(grantsIn),
    suspend: (name, action, resource) => void suspended.push({ roleName: name, action, resource }),
    restore: () => void suspended.splice(0),
  };
}

/** An Allow that lists what it allows is the union of its pairs, so that one pair can be taken away. */
const isListed = ({ Effect, Action, Resource }: Statement) =>
  Effect === "Allow" && Action !== undefined && Resource !== undefined;
const grantsIn = ({ Action = [], Resource = [] }: Statement): Grant[] =>
  Action.flatMap((action) => Resource.map((resource) => ({ action, resource })));

function parseDocument(text: string): Statement[] {
  try {
    return parsePolicy(text);
  } catch (error) {
    if (error instanceof MalformedPolicy) throw new AwsError("MalformedPolicyDocument", error.message);
    throw error;
  }
}

const parse = <T>(schema: z.ZodType<T>, input: Record<string, unknown>): T => parseInput(schema, input, "ValidationError");
