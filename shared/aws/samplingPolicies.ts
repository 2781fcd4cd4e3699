import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { SamplingPolicy } from "../sampling/policy.ts";
import { expiry, keys, type Table } from "./table.ts";

/** @param planned the policy where none is stored, or how to find it: that is asked only then */
export type SamplingPolicies = (
  endpoint: string,
  window: string,
  planned: SamplingPolicy | (() => Promise<SamplingPolicy>),
  nowMs: number,
) => Promise<SamplingPolicy>;

/** Longer than a claim can be open: a capture object that is taken up late must meet the policy of its window. */
const retentionDays = 60;
/** Windows of a busy fleet's day; above it we forget and ask again. */
const remembered = 10_000;

/**
 * The policy of an endpoint's window: the stored one, or the planned one, which is thereby frozen. Whoever comes first decides, so an
 * object that is read twice, before and after a change of assay.yml or of the traffic, chooses the same answers with the same π.
 * Policies never change, so a warm container asks once for each.
 */
export function createSamplingPolicies(table: Table): SamplingPolicies {
  const known = new Map<string, SamplingPolicy>();
  return async (endpoint, window, planned, nowMs) => {
    const key = keys.policy(endpoint, window);
    const name = JSON.stringify(key);
    const cached = known.get(name);
    if (cached) return cached;
    const policy =
      typeof planned === "function"
        ? ((await stored(table, key)) ?? (await freeze(table, key, await planned(), nowMs)))
        : await freeze(table, key, planned, nowMs);
    if (known.size >= remembered) known.clear();
    known.set(name, policy);
    return policy;
  };
}

type PolicyKey = ReturnType<typeof keys.policy>;

async function stored(table: Table, Key: PolicyKey): Promise<SamplingPolicy | null> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
  return (Item?.policy as SamplingPolicy | undefined) ?? null;
}

async function freeze(table: Table, Key: PolicyKey, planned: SamplingPolicy, nowMs: number): Promise<SamplingPolicy> {
  const { Attributes } = await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key,
      UpdateExpression: "SET #policy = if_not_exists(#policy, :planned), #ttl = if_not_exists(#ttl, :ttl)",
      ExpressionAttributeNames: { "#policy": "policy", "#ttl": "ttl" },
      ExpressionAttributeValues: { ":planned": planned, ":ttl": expiry(nowMs, retentionDays) },
      ReturnValues: "ALL_NEW",
    }),
  );
  return Attributes!.policy as SamplingPolicy;
}
