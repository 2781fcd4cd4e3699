import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expiry, keys, type Table } from "./table.ts";

/** How a window's answers are chosen for judging: each with the probability π in (0, 1]. */
type SamplingPolicy = { pi: number };
export type SamplingPolicies = (endpoint: string, window: string, rate: number, nowMs: number) => Promise<SamplingPolicy>;

/** Longer than a claim can be open: a capture object that is taken up late must meet the policy of its window. */
const retentionDays = 60;
/** Windows of a busy fleet's day; above it we forget and ask again. */
const remembered = 10_000;

/**
 * The policy of an endpoint's window: the stored one, or `rate`, which is thereby frozen. Whoever comes first decides, so an
 * object that is read twice, before and after a change of assay.yml, chooses the same answers with the same π.
 * Policies never change, so a warm container asks once for each.
 */
export function createSamplingPolicies(table: Table): SamplingPolicies {
  const known = new Map<string, SamplingPolicy>();
  return async (endpoint, window, rate, nowMs) => {
    const key = keys.policy(endpoint, window);
    const name = JSON.stringify(key);
    const cached = known.get(name);
    if (cached) return cached;
    const { Attributes } = await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: key,
        UpdateExpression: "SET #pi = if_not_exists(#pi, :rate), #ttl = if_not_exists(#ttl, :ttl)",
        ExpressionAttributeNames: { "#pi": "pi", "#ttl": "ttl" },
        ExpressionAttributeValues: { ":rate": rate, ":ttl": expiry(nowMs, retentionDays) },
        ReturnValues: "ALL_NEW",
      }),
    );
    const policy = { pi: Attributes!.pi as number };
    if (known.size >= remembered) known.clear();
    known.set(name, policy);
    return policy;
  };
}
