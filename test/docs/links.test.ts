import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";

const read = (path: string) => readFileSync(path, "utf8");
const inDocs = readdirSync("docs").flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : []));

/** As GitHub makes them of headings: lower case, spaces as hyphens, without other signs. */
const anchorsOf = (text: string) =>
  new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );

test.each(["README.md", "CONTRIBUTING.md", "SECURITY.md", ...inDocs])("every link of %s leads somewhere", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  const broken = links.filter(([, path = "", anchor]) => {
    const target = path === "" ? page : join(dirname(page), path);
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(read(target)).has(anchor));
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

test("docs/README.md names every page", () => {
  const index = read("docs/README.md");
  expect(inDocs.filter((page) => page !== "docs/README.md" && !index.includes(`(${page.slice(5)})`))).toEqual([]);
});
