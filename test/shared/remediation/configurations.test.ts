import { expect, test } from "@jest/globals";
import { type ConfigurationLog, configurationsOf, observed, type Served } from "../../../shared/remediation/configurations.ts";

const hourMs = 3_600_000;
const soundMs = 24 * hourMs;
const config = (name: string, model = name): Served => ({
  name,
  variants: [{ name: "stable", model, instanceType: "ml.g5.xlarge" }],
  components: {},
  capture: "all",
});
type Look = { served: Served; hours: number; isSound?: boolean };
/** The log after so many looks, an hour apart. */
const logAfter = (looks: readonly Look[]) => {
  let nowMs = 0;
  let log: ConfigurationLog | null = null;
  for (const { served, hours, isSound = true } of looks)
    for (let hour = 0; hour < hours; hour++) {
      log = observed(log, served, isSound, soundMs, nowMs);
      nowMs += hourMs;
    }
  return log!;
};

test.each<{ it: string; looks: Look[]; now: string; good: string | null; isProven: boolean }>([
  {
    it: "the first one has no other to go back to",
    looks: [{ served: config("a"), hours: 30 }],
    now: "a",
    good: null,
    isProven: true,
  },
  {
    it: "one that served a day without complaint",
    looks: [
      { served: config("a"), hours: 25 },
      { served: config("b"), hours: 3 },
    ],
    now: "b",
    good: "a",
    isProven: false,
  },
  {
    it: "not one that served for less",
    looks: [
      { served: config("a"), hours: 24 },
      { served: config("b"), hours: 3 },
    ],
    now: "b",
    good: null,
    isProven: false,
  },
  {
    it: "not one that somebody complained of every day",
    looks: [
      ...Array.from({ length: 5 }, () => [
        { served: config("a"), hours: 20 },
        { served: config("a"), hours: 1, isSound: false },
      ]).flat(),
      { served: config("b"), hours: 3 },
    ],
    now: "b",
    good: null,
    isProven: false,
  },
  {
    it: "the one before a bad one, however often bad ones come",
    looks: [
      { served: config("a"), hours: 25 },
      { served: config("b"), hours: 30, isSound: false },
      { served: config("c"), hours: 2, isSound: false },
    ],
    now: "c",
    good: "a",
    isProven: false,
  },
  {
    it: "what was brought back is as good as it was",
    looks: [
      { served: config("a"), hours: 25 },
      { served: config("b"), hours: 2, isSound: false },
      { served: config("a"), hours: 1 },
    ],
    now: "a",
    good: "a",
    isProven: true,
  },
  {
    it: "the one that was seen last, where nobody has looked at the present one yet",
    looks: [{ served: config("a"), hours: 25 }],
    now: "b",
    good: "a",
    isProven: false,
  },
])("good: $it", ({ looks, now, good, isProven }) => {
  const { lastGood, provenAtMs } = configurationsOf(logAfter(looks), now);
  expect([lastGood?.name ?? null, provenAtMs !== null]).toEqual([good, isProven]);
});

test("another model of a component is another configuration, and one that captures otherwise says so", () => {
  const component = (model: string, capture: string | null) => ({ ...config("a"), components: { chat: model }, capture });
  const log = logAfter([
    { served: component("m1", "half"), hours: 25 },
    { served: component("m2", "all"), hours: 1 },
  ]);
  expect(configurationsOf(log, "a").lastGood).toMatchObject({ components: { chat: "m1" }, capturesAlike: false });
});
