import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { npmStart } from "./command.ts";

type Line = {
  findings: { cause: string; variant: string }[];
  actions: { kind: string; variant: string; outcome: string }[];
  counts: Record<string, number>;
  report: string;
};

async function played(...args: string[]): Promise<{ line: Line; told: string }> {
  const { code, stdout, stderr } = await npmStart([...args, "--json", "--port", "0"]);
  if (code !== 0) throw new Error(`npm start ended with ${code}:\n${stderr}`);
  return { line: JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Line, told: stderr };
}

function expectToAddUp({ captured, judged: _, ...six }: Record<string, number>): void {
  expect(Object.keys(six).sort()).toEqual(["answered", "inputOnly", "lost", "modelErrors", "outputOnly", "quarantined"]);
  expect(Object.values(six).reduce((sum, n) => sum + n)).toBe(captured);
  expect(captured).toBeGreaterThan(0);
}

test("the failing candidate loses its traffic, and the page says so", async () => {
  const { line, told } = await played("--scenario", "failing", "--hours", "1");
  expectToAddUp(line.counts);
  expect(line.findings).toContainEqual(expect.objectContaining({ cause: "model", variant: "candidate" }));
  expect(line.actions).toContainEqual(
    expect.objectContaining({ kind: "shift_traffic", variant: "candidate", outcome: expect.stringMatching(/^(acted|kept)$/) }),
  );
  // The clients' requests after the shift all went to the other variant.
  expect(told).toMatch(/candidate-slow-and-failing: OK → ALARM/);
  expect(told).toMatch(/remediation acted: shift traffic from candidate to stable/);

  const page = readFileSync(line.report, "utf8");
  expect(page).toContain("shift traffic from candidate to stable");
  expect(page.match(/<script/gi)).toHaveLength(1); // its own
  expect(page).not.toMatch(/<img|javascript:/i);
  for (const title of ["Quality over time", "Variants side by side", "Evidence of each signal"])
    expect(page).toContain(`>${title}</h2>`);
});
