/** Criterion → what its grades mean: "1: … 0.5: … 0: …", from the best to the worst. */
export type Rubric = Record<string, string>;

/** The criterion that targets, detectors and remediation speak of. Every judge has it: graded itself, or made of the others. */
export const primary = "quality";

/** A rubric, and by what weights `quality` follows from its criteria; `null` where `quality` is one of them. */
export type Graded = { rubric: Rubric; weights: Record<string, number> | null };

/** The rubric as the judge reads it, one criterion a line, in the order of assay.yml. */
export function rubricText(rubric: Rubric): string {
  return Object.entries(rubric)
    .map(([criterion, meaning]) => `- ${criterion}: ${meaning}`)
    .join("\n");
}

/** What a judgement has a grade for: the rubric's criteria, and `quality` before them where it is made of them. */
export function criteriaOf({ rubric, weights }: Graded): string[] {
  return weights === null ? Object.keys(rubric) : [primary, ...Object.keys(rubric)];
}

/**
 * The grades of a judgement: those that the judge gave and, where the rubric asks for no `quality`, their mean by the weights.
 * @param given a grade in [0, 1] for each criterion of the rubric
 */
export function withQuality(given: Record<string, number>, { rubric, weights }: Graded): Record<string, number> {
  if (weights === null) return given;
  const criteria = Object.keys(rubric);
  const total = criteria.reduce((sum, criterion) => sum + weights[criterion]!, 0); // each criterion has a weight, and one is above 0
  const weighted = criteria.reduce((sum, criterion) => sum + weights[criterion]! * given[criterion]!, 0);
  return { [primary]: Math.min(1, weighted / total), ...given }; // rounding must not lead above 1
}

/** The JSON schema of a reply: a number for each criterion, and nothing else. @param bounded whether to say that it is in [0, 1] */
export function gradesSchema(rubric: Rubric, bounded: boolean): object {
  const criteria = Object.keys(rubric);
  const grade = bounded ? { type: "number", minimum: 0, maximum: 1 } : { type: "number" };
  return {
    type: "object",
    properties: Object.fromEntries(criteria.map((criterion) => [criterion, grade])),
    required: criteria,
    additionalProperties: false,
  };
}
