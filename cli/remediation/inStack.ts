import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { NoSuchKey, S3Client } from "@aws-sdk/client-s3";
import { liftPause, pause } from "../../shared/aws/pause.ts";
import { listRecords } from "../../shared/aws/remediations.ts";
import { readJson } from "../../shared/aws/results.ts";
import { openTable } from "../../shared/aws/table.ts";
import { remediationKey } from "../../shared/monitoring/resultKeys.ts";
import type { Answer, RemediationRecord } from "../../shared/remediation/record.ts";
import { WrongUse } from "../exit.ts";
import { inAws, stackOutputs } from "../stack.ts";

/** What the stack answers; see `Heard` in functions/remediation/hear.ts. */
type Heard = { state: "done" | "refused"; status: string | null; because: string };

/** The remediations of a deployed stage. @throws WrongUse, as each of its methods, with what to do instead */
export async function openRemediations(stage: string) {
  const names = ["ResultsBucketName", "TableName", "RemediateFunctionName"] as const;
  const { ResultsBucketName, TableName, RemediateFunctionName } = await stackOutputs(stage, names);
  const asked = <T>(work: () => Promise<T>) => inAws(`The remediations of stage ${stage}`, work);
  const read = (id: string): Promise<RemediationRecord> =>
    asked(async () => {
      try {
        return await readJson<RemediationRecord>(new S3Client(), ResultsBucketName, remediationKey(id));
      } catch (error) {
        if (!(error instanceof NoSuchKey)) throw error;
        throw new WrongUse(`There is no remediation ${id}. List them with \`assay remediation list --stack ${stage}\`.`);
      }
    });
  return {
    read,
    /** The newest of each endpoint, newest first. */
    list: (endpoints: readonly string[], last: number): Promise<RemediationRecord[]> =>
      asked(async () => {
        const table = openTable(new DynamoDBClient(), TableName);
        const records = await Promise.all(endpoints.map((endpoint) => listRecords(table, endpoint, last)));
        return records.flat().sort((a, b) => (a.decidedAt < b.decidedAt ? 1 : -1));
      }),
    /** No action is begun on any endpoint until it is lifted. */
    pause: (by: string, why: string): Promise<void> =>
      asked(() => pause(openTable(new DynamoDBClient(), TableName), { by, why }, Date.now())),
    resume: (): Promise<void> => asked(() => liftPause(openTable(new DynamoDBClient(), TableName))),
    /** Says it of the attempt that is there now. The function decides: who may invoke it may do no more than it would do by itself. */
    async say(id: string, says: Answer["says"], who: string, why: string): Promise<Heard> {
      const { endpoint, alarm, openedAt, attempt } = await read(id);
      return asked(async () => {
        const Payload = JSON.stringify({
          source: "assay.person",
          record: { endpoint, alarm, openedAt, id, attempt },
          says,
          who,
          why,
        });
        const answer = await new LambdaClient().send(new InvokeCommand({ FunctionName: RemediateFunctionName, Payload }));
        const text = Buffer.from(answer.Payload ?? []).toString("utf8");
        if (answer.FunctionError !== undefined)
          throw new WrongUse(`Stage ${stage} could not do it now. Say it again; the log of its function remediate says why.`);
        return JSON.parse(text) as Heard;
      });
    },
  };
}
