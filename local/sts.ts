import type { Call, Part, World } from "./world.ts";

/** Who am I? Asked by the deploying framework and by the AWS CLI. */
export function createSts(world: World): Part {
  const identityOf = ({ principal }: Call) => {
    if (principal.kind !== "role") return { UserId: world.accountId, Arn: `arn:aws:iam::${world.accountId}:root` };
    const role = principal.roleArn.split("/").at(-1)!;
    return {
      UserId: `AROALOCAL:${principal.sessionName}`,
      Arn: `arn:aws:sts::${world.accountId}:assumed-role/${role}/${principal.sessionName}`,
    };
  };
  return {
    scope: "sts",
    operations: { GetCallerIdentity: (_, call) => ({ ...identityOf(call), Account: world.accountId }) },
  };
}
