import { expect, test } from "@jest/globals";
import { ExactMatch, Levenshtein, ValidJSON } from "autoevals";
import { type PlugIn, scorePlugIns } from "../../../shared/scoring/plugIn.ts";

const texts = { prompt: "When does the shop open?", completion: "At nine." };
const scored = (plugIn: PlugIn, completion = texts.completion, reference: string | null = null) =>
  scorePlugIns({ ...texts, completion }, reference, { own: "./own.ts" }, { "./own.ts": plugIn });

test.each<{ it: string; plugIn: PlugIn; completion?: string; reference?: string; score: number | null }>([
  { it: "autoevals' ExactMatch, unchanged", plugIn: ExactMatch as PlugIn, reference: "At nine.", score: 1 },
  { it: "autoevals' Levenshtein, unchanged", plugIn: Levenshtein as PlugIn, reference: "At five.", score: 0.75 },
  { it: "autoevals' ValidJSON, which promises", plugIn: ValidJSON as PlugIn, completion: "{", score: 0 },
  { it: "the prompt as its input", plugIn: ({ input }) => ({ name: "n", score: input === texts.prompt ? 1 : 0 }), score: 1 },
  { it: "no key where there is no reference", plugIn: (given) => ({ name: "n", score: "expected" in given ? 1 : 0 }), score: 0 },
  { it: "nothing to say", plugIn: () => ({ name: "n", score: null }), score: null },
  { it: "a score out of range, which is none", plugIn: () => ({ name: "n", score: 7 }), score: null },
  { it: "a failure, which is no bad answer", plugIn: () => Promise.reject(new Error("no network")), score: null },
])("a plug-in: $it", async ({ plugIn, completion, reference, score }) =>
  expect(await scored(plugIn, completion, reference ?? null)).toEqual({ own: score }),
);

test("a plug-in that was not packed says what to do", async () =>
  expect(scorePlugIns(texts, null, { own: "./own.ts" }, {})).rejects.toThrow("Deploy again"));
