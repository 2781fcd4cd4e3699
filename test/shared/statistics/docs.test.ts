import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const headings = new Set([...read("docs/statistics.md").matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading));

test.each(readdirSync(new URL("shared/statistics/", root)))("the sections that %s cites exist", (file) => {
  const citations = [...read(`shared/statistics/${file}`).matchAll(/docs\/statistics\.md,((?: (?:and )?"[^"]+")+)/g)];
  const cited = citations.flatMap(([, list]) => [...list!.matchAll(/"([^"]+)"/g)].map(([, heading]) => heading));
  expect(cited.filter((heading) => !headings.has(heading))).toEqual([]);
});

test("every file that the documentation names exists", () => {
  const named = [...read("docs/statistics.md").matchAll(/`(\w+\.ts)`/g)].map(([, file]) => file!);
  const files = new Set(["statistics", "monitoring"].flatMap((folder) => readdirSync(new URL(`shared/${folder}/`, root))));
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((file) => !files.has(file))).toEqual([]);
});
