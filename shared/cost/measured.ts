/** Calls of AWS by what they are billed as. */
export type Calls = {
  /** And lists. */
  s3Puts: number;
  s3Gets: number;
  /** Of up to a kilobyte; an item in a transaction is two. */
  dynamoWrites: number;
  dynamoReads: number;
  sqs: number;
  metricPuts: number;
  invocations: number;
};

/**
 * Calls for each capture file, for each judged answer (with what the monitor reads of them afterwards), and for each endpoint at each tick
 * of the drift workflow. `npm run bench -- cost` plays some hours of traffic, counts them, and prints them beside these.
 */
export const measured: Record<"file" | "judged" | "tick", Calls> = {
  file: { s3Puts: 2, s3Gets: 2, dynamoWrites: 2.1, dynamoReads: 0.05, sqs: 4.1, metricPuts: 1, invocations: 0.94 },
  judged: { s3Puts: 1, s3Gets: 2, dynamoWrites: 8, dynamoReads: 1.6, sqs: 1.8, metricPuts: 0.62, invocations: 0.62 },
  tick: { s3Puts: 21.5, s3Gets: 9, dynamoWrites: 7.6, dynamoReads: 22.5, sqs: 0, metricPuts: 3.7, invocations: 8 },
};
