import { stringify } from "csv-stringify/sync";
import { defused } from "./defuse.ts";

/** The answers of a queue for people to grade. Not the judge's grades: who has seen one gives a similar one. */
export type Sheet = { criteria: readonly string[]; rows: readonly SheetRow[] };
export type SheetRow = {
  id: string;
  variant: string;
  /** Of the answer, ISO. */
  time: string;
  segment: string;
  /** What a person needs to see, redacted; `""` where the captures no longer have it. */
  prompt: string;
  completion: string;
};

/**
 * A sheet as a file to be filled in and imported again: CSV that a spreadsheet opens, with no cell that it would run, or JSON lines. Its byte
 * order mark is how spreadsheets know UTF-8.
 * Source: RFC 4180; docs/labels.md
 */
export function sheetAs(format: "csv" | "jsonl", { criteria, rows }: Sheet): string {
  if (format === "jsonl") {
    const blank = Object.fromEntries(criteria.map((criterion) => [criterion, null]));
    return rows.map(({ id, ...rest }) => `${JSON.stringify({ id, grades: blank, grader: null, ...rest })}\n`).join("");
  }
  const columns = ["id", ...criteria.map((criterion) => `grade:${criterion}`), "grader"];
  const texts = ["segment", "variant", "time", "prompt", "completion"] as const;
  const cells = rows.map((row) => [row.id, ...criteria.map(() => ""), "", ...texts.map((name) => row[name])]);
  return stringify([[...columns, ...texts], ...cells.map((row) => row.map(defused.do))], {
    record_delimiter: "windows",
    bom: true,
  });
}
