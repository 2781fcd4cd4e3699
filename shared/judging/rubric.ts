/** Criterion → what the grades 1 and 0 mean. */
export type Rubric = Record<string, string>;

/** The rubric as the judge reads it, one criterion a line, in the order of assay.yml. */
export function rubricText(rubric: Rubric): string {
  return Object.entries(rubric)
    .map(([criterion, meaning]) => `- ${criterion}: ${meaning}`)
    .join("\n");
}

/** The JSON schema of a reply: a number in [0, 1] for each criterion, and nothing else. */
export function gradesSchema(rubric: Rubric): object {
  const criteria = Object.keys(rubric);
  return {
    type: "object",
    properties: Object.fromEntries(criteria.map((criterion) => [criterion, { type: "number", minimum: 0, maximum: 1 }])),
    required: criteria,
    additionalProperties: false,
  };
}
