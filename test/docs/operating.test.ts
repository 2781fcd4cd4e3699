import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { deadLetterQueues } from "../../infrastructure/queues.ts";
import { parseAssay } from "../../shared/config/load.ts";
import { endpointAlarms, watchedAlarms } from "../../shared/monitoring/alarmNames.ts";
import type { Cause } from "../../shared/monitoring/finding.ts";
import { actionKinds } from "../../shared/remediation/actionKinds.ts";

const page = readFileSync("docs/operating.md", "utf8");
const assay = parseAssay(readFileSync("assay.yml", "utf8"), "assay.yml", (file) => readFileSync(file, "utf8"));

/** Rows of the page's tables by what stands first in them, with their other cells. */
const rows = new Map(
  [...page.matchAll(/^\| `([\w-]+)`(?: \([^|]*\))? \|(.*)\|$/gm)].map(([, name = "", rest = ""]) => [
    name,
    rest.split("|").map((cell) => cell.trim()),
  ]),
);

const kinds = [
  ...watchedAlarms(assay, "prod").map(({ kind }) => kind),
  ...Object.values(assay.endpoints).flatMap(endpointAlarms),
];
// The example names no GPUs.
const alarms = [...new Set([...kinds, "gpu-memory"])];
test.each(alarms)("docs/operating.md says when the alarm %s is on, and what to do", (kind) => {
  expect(rows.get(kind)?.filter((cell) => cell.length > 10).length).toBeGreaterThanOrEqual(2);
});

const causes: Record<Cause, true> = {
  ...{ model: true, model_everywhere: true, traffic: true, judge: true },
  ...{ capacity: true, capture: true, baseline: true, undecided: true },
};
test.each(Object.keys(causes))("docs/operating.md says what the cause %s means, and what to do", (cause) => {
  expect(page).toMatch(new RegExp(`^\\| \`${cause}\` \\| [^|]{4,} \\| [^|]{10,} \\|$`, "m"));
});

test.each(actionKinds)("docs/operating.md says what %s does, how it is verified, and what it is taken back by", (kind) => {
  expect(rows.get(kind)).toHaveLength(3);
});

test.each(Object.values(deadLetterQueues))("docs/operating.md says what to do about %s", (queue) => {
  expect(page).toContain(`\n- \`${queue}\``);
});
