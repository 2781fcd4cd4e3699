import { escaped } from "../monitoring/resultKeys.ts";

/** Keys in the results bucket of one evaluation, all under `evaluations/{id}/`. They follow from its items, so a repeat finds them. */
export const evaluationKeys = (id: string) => {
  const folder = `evaluations/${id}`;
  return {
    /** Where the command line puts a golden set: by its content, so that another one does not overwrite it. */
    goldenSet: (contentHash: string) => `${folder}/golden-${contentHash.slice(0, 16)}.jsonl`,
    /** The golden set that an evaluation of captured traffic makes. */
    captured: `${folder}/captured.jsonl`,
    plan: `${folder}/plan.json`,
    /** One pointer into the golden set a line. */
    pointers: `${folder}/pointers.jsonl`,
    items: `${folder}/items/`,
    item: (item: string) => `${folder}/items/${escaped(item)}.json`,
    /** @param repeat from 1: how often the item was asked */
    answer: (variant: string, item: string, repeat = 1) =>
      `${folder}/answers/${escaped(variant)}/${escaped(item)}${repeat === 1 ? "" : `/${repeat}`}.json`,
    /** `round`: see `judgeAnswer`. */
    judgement: (variant: string, item: string, judgeVersion: string, round: number) =>
      `${folder}/judgements/${escaped(variant)}/${escaped(item)}.${judgeVersion}.${round}.json`,
    /** That a comparison was looked at with so many finished items, and that it was decided. */
    look: (items: number) => `${folder}/looks/${items}.json`,
    decided: `${folder}/decided.json`,
    result: `${folder}/result.json`,
    report: `${folder}/report.html`,
  };
};

const prefix = "assay-evaluation/";
/** Marks the requests of an evaluation in captures. At most 64 ASCII characters, as SageMaker takes them. */
export const evaluationInferenceId = (id: string): string => `${prefix}${id}`;
/** Whether a captured inference was an evaluation's question, and so is no traffic. */
export const isOfEvaluation = ({ inferenceId }: { inferenceId?: string }): boolean => inferenceId?.startsWith(prefix) ?? false;
