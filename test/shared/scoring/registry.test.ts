import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { scorers } from "../../../shared/scoring/registry.ts";

const fileOf = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const page = readFileSync(new URL("../../../docs/scorers.md", import.meta.url), "utf8");

test.each(scorers.map(({ name }) => name))("%s says what it measures, its range, its cost and what it cannot see", (name) => {
  const source = readFileSync(new URL(`../../../shared/scoring/${fileOf(name)}.ts`, import.meta.url), "utf8");
  for (const said of [" * Measures ", "\n * Range: ", "\n * Cost: ", "\n * Cannot see: "]) expect(source).toContain(said);
  expect(page).toContain(`| \`${name}\` |`);
});
