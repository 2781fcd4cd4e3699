import { QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { iso } from "../monitoring/windows.ts";
import type { StrataCounts } from "../sampling/strata.ts";
import { dayMs, type TrafficDay, windowOfDay, windowsPerDay } from "../sampling/traffic.ts";
import { expiry, keys, type Table } from "./table.ts";

/** A week shows every hour of a weekend, and what it was like before is no guide to tomorrow. */
const rememberedDays = 7;

/** What one capture object adds to the traffic of its window. */
export type ObjectTraffic = {
  answered: number;
  chosen: number;
  strata: StrataCounts;
  tokens: { prompt: number; completion: number };
};

/**
 * Adds a capture object to its day's counts. After a crash between this and finishing its claim it may be counted twice, which makes the
 * pacer a little more careful and touches nothing else: the books are the summaries.
 */
export async function addTraffic(table: Table, endpoint: string, window: string, traffic: ObjectTraffic): Promise<void> {
  const { answered, chosen, strata, tokens } = traffic;
  if (answered === 0) return;
  const i = windowOfDay(window);
  const counts: Record<string, number> = {
    [`answered#${i}`]: answered,
    [`chosen#${i}`]: chosen,
    promptTokens: tokens.prompt,
    completionTokens: tokens.completion,
  };
  for (const [segment, { quiet, risky }] of Object.entries(strata)) {
    counts[`quiet#${segment}`] = quiet;
    counts[`risky#${segment}`] = risky;
  }
  const added = Object.entries(counts).filter(([, n]) => n > 0);
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.traffic(endpoint, window.slice(0, 10)),
      UpdateExpression: `SET #ttl = :ttl ADD ${added.map((_, n) => `#n${n} :n${n}`).join(", ")}`,
      ExpressionAttributeNames: { "#ttl": "ttl", ...Object.fromEntries(added.map(([name], n) => [`#n${n}`, name])) },
      ExpressionAttributeValues: {
        ":ttl": expiry(Date.parse(window), rememberedDays + 2),
        ...Object.fromEntries(added.map(([, count], n) => [`:n${n}`, count])),
      },
    }),
  );
}

/** The traffic of a day and of the week before it, in order of time; a day without answers is left out. */
export async function readTraffic(table: Table, endpoint: string, nowMs: number): Promise<TrafficDay[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: {
        ":pk": keys.traffic(endpoint, "").pk,
        ":from": iso(nowMs - rememberedDays * dayMs).slice(0, 10),
        ":to": iso(nowMs).slice(0, 10),
      },
      ConsistentRead: true,
    }),
  );
  return Items.map(trafficDay);
}

function trafficDay(item: Record<string, unknown>): TrafficDay {
  const count = (name: string) => (item[name] as number | undefined) ?? 0;
  const perWindow = (name: string) => Array.from({ length: windowsPerDay }, (_, i) => count(`${name}#${i}`));
  const segments = Object.keys(item).flatMap((name) => /^(?:quiet|risky)#(.*)$/s.exec(name)?.[1] ?? []);
  return {
    date: item.sk as string,
    answered: perWindow("answered"),
    chosen: perWindow("chosen"),
    strata: Object.fromEntries(
      segments.map((segment) => [segment, { quiet: count(`quiet#${segment}`), risky: count(`risky#${segment}`) }]),
    ),
    promptTokens: count("promptTokens"),
    completionTokens: count("completionTokens"),
  };
}
