import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { adapters } from "../../shared/capture/adapters/registry.ts";
import { unreadableCodes } from "../../shared/capture/inference.ts";

const page = await readFile("docs/captures.md", "utf8");

test.each([...adapters.map(({ name }) => name), "custom"])("docs/captures.md says what %s reads", (name) => {
  expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\|`, "m"));
});

test.each(unreadableCodes)("docs/captures.md says what %s usually means", (code) => {
  expect(page).toMatch(new RegExp(`^\\|.*\`${code}\``, "m"));
});
