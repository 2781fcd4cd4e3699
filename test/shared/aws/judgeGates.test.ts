import { expect, test } from "@jest/globals";
import { openJudgeGates } from "../../../shared/aws/judgeGates.ts";
import { Throttled } from "../../../shared/aws/throttled.ts";

const judge = { provider: "bedrock" as const, model: "m-1" };

test("no more calls than the judge takes are open at once; the others go when one ends", async () => {
  const through = openJudgeGates(() => 0);
  const ends: (() => void)[] = [];
  let open = 0;
  let most = 0;
  const all = Array.from({ length: 12 }, () =>
    through(judge, 1_000, async () => {
      most = Math.max(most, ++open);
      await new Promise<void>((resolve) => ends.push(resolve));
      open--;
      return { asked: true };
    }),
  );
  let done = 0;
  while (done < 12) {
    await new Promise(setImmediate);
    for (const end of ends.splice(0)) {
      end();
      done++;
    }
  }
  await expect(Promise.all(all)).resolves.toHaveLength(12);
  expect([most >= 5, most <= 7, open]).toEqual([true, true, 0]);
});

test("who cannot begin in time is sent away, and so is everyone while the judge takes nothing; another judge is another matter", async () => {
  let nowMs = 0;
  const through = openJudgeGates(() => nowMs);
  const refuse = () => Promise.reject(new Throttled("busy"));
  const answer = () => Promise.resolve({ asked: true });
  const held = Promise.withResolvers<{ asked: boolean }>();
  const holders = Array.from({ length: 5 }, () => through(judge, 1_000, () => held.promise));
  const late = through(judge, 1_000, answer);
  nowMs = 2_000;
  held.resolve({ asked: true });
  await Promise.all(holders);
  await expect(late).rejects.toMatchObject({ name: "JudgePaused" });
  for (let n = 0; n < 5; n++) await expect(through(judge, 9_000, refuse)).rejects.toThrow("busy");
  await expect(through(judge, 9_000, answer)).rejects.toMatchObject({ name: "JudgePaused" });
  await expect(through({ ...judge, model: "m-2" }, 9_000, answer)).resolves.toEqual({ asked: true });
  nowMs += 30_000;
  await expect(through(judge, 99_000, answer)).resolves.toEqual({ asked: true });
});
