/** A measurement that anyone can repeat. */
export type Bench = {
  name: string;
  says: string;
  /** How many runs, where nobody asks for more or fewer. */
  runs: number;
  /**
   * @param runs     how many simulated runs
   * @param progress tells people how far it is
   * @returns figures, beside what they are to be compared with
   */
  run(runs: number, progress: (text: string) => void): Figures | Promise<Figures>;
};

type Figures = { figures: Record<string, number>; references: Record<string, number> };
