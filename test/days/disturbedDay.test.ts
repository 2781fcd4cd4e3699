import { expect, jest, test } from "@jest/globals";
import { played } from "../../bench/faults/played.ts";

jest.setTimeout(900_000);

/** As short as a day can be that ends with a verified action. `npm run bench -- faults` plays more of them, and longer ones. */
const hours = 2;

test("messages twice and out of order, and functions dying between their calls, change nothing that is left of a day", async () => {
  const [undisturbed, first] = await Promise.all([played("assay", hours, 0), played("assay", hours, 1)]);
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

  const second = await played("assay", hours, 2);
  for (const { remains, crashes, seams } of [first, second]) {
    expect(remains).toEqual(undisturbed.remains);
    expect(crashes).toBeGreaterThan(10);
    expect(seams.length).toBeGreaterThan(8);
  }
});
