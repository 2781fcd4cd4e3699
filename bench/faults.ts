import { isDeepStrictEqual } from "node:util";
import type { Bench } from "./bench.ts";
import { played } from "./faults/played.ts";

/** Long enough for the drop, its finding, the shift and its verification. */
const hours = 3;
/** An undisturbed day is played once for as many disturbed ones. */
const perSeed = 4;

/**
 * The demo's day with every message twice and out of order, and with functions of judging, drift and remediation dying between any
 * two of their calls: what is left of it is compared with what is left of the same day undisturbed.
 */
export const faults: Bench = {
  name: "faults",
  says: "the demo's day, disturbed by repeated messages and crashes, against the same day undisturbed",
  runs: 20,
  async run(runs, progress) {
    let identical = 0;
    let crashes = 0;
    let oneAction = 0;
    const seams = new Set<string>();
    const differ: number[] = [];
    for (let first = 1; first <= runs; first += perSeed) {
      const seed = String(first);
      const undisturbed = await played(seed, hours, 0);
      for (let run = first; run < first + perSeed && run <= runs; run++) {
        progress(`run ${run} of ${runs}: ${identical} identical, ${crashes} crashes so far`);
        const disturbed = await played(seed, hours, run);
        if (isDeepStrictEqual(disturbed.remains, undisturbed.remains)) identical++;
        else differ.push(run);
        if (disturbed.remains.acted === 1) oneAction++;
        crashes += disturbed.crashes;
        for (const seam of disturbed.seams) seams.add(seam);
      }
    }
    if (differ.length > 0) progress(`runs ${differ.join(", ")} differ\n`);
    return {
      figures: { runs, identical, oneAction, crashes, seams: seams.size },
      references: { identical: runs, oneAction: runs },
    };
  },
};
