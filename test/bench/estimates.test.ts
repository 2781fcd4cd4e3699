import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const main = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

test("the bench of estimates shows ours beside naive methods, and says where real outputs are not measured", () => {
  const { ASSAY_REAL_DATA, ...env } = process.env;
  const args = [main, "estimates", "--runs", "40", "--json"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env });
  const { bench, figures, references } = JSON.parse(stdout);
  expect(bench).toBe("estimates");
  expect(references).toMatchObject({ coverage95: 0.935, widthOverUniform: 1 });
  expect(figures.coverage95).toBeGreaterThan(0.8); // of 40: by chance far from what a thousand would show
  expect(figures.coverage95PlainMean).toBeLessThan(0.7);
  expect(figures.widthOverUniform).toBeLessThan(1);
  for (const bias of [figures.biasUniform, figures.biasRiskWeighted, figures.biasNoon])
    expect(bias).toBeLessThan(references.bias);
  expect(figures.biasPlainMeanRiskWeighted).toBeGreaterThan(references.bias);
  expect(figures.realTraffic).toBe(0);
  expect(stderr).toContain("ASSAY_REAL_DATA is not set");
});
