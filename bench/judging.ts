import type { Bench } from "./bench.ts";
import { costPerThousand } from "./judging/cost.ts";
import { throughput } from "./judging/throughput.ts";

/** What judging costs in one call for all criteria and in one call for each, and how many answers one judge function gets through. */
export const judging: Bench = {
  name: "judging",
  says: "cost of one call for all criteria beside one for each, and answers judged a second at 200 ms a call",
  runs: 40,
  async run(runs, progress) {
    const { combined, separate, criteria, answers } = costPerThousand();
    const { judgedPerSecond, batchMs, judged } = await throughput(runs, progress);
    return {
      figures: {
        answers,
        criteria,
        usdPerThousandCombined: combined.microUsd / 1_000_000,
        inputTokensCombined: combined.inputTokens,
        outputTokensCombined: combined.outputTokens,
        savedByCombining: 1 - combined.microUsd / separate.microUsd,
        judged,
        judgedPerSecond,
        batchMs,
      },
      references: {
        usdPerThousandCombined: separate.microUsd / 1_000_000,
        inputTokensCombined: separate.inputTokens,
        outputTokensCombined: separate.outputTokens,
        judgedPerSecond: 10 / 0.2, // ten calls at a time that only wait
        batchMs: 200,
      },
    };
  },
};
