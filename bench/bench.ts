/** A measurement that anyone can repeat. */
export type Bench = {
  name: string;
  says: string;
  /**
   * @param runs     how many simulated runs
   * @param progress tells people how far it is
   * @returns figures, beside what they are to be compared with
   */
  run(runs: number, progress: (text: string) => void): Figures;
};

type Figures = { figures: Record<string, number>; references: Record<string, number> };
