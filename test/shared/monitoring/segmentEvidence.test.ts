import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import {
  foldSegments,
  newSegmentEvidence,
  segmentReferences,
  segmentsThatMoved,
} from "../../../shared/monitoring/segmentEvidence.ts";
import { freeze, graded, play, sound, soundDays } from "./played.ts";

const known = { mu0: 0.9, se0: 0.01, judged: 900 };
const references = segmentReferences([known, known, known, null], null, 0.02);

/** A month in which segments have means of their own in its last two days. */
function month(means: readonly number[], seed = 1) {
  const chance = chanceFrom(seed);
  let evidence = newSegmentEvidence();
  for (let window = 0; window < 30 * 24; window++) {
    const day = Math.floor(window / 24);
    const rows = means.map((mean) =>
      Array.from({ length: 8 }, () => ({ y: chance() < (day < 28 ? 0.9 : mean) ? 1 : 0, pi: 0.2 })),
    );
    evidence = foldSegments(evidence, day, 0.2, rows, references, 0);
  }
  return segmentsThatMoved(evidence);
}

test.each([
  { it: "none where nothing moved", means: [0.9, 0.9, 0.9, 0.9], moved: [] },
  { it: "the one that fell", means: [0.9, 0.5, 0.9, 0.9], moved: [{ bin: 1, direction: "drop" }] },
  {
    it: "one that fell and one that rose",
    means: [0.6, 0.9, 1, 0.9],
    moved: [
      { bin: 0, direction: "drop" },
      { bin: 2, direction: "rise" },
    ],
  },
  { it: "none that the baseline does not know", means: [0.9, 0.9, 0.9, 0.1], moved: [] },
])("names $it", ({ means, moved }) => expect(month(means)).toEqual(moved));

test("names nothing before there is anything, and on the scale of a judge that moved nothing that it explains", () => {
  expect(segmentsThatMoved(newSegmentEvidence())).toEqual([]);
  const [strict] = segmentReferences([known], { J: -0.2, seJ: 0.01 }, 0.02);
  expect(strict!.low).toBeLessThan(0.68);
  expect(segmentReferences([{ mu0: 1, se0: 0, judged: 12 }], null, 0.02)[0]!.low).toBeLessThan(0.8);
});

test("a finding names the segment that fell, and not those that did not", () => {
  const baseline = freeze(soundDays(3, 0.06));
  const candidate = { ...sound, ...graded({ billing: sound.billing! }, -0.8) };
  const [finding] = play(baseline, 12, { atHour: 1, variants: { candidate } }).findings;
  expect(finding).toMatchObject({ cause: "model", segments: [{ segment: "billing", size: expect.closeTo(-0.8, 0) }] });
});
