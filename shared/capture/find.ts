import { JMESPathTypeError, search } from "@aws-lambda-powertools/jmespath";

type SearchedData = Parameters<typeof search>[1];

/**
 * What a JMESPath expression of assay.yml finds in parsed JSON; `null` where it finds nothing.
 * @throws JMESPathError where the expression itself is wrong: that is the configuration's error, not the record's
 */
export function find(expression: string, data: object): unknown {
  try {
    return search(expression, data as SearchedData); // parsed JSON on all sides, which is what it wants
  } catch (error) {
    // A function met data of a kind it does not take, or data nested deeper than the stack: it finds nothing in this record.
    if (error instanceof JMESPathTypeError || error instanceof RangeError) return null;
    throw error;
  }
}
