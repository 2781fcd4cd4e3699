import type { Label } from "./label.ts";

/** Labels as they are dropped: JSON lines with what is said and of which answer, and none of the texts that a sheet has. */
export function labelLines(labels: readonly Label[]): string {
  return labels
    .map(({ id, endpoint, grader, time, ...said }) => {
      const of = "grades" in said ? { grades: said.grades } : { feedback: said.reaction };
      return `${JSON.stringify({ id, endpoint, grader, time, ...of })}\n`;
    })
    .join("");
}
