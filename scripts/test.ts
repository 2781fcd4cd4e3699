/**
 * `npm test`: types, lint and direction of imports, dead code, unit tests, wire tests, end-to-end tests, in that order, each
 * only when the one before has passed. `npm test -- --days` goes on with days of traffic: each scenario, and a disturbed day.
 * Ends with a line "N passed, N failed" that counts checks and tests.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "assay-test-"));
const bin = (name: string) => join("node_modules", ".bin", name);
const jest = (name: string, ...patterns: string[]) => ({
  name,
  report: join(folder, `${name.replaceAll(" ", "-")}.json`),
  command: [
    process.execPath,
    "node_modules/jest/bin/jest.js",
    // Jest leaves a core to whoever watches; nobody does.
    "--maxWorkers=100%",
    "--json",
    `--outputFile=${join(folder, `${name.replaceAll(" ", "-")}.json`)}`,
    ...patterns,
  ],
});

// The tests start hundreds of programs, which compile the same files again and again unless told where to keep the outcome.
process.env.NODE_COMPILE_CACHE ??= resolve("node_modules/.cache/assay-compiled");
const checks: { name: string; command: string[]; report?: string }[] = [
  { name: "types", command: [bin("tsc"), "--noEmit"] },
  { name: "lint and direction of imports", command: [bin("biome"), "ci", "--error-on-warnings", "."] },
  { name: "dead code", command: [bin("knip")] },
  jest("unit tests", "--testPathIgnorePatterns", "\\.wire\\.test\\.ts$", "/test/e2e/", "/test/days/"),
  jest("wire tests", "--testPathPatterns", "\\.wire\\.test\\.ts$"),
  jest("end-to-end tests", "--testPathPatterns", "/test/e2e/"),
  ...(process.argv.includes("--days") ? [jest("days of traffic", "--testPathPatterns", "/test/days/")] : []),
];

/** Nothing here measures time: a slow machine may take as long as it needs, and only what hangs is ended. */
const hangsMs = 40 * 60_000;

let passed = 0;
let failed = 0;
for (const { name, command, report } of checks) {
  const startedAt = Date.now();
  process.stdout.write(`\n— ${name}\n`);
  // Jest reports on stderr, and its JSON goes to a file.
  const { status } = spawnSync(command[0]!, command.slice(1), {
    stdio: ["ignore", report ? "ignore" : "inherit", "inherit"],
    timeout: hangsMs,
  });
  const counts = report ? countsIn(report) : { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 };
  passed += counts.passed;
  failed += counts.failed === 0 && status !== 0 ? 1 : counts.failed;
  process.stdout.write(
    `  ${name}: ${status === 0 ? "passed" : "failed"} in ${((Date.now() - startedAt) / 1_000).toFixed(1)} s\n`,
  );
  if (status !== 0) break;
}
rmSync(folder, { recursive: true });
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function countsIn(file: string): { passed: number; failed: number } {
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(file, "utf8")) as Record<
      string,
      number
    >;
    return { passed: numPassedTests ?? 0, failed: Math.max(numFailedTests ?? 0, numFailedTestSuites ?? 0) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
