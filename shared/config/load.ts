import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parse, parseDocument, visit } from "yaml";
import type { z } from "zod";
import type { Assay } from "./assay.ts";
import { assaySchema, defaultSettings, defaultsSchema } from "./schema.ts";

/** `line` counts from 1; `path` is empty where the file as a whole is meant. `message` says what is wrong and what to give. */
export type Problem = { line: number; path: string; message: string };

/** Everything that is wrong in a configuration file, one line each, as `FILE:LINE: sentence`. */
export class InvalidConfiguration extends Error {
  override readonly name = "InvalidConfiguration";
  readonly problems: readonly Problem[];
  constructor(fileName: string, problems: readonly Problem[]) {
    super(problems.map(({ line, message }) => `${fileName}:${line}: ${message}`).join("\n"));
    this.problems = problems;
  }
}

/** Reads a file that the configuration names, by its path from where the configuration lies. Throws where it cannot. */
export type ReadBeside = (path: string) => string;
const nothingBeside: ReadBeside = () => {
  throw new Error("there are no files here");
};

/**
 * Reads and completes a configuration.
 * @param text     YAML 1.2
 * @param fileName stands in front of each problem
 * @param readBeside reads the rubrics that have files of their own
 * @throws InvalidConfiguration with all problems at once
 */
export function parseAssay(text: string, fileName: string, readBeside: ReadBeside = nothingBeside): Assay {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const unreadable = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    line: lines.linePos(pos[0]).line,
    path: "",
    message: `This is not YAML that can be read: ${message}`,
  }));
  if (unreadable.length > 0) throw new InvalidConfiguration(fileName, unreadable);

  const given = contentsOf(document, lines, fileName);
  const unread = takeInRubrics(given, readBeside).map(({ path, message }) => ({
    line: lineOf(document, lines, path),
    path: path.join("."),
    message: `${path.join(".")} ${message}`,
  }));
  if (unread.length > 0) throw new InvalidConfiguration(fileName, unread);
  const defaults = defaultsSchema.safeParse(given).data?.defaults ?? defaultSettings;
  const parsed = assaySchema(defaults).safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .flatMap(explain.bind(null, given))
    .map(({ path, message }) => ({ line: lineOf(document, lines, path), path: path.join("."), message }))
    .sort((a, b) => a.line - b.line);
  throw new InvalidConfiguration(fileName, problems);
}

/** @throws InvalidConfiguration for aliases that lead nowhere, or to more than a configuration can be */
function contentsOf(document: Document, lines: LineCounter, fileName: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    let line = 1;
    visit(document, {
      Alias(_, alias) {
        line = lines.linePos(alias.range?.[0] ?? 0).line;
        return alias.resolve(document) === undefined ? visit.BREAK : undefined;
      },
    });
    const message = `This alias (*name) cannot be followed: ${(error as Error).message}. Write out what it stands for.`;
    throw new InvalidConfiguration(fileName, [{ line, path: "", message }]);
  }
}

type Path = readonly PropertyKey[];

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Puts the contents of rubrics' files where their names stand. Changes `given`. @returns what could not be read */
function takeInRubrics(given: unknown, readBeside: ReadBeside): { path: Path; message: string }[] {
  if (!isSection(given)) return [];
  const { defaults, endpoints } = given;
  const sections: [Path, unknown][] = [[["defaults"], defaults]];
  if (isSection(endpoints))
    sections.push(...Object.entries(endpoints).map(([name, its]): [Path, unknown] => [["endpoints", name], its]));
  return sections.flatMap(([path, its]) => {
    const judge = isSection(its) ? its.judge : undefined;
    if (!isSection(judge) || typeof judge.rubric !== "string") return [];
    const named = judge.rubric;
    try {
      judge.rubric = parse(readBeside(named)) as unknown;
      return [];
    } catch (error) {
      const why = (error as Error).message.split("\n")[0]!.replace(/[.:]$/, "");
      const message = `is ${shown(named)}, which cannot be read as a file of criteria: ${why}. Name a YAML file beside this one, or list the criteria here.`;
      return [{ path: [...path, "judge", "rubric"], message }];
    }
  });
}

function explain(given: unknown, issue: z.core.$ZodIssue): { path: Path; message: string }[] {
  const { path, message } = issue;
  const name = path.join(".") || "The file";
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `${[...path, key].join(".")} is not an option. ${message}`,
      }));
    case "invalid_key":
      return [{ path, message: `${name} has a name that cannot be. ${message}` }];
    default: {
      const value = valueAt(given, path);
      return [{ path, message: `${name} is ${value === undefined ? "missing" : shown(value)}. ${message}` }];
    }
  }
}

const valueAt = (given: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], given);

/** Short enough for a sentence. */
function shown(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return Object.keys(value).length === 0 ? "empty" : "a section";
  const text = String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text || "empty";
}

/** The line of a path's key or list item, or of the innermost part of the path that the file has. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
