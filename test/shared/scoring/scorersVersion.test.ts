import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { scorers } from "../../../shared/scoring/registry.ts";
import { scorersRevision, scorersVersion } from "../../../shared/scoring/scorersVersion.ts";
import { labelledSubjects } from "./labelled.ts";

test("what scorers say of fixed answers belongs to one revision", () => {
  const subjects = [...labelledSubjects().values()].flat();
  const said = scorers.map(({ name, score }) => [name, subjects.map(({ subject }) => score(subject)?.toFixed(6) ?? null)]);
  const hash = createHash("sha256").update(JSON.stringify(said)).digest("hex").slice(0, 16);
  // Scores changed? Raise `scorersRevision` and write both here: baselines with the old scores are then outdated, and say so.
  expect({ revision: scorersRevision, hash }).toEqual({ revision: 2, hash: "50e2e26abf625640" });
});

const settings = {
  off: ["pii", "json"],
  rules: { a: { regex: "x", absent: false }, b: { regex: "y", absent: false } },
  plugIns: {},
};
test.each([
  {
    it: "is the same whatever the order",
    other: { ...settings, off: ["json", "pii"], rules: { b: settings.rules.b, a: settings.rules.a } },
    same: true,
  },
  { it: "changes with what is off", other: { ...settings, off: [] }, same: false },
  {
    it: "changes with a rule",
    other: { ...settings, rules: { ...settings.rules, a: { regex: "x", absent: true } } },
    same: false,
  },
  { it: "changes with a plug-in", other: { ...settings, plugIns: { factual: "./factual.ts" } }, same: false },
])("the version of the scorers $it", ({ other, same }) => {
  expect(scorersVersion(other) === scorersVersion(settings)).toBe(same);
});
