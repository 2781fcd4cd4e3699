import { z } from "zod";
import { defineResource, integer, tags } from "../resource.ts";

const document = z.record(z.string(), z.unknown());
const schema = z.strictObject({
  RoleName: z.string().optional(),
  Path: z.string().default("/"),
  Description: z.string().optional(),
  AssumeRolePolicyDocument: document,
  Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: document })).default([]),
  ManagedPolicyArns: z.array(z.never("is not honoured: the embedded AWS has no managed policies")).optional(),
  MaxSessionDuration: integer.optional(),
  Tags: tags,
});

export const role = defineResource({
  type: "AWS::IAM::Role",
  schema,
  replacedBy: ["RoleName", "Path", "Description", "MaxSessionDuration"],
  async create({ AssumeRolePolicyDocument, Path, Description, MaxSessionDuration, ...properties }, { call, generateName }) {
    const RoleName = properties.RoleName ?? generateName(64);
    const { Role } = await call("iam", "CreateRole", {
      RoleName,
      Path,
      AssumeRolePolicyDocument: JSON.stringify(AssumeRolePolicyDocument),
      ...(Description === undefined ? {} : { Description }),
      ...(MaxSessionDuration === undefined ? {} : { MaxSessionDuration }),
    });
    const { Arn, RoleId } = Role as { Arn: string; RoleId: string };
    return { physicalId: RoleName, attributes: { Arn, RoleId } };
  },
  async configure({ AssumeRolePolicyDocument, Policies }, { physicalId: RoleName }, { call }, before) {
    if (before)
      await call("iam", "UpdateAssumeRolePolicy", { RoleName, PolicyDocument: JSON.stringify(AssumeRolePolicyDocument) });
    for (const { PolicyName, PolicyDocument } of Policies)
      await call("iam", "PutRolePolicy", { RoleName, PolicyName, PolicyDocument: JSON.stringify(PolicyDocument) });
    const kept = new Set(Policies.map(({ PolicyName }) => PolicyName));
    for (const { PolicyName } of before?.Policies ?? [])
      if (!kept.has(PolicyName)) await call("iam", "DeleteRolePolicy", { RoleName, PolicyName });
  },
  async remove(_, { physicalId: RoleName }, { call }) {
    const { PolicyNames } = await call("iam", "ListRolePolicies", { RoleName });
    for (const PolicyName of PolicyNames as string[]) await call("iam", "DeleteRolePolicy", { RoleName, PolicyName });
    await call("iam", "DeleteRole", { RoleName });
  },
});
