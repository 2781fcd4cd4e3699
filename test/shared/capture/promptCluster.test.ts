import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { mostClusters, promptCluster } from "../../../shared/capture/promptCluster.ts";

const about = (subject: string) => [
  `Where is my ${subject}? The ${subject} should have arrived yesterday.`,
  `Hello, where is the ${subject} please? It should have arrived yesterday!`,
  `THE ${subject.toUpperCase()} SHOULD HAVE ARRIVED YESTERDAY. Where is it?`,
];

test("questions in much the same words share a cluster, and different ones spread over all of them", () => {
  const letter = (n: number) => String.fromCharCode(97 + (Math.floor(n) % 26));
  const word = (n: number) => letter(n) + letter(n / 26) + letter(7 * n) + letter(3 * n);
  const subjects = Array.from({ length: 400 }, (_, i) => `${word(i)} and ${word(i + 999)} or ${word(2 * i)}`);
  for (const subject of ["parcel", "invoice", "refund"])
    expect(new Set(about(subject).map((text) => promptCluster(text, 8))).size).toBe(1);
  expect(new Set(subjects.map((text) => promptCluster(text, 8))).size).toBe(8);
});

test("clusters are pinned: other ones would look like a change of traffic", () =>
  expect(about("parcel").map((text) => promptCluster(text, 8))).toEqual([3, 3, 3]));

test.each([
  { it: "no word", text: "?!" },
  { it: "nothing but short words", text: "Is it so?" },
])("$it belongs to no cluster", ({ text }) => expect(promptCluster(text, 8)).toBeNull());

test("any text has one of the clusters, or none", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom("\ud800 lone", "返品について教えてください", "\u0000\u0001", "#######")),
      fc.integer({ min: 2, max: mostClusters }),
      (text, clusters) => {
        const cluster = promptCluster(text, clusters);
        expect(cluster === null || (Number.isInteger(cluster) && cluster >= 1 && cluster <= clusters)).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});
