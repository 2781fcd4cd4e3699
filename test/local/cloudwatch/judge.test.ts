import { expect, test } from "@jest/globals";
import { evaluationRange, judge, missingTreatments, type Operator, type ThresholdRule } from "../../../local/cloudwatch/judge.ts";

const at = (minutesAgo: number) => Date.parse("2026-03-02T09:41:00Z") - minutesAgo * 60_000;
/** `0 - X`: within the threshold, missing, breaching; oldest first, as AWS's tables have it. */
const pointsOf = (picture: string) =>
  picture
    .split(" ")
    .reverse()
    .map((sign, i) => ({ atMs: at(i), value: sign === "-" ? null : sign === "X" ? 9 : 1 }));
const rule = (over: Partial<ThresholdRule>): ThresholdRule => ({
  operator: "GreaterThanThreshold",
  threshold: 5,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  treatMissingData: "missing",
  ...over,
});

// The tables of "Configuring how CloudWatch alarms treat missing data". `stays`: the current state is retained.
const tables = [
  { m: 3, points: "0 - X - X", missing: "OK", ignore: "OK", breaching: "OK", notBreaching: "OK" },
  { m: 3, points: "0 - - - -", missing: "OK", ignore: "OK", breaching: "OK", notBreaching: "OK" },
  { m: 3, points: "- - - - -", missing: "INSUFFICIENT_DATA", ignore: "stays", breaching: "ALARM", notBreaching: "OK" },
  { m: 3, points: "0 X X - X", missing: "ALARM", ignore: "ALARM", breaching: "ALARM", notBreaching: "ALARM" },
  { m: 3, points: "- - X - -", missing: "ALARM", ignore: "stays", breaching: "ALARM", notBreaching: "OK" },
  { m: 3, points: "X - - - -", missing: "ALARM", ignore: "stays", breaching: "ALARM", notBreaching: "OK" },
  { m: 3, points: "- - - - X", missing: "INSUFFICIENT_DATA", ignore: "stays", breaching: "ALARM", notBreaching: "OK" },
  { m: 3, points: "- - - X -", missing: "INSUFFICIENT_DATA", ignore: "stays", breaching: "ALARM", notBreaching: "OK" },
  { m: 2, points: "0 - X - X", missing: "ALARM", ignore: "ALARM", breaching: "ALARM", notBreaching: "ALARM" },
  { m: 2, points: "0 0 X 0 X", missing: "ALARM", ignore: "ALARM", breaching: "ALARM", notBreaching: "ALARM" },
  { m: 2, points: "0 - X - -", missing: "OK", ignore: "OK", breaching: "ALARM", notBreaching: "OK" },
  { m: 2, points: "- - - - 0", missing: "OK", ignore: "OK", breaching: "ALARM", notBreaching: "OK" },
  { m: 2, points: "- - - X -", missing: "ALARM", ignore: "stays", breaching: "ALARM", notBreaching: "OK" },
  // Not in the tables, but what their text says.
  { m: 2, points: "X X 0 0 0", missing: "OK", ignore: "OK", breaching: "OK", notBreaching: "OK" },
  { m: 1, points: "- - - - X", missing: "ALARM", ignore: "ALARM", breaching: "ALARM", notBreaching: "ALARM" },
] as const;

test.each(
  tables.flatMap(({ m, points, ...states }) =>
    missingTreatments.map((treatMissingData) => ({ m, points, treatMissingData, state: states[treatMissingData] })),
  ),
)("$m of 3, $points, missing data is $treatMissingData: $state", ({ m, points, treatMissingData, state }) => {
  const verdict = judge(pointsOf(points), rule({ datapointsToAlarm: m, treatMissingData }));
  expect(verdict?.state ?? "stays").toBe(state);
});

test("the range is as long as AWS's example", () => expect(evaluationRange(rule({}))).toBe(5));

test.each<{ operator: Operator; breaching: number[] }>([
  { operator: "GreaterThanThreshold", breaching: [6] },
  { operator: "GreaterThanOrEqualToThreshold", breaching: [5, 6] },
  { operator: "LessThanThreshold", breaching: [4] },
  { operator: "LessThanOrEqualToThreshold", breaching: [4, 5] },
])("$operator", ({ operator, breaching }) => {
  const alarms = (value: number) =>
    judge([{ atMs: at(0), value }], rule({ operator, evaluationPeriods: 1, datapointsToAlarm: 1 }))?.state === "ALARM";
  expect([4, 5, 6].filter(alarms)).toEqual(breaching);
});

test.each([
  {
    it: "an alarm",
    points: "0 X X",
    over: { datapointsToAlarm: 2 },
    reason:
      "Threshold Crossed: 2 out of the last 3 datapoints [9.0 (02/03/26 09:41:00), 9.0 (02/03/26 09:40:00)] were greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).",
  },
  {
    it: "the end of one",
    points: "0",
    over: { evaluationPeriods: 1, datapointsToAlarm: 1 },
    reason:
      "Threshold Crossed: 1 out of the last 1 datapoint [1.0 (02/03/26 09:41:00)] was not greater than the threshold (5.0) (minimum 1 datapoint for ALARM -> OK transition).",
  },
  { it: "too little", points: "- - -", over: {}, reason: "Insufficient Data: 3 datapoints were unknown." },
  {
    it: "nothing at all, treated as good",
    points: "- - -",
    over: { treatMissingData: "notBreaching" as const },
    reason:
      "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [NonBreaching].",
  },
])("says the reason of $it", ({ points, over, reason }) => expect(judge(pointsOf(points), rule(over))?.reason).toBe(reason));
