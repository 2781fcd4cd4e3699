import { AwsError, type Principal, type World } from "../world.ts";
import { accessesOf } from "./actions.ts";
import type { Iam } from "./iam.ts";
import { type AccessRequest, evaluate } from "./policy.ts";
import type { ResourcePolicies } from "./resourcePolicies.ts";

type Attempt = { principal: Principal; service: string; operation: string; input: Record<string, unknown> };
export type Authorizer = {
  /** @throws AwsError access denied, naming principal, action and resource; NotImplemented for an operation without known permissions */
  authorize(attempt: Attempt): void;
  /** May the principal list this bucket? If not, S3 answers 403 for a key that is missing. */
  mayList(principal: Principal, bucket: string): boolean;
  /** How often each role was allowed which operation, by `ROLE service:Operation`. */
  readonly calls: ReadonlyMap<string, number>;
};

/** Whose resources carry policies of their own. */
const withResourcePolicies = new Set(["s3", "sqs", "sns", "lambda"]);

/** The code and status with which a service refuses. JSON services answer 400, the older ones 403. */
const refusals: Record<string, { code: string; status: number }> = {
  s3: { code: "AccessDenied", status: 403 },
  sqs: { code: "AccessDenied", status: 403 },
  sns: { code: "AuthorizationError", status: 403 },
  monitoring: { code: "AccessDenied", status: 403 },
  sts: { code: "AccessDenied", status: 403 },
  iam: { code: "AccessDenied", status: 403 },
  cloudformation: { code: "AccessDenied", status: 403 },
  lambda: { code: "AccessDeniedException", status: 403 },
};
const jsonRefusal = { code: "AccessDeniedException", status: 400 };

/**
 * Decides as IAM does within one account: an explicit Deny anywhere refuses; else an Allow of the role's policies or of
 * the resource's suffices. A service acts by the resource's policy alone. `admin` needs no Allow. The loopback endpoint
 * counts as TLS (`aws:SecureTransport`), since what it stands for is always called over TLS.
 */
export function createAuthorizer(world: World, stores: { iam: Iam; resourcePolicies: ResourcePolicies }): Authorizer {
  const refusalOf = (principal: Principal, request: AccessRequest): string | null => {
    const identity =
      principal.kind === "role" ? evaluate(stores.iam.statementsOf(principal.roleArn), request, "identity") : "none";
    const resource = evaluate(stores.resourcePolicies.statementsOf(ownerOf(request.resource)), request, "resource");
    if (identity === "deny") return "with an explicit deny in an identity-based policy";
    if (resource === "deny") return "with an explicit deny in a resource-based policy";
    if (principal.kind === "admin" || identity === "allow" || resource === "allow") return null;
    const kind = principal.kind === "role" ? "identity-based" : "resource-based";
    return `because no ${kind} policy allows the ${request.action} action`;
  };
  const requestOf = (
    principal: Principal,
    action: string,
    resource: string,
    context: Record<string, string> = {},
  ): AccessRequest => ({
    action,
    resource,
    principal: {
      arn: principal.kind === "role" ? principal.roleArn : null,
      service: principal.kind === "service" ? principal.service : null,
      accountId: world.accountId,
    },
    context: { "aws:securetransport": "true", ...contextOf(principal, world.accountId), ...context },
  });

  const calls = new Map<string, number>();
  const count = ({ principal, service, operation }: Attempt) => {
    if (principal.kind !== "role") return;
    const name = `${principal.roleArn.split("/").at(-1)} ${service}:${operation}`;
    calls.set(name, (calls.get(name) ?? 0) + 1);
  };

  return {
    calls,
    authorize(attempt) {
      const { principal, service, operation, input } = attempt;
      if (principal.kind === "admin" && !withResourcePolicies.has(service)) return;
      for (const { action, resource, context } of accessesOf(service, operation, input, world)) {
        const why = refusalOf(principal, requestOf(principal, action, resource, context));
        if (why === null) continue;
        const { code, status } = refusals[service] ?? jsonRefusal;
        throw new AwsError(
          code,
          `${nameOf(principal)} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
          status,
        );
      }
      count(attempt);
    },
    mayList: (principal, bucket) =>
      refusalOf(principal, requestOf(principal, "s3:ListBucket", `arn:aws:s3:::${bucket}`)) === null,
  };
}

/** The ARN that a resource's policy is kept under: the bucket of an object, the function of a version. */
function ownerOf(resource: string): string {
  if (resource.startsWith("arn:aws:s3:::")) return resource.split("/", 1)[0]!;
  if (resource.startsWith("arn:aws:lambda:")) return resource.split(":").slice(0, 7).join(":");
  return resource;
}

function contextOf(principal: Principal, accountId: string): Record<string, string> {
  if (principal.kind === "role") return { "aws:principalarn": principal.roleArn };
  if (principal.kind === "admin") return { "aws:principalarn": `arn:aws:iam::${accountId}:root` };
  // An S3 bucket's ARN names no account.
  return { "aws:sourcearn": principal.sourceArn, "aws:sourceaccount": principal.sourceArn.split(":")[4] || accountId };
}

function nameOf(principal: Principal): string {
  if (principal.kind === "admin") return "User: admin";
  if (principal.kind === "service") return `Service: ${principal.service} (for ${principal.sourceArn})`;
  const [, , , , accountId, role] = principal.roleArn.split(":");
  return `User: arn:aws:sts::${accountId}:assumed-role/${role!.split("/").at(-1)}/${principal.sessionName}`;
}
