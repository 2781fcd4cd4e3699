import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { answersOf, gradedAnswersOf, textsOf } from "../../shared/aws/capturedAnswers.ts";
import { describeServing } from "../../shared/aws/servedVariants.ts";
import { type Assay, settingsOf } from "../../shared/config/assay.ts";
import { type CapturedText, choose, type Way } from "../../shared/evaluation/promote.ts";
import { WrongUse } from "../exit.ts";
import { inAws, stackOutputs } from "../stack.ts";

/** Chooses among the captured answers of what an endpoint serves. @throws WrongUse where there is none to choose */
export async function answersInStack(
  stage: string,
  assay: Assay,
  endpoint: string,
  span: { fromMs: number; toMs: number },
  way: Way,
  n: number,
): Promise<CapturedText[]> {
  if (!Object.hasOwn(assay.endpoints, endpoint)) throw new WrongUse(`assay.yml has no endpoint ${endpoint}.`);
  const { ResultsBucketName: resultsBucket } = await stackOutputs(stage, ["ResultsBucketName"]);
  return inAws(`The captures of ${endpoint}`, async () => {
    const results = { s3: new S3Client(), resultsBucket };
    const serving = await describeServing(new SageMakerClient(), endpoint);
    if (!serving) throw new WrongUse(`There is no endpoint ${endpoint} in this account and region.`);
    const of = { endpoint, variants: serving.variants, ...span };
    const chosen = choose(way === "worst" ? await gradedAnswersOf(results, of) : await answersOf(results, of), way, n);
    if (chosen.length === 0)
      throw new WrongUse(`Of ${endpoint} there is no ${way === "worst" ? "judged " : ""}answer in that span.`);
    const texts: CapturedText[] = [];
    for await (const text of textsOf(results, chosen, settingsOf(assay, endpoint))) texts.push(text);
    return texts;
  });
}
