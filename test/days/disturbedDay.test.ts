import { expect, test } from "@jest/globals";
import { played } from "../../bench/faults/played.ts";

/** As short as a day can be that ends with a verified action. `npm run bench -- faults` plays more of them, and longer ones. */
const hours = 2.25;

test("messages twice and out of order, and functions dying between their calls, change nothing that is left of a day", async () => {
  const [undisturbed, disturbed] = await Promise.all([played("assay", hours, 0), played("assay", hours, 1)]);
  const { judgements, ...left } = undisturbed.remains;
  expect(left).toMatchObject({
    chosen: Object.keys(judgements).length,
    findings: expect.arrayContaining([expect.objectContaining({ cause: "model", variant: "candidate" })]),
    remediations: expect.arrayContaining([expect.objectContaining({ cause: "model", status: "kept" })]),
    acted: 1,
    weights: { stable: 2, candidate: 0 },
    deadLetters: 0,
  });
  expect(left.costMicroUsd).toBe(left.spentMicroUsd);
  expect(undisturbed.crashes).toBe(0);

  expect(disturbed.remains).toEqual(undisturbed.remains);
  expect(disturbed.crashes).toBeGreaterThan(10);
  expect(disturbed.seams.length).toBeGreaterThan(8);
});
