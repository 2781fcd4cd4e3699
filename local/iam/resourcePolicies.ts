import { AwsError } from "../world.ts";
import { MalformedPolicy, parsePolicy, type Statement } from "./policy.ts";

export type ResourcePolicies = {
  /** Called by the part that owns the resource whenever its policy changes; `null` removes it. @throws AwsError MalformedPolicy */
  setResourcePolicy(arn: string, document: unknown): void;
  statementsOf(arn: string): readonly Statement[];
};

/** Policies of buckets, queues and functions, by the ARN of the resource itself (a bucket's, not its objects'). */
export function createResourcePolicies(): ResourcePolicies {
  const policies = new Map<string, readonly Statement[]>();
  return {
    setResourcePolicy(arn, document) {
      if (document === null) policies.delete(arn);
      else policies.set(arn, parsed(document));
    },
    statementsOf: (arn) => policies.get(arn) ?? [],
  };
}

function parsed(document: unknown): Statement[] {
  try {
    return parsePolicy(document);
  } catch (error) {
    if (error instanceof MalformedPolicy) throw new AwsError("MalformedPolicy", error.message);
    throw error;
  }
}
