import { expect, test } from "@jest/globals";
import { riskBandOf } from "../../../shared/sampling/riskBand.ts";

test.each([
  { it: "sound", scores: { relevance: 0.6, refusal: 1, repetition: 0.9 }, hard: false, band: "quiet" },
  { it: "nothing to say", scores: { relevance: null, refusal: 1 }, hard: false, band: "quiet" },
  { it: "no scores", scores: {}, hard: false, band: "quiet" },
  { it: "off the subject", scores: { relevance: 0.05, refusal: 1 }, hard: false, band: "risky" },
  { it: "a refusal that is no hard failure here", scores: { refusal: 0 }, hard: false, band: "risky" },
  { it: "a hard failure", scores: { repetition: 0.25 }, hard: true, band: "risky" },
])("$it is $band", ({ scores, hard, band }) => expect(riskBandOf(scores, hard)).toBe(band));
