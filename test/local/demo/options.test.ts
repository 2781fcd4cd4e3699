import { expect, test } from "@jest/globals";
import { demoOptions, WrongUse } from "../../../local/demo/options.ts";

const played = (...args: string[]) => {
  const options = demoOptions(args);
  if (options === "help") throw new Error("asked for help");
  const { name, minutes, turn, happenings } = options.scenario;
  return { name, minutes, turn, happenings: happenings.map(({ when }) => when) };
};

test.each([
  { it: "the day", args: [], plays: { name: "day", minutes: 1_440, turn: 780, happenings: [0, 0, 45] } },
  {
    it: "another",
    args: ["--scenario", "latency"],
    plays: { name: "latency", minutes: 1_440, turn: 780, happenings: [0, "scaled"] },
  },
  {
    it: "six hours of it: things change at 01:00",
    args: ["--scenario", "everywhere", "--hours", "6"],
    plays: { name: "everywhere", minutes: 360, turn: 60, happenings: [0, "shifted"] },
  },
  {
    it: "hours of a short one",
    args: ["--scenario", "failing", "--hours", "1.5"],
    plays: { name: "failing", minutes: 90, turn: 15, happenings: [0] },
  },
])("plays $it", ({ args, plays }) => expect(played(...args)).toEqual(plays));

test.each([
  ["--hours", "0"],
  ["--hours", "25"],
  ["--hours", "many"],
  ["--scenario", "nightmare"],
])("refuses %s %s and says what there is", (...args) => expect(() => demoOptions(args)).toThrow(WrongUse));
