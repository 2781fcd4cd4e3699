import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { otherSegment } from "../capture/segment.ts";
import { keys, type Table } from "./table.ts";

/** The name under which an answer goes into the books, for the segment that its request names. */
export type KnownSegments = (endpoint: string, segment: string) => Promise<string>;

/**
 * Callers name segments where assay.yml does not, and a caller may name a new one with every request. So many have a place of their own in summaries, policies
 * and reports, more than anybody reads one by one; the rest shares one.
 */
const mostSegments = 50;

/**
 * The first 50 names of an endpoint's segments are kept, whatever comes later is `other`. What was decided for a name holds for good,
 * since the list only grows: a capture object that is read again gives the same books.
 * A warm container asks once for each name, and once the list is full never again.
 */
export function createKnownSegments(table: Table): KnownSegments {
  const known = new Map<string, Set<string>>();
  return async (endpoint, segment) => {
    const before = known.get(endpoint);
    if (segment === otherSegment || before?.has(segment)) return segment;
    if (before !== undefined && before.size >= mostSegments) return otherSegment;
    const names = await withName(table, endpoint, segment);
    known.set(endpoint, names);
    return names.has(segment) ? segment : otherSegment;
  };
}

/** The list, with the name on it if there is room. */
async function withName(table: Table, endpoint: string, segment: string): Promise<Set<string>> {
  try {
    const { Attributes } = await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.segments(endpoint),
        UpdateExpression: "ADD #names :added",
        ConditionExpression: "attribute_not_exists(#names) OR contains(#names, :segment) OR size(#names) < :most",
        ExpressionAttributeNames: { "#names": "names" },
        ExpressionAttributeValues: { ":added": new Set([segment]), ":segment": segment, ":most": mostSegments },
        ReturnValues: "ALL_NEW",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return Attributes!.names as Set<string>;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // The document client does not translate items of exceptions: this one is in DynamoDB's own notation.
    return new Set(error.Item?.names?.SS);
  }
}
