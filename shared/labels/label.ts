/** What users do with an answer that tells what they think of it. */
export const reactions = ["up", "down", "edited", "escalated"] as const;
export type Reaction = (typeof reactions)[number];

/** What somebody says of one answer. */
export type Label = {
  /** Its inference id or its event id. */
  id: string;
  /** `null`: that of the file. */
  endpoint: string | null;
  /** Who says so, or `""`. A later word of the same person takes the place of an earlier one. */
  grader: string;
  /** When the answer was given, ISO: where to look for it. `null`: it is among those that were asked about. */
  time: string | null;
} & Said;

/** A person's grades by the judge's criteria, each in [0, 1]; or what a user did. */
export type Said = { grades: Record<string, number> } | { reaction: Reaction };
