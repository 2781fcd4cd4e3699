import { expect, test } from "@jest/globals";
import { demoOptions } from "../../../local/demo/options.ts";
import { WrongUse } from "../../../local/port.ts";

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
  ["--openai", "localhost"],
  ["--openai-for", "judge"],
  ["--minutes", "3"],
  ["--openai", "http://127.0.0.1:1/v1", "--openai-for", "everyone"],
  ["--openai", "http://127.0.0.1:1/v1", "--minutes", "0"],
  ["--openai", "http://127.0.0.1:1/v1", "--scenario", "day"],
])("refuses %s %s %s %s and says what there is", (...args) => expect(() => demoOptions(args)).toThrow(WrongUse));

test.each([
  {
    it: "a scenario that does not exist",
    args: ["--scenario", "quiet"],
    says: /^There is no scenario quiet\. Take one of .*healthy/,
  },
  { it: "a port that is none", args: ["--port", "http"], says: /^--port is http\. Give a port number from 0/ },
  {
    it: "a folder that does not exist",
    args: ["--captures", "/no/such/folder"],
    says: /^--captures: \/no\/such\/folder is not a folder\. Give one that holds capture files/,
  },
])("says of $it what there is instead", ({ args, says }) => expect(() => demoOptions(args)).toThrow(says));

test.each([
  { it: "nothing, unless asked", args: [], live: null },
  {
    it: "the judge",
    args: ["--openai", "http://127.0.0.1:1/v1"],
    live: { forwarding: { of: ["judge"], baseUrl: "http://127.0.0.1:1/v1", model: null }, minutes: 5 },
  },
  {
    it: "what is named",
    args: [
      "--openai",
      "https://h/v1",
      "--openai-model",
      "m",
      "--openai-for",
      "stable",
      "--openai-for",
      "judge",
      "--minutes",
      "0.5",
    ],
    live: { forwarding: { of: ["stable", "judge"], baseUrl: "https://h/v1", model: "m" }, minutes: 0.5 },
  },
])("forwards $it", ({ args, live }) => expect(demoOptions(args)).toMatchObject({ live }));
