import { parse } from "csv-parse/sync";
import { primary } from "../judging/rubric.ts";
import { iso } from "../monitoring/windows.ts";
import * as z from "../schema.ts";
import { defused } from "./defuse.ts";
import { type Label, reactions } from "./label.ts";

/** A line that is no label, with what to do about it. Never quotes what the line says. */
export type Fault = { line: number; message: string };

export type ParsedLabels = {
  labels: Label[];
  /** Answers that are listed, and that nobody has graded yet. */
  blank: number;
  faults: Fault[];
};

const gradeRule = "a grade is a number from 0 to 1";
const grade = z.nullish(z.number(gradeRule).check(z.minimum(0, gradeRule), z.maximum(1, gradeRule)));
const text = z.nullish(z.string("expected text"));
const shape = z.object({
  id: z.union([z.string().check(z.minLength(1)), z.number()], "expected the inference id or the event id of an answer"),
  endpoint: text,
  grader: text,
  time: z.nullish(z.iso.datetime({ offset: true, error: "expected a time like 2026-03-02T09:41:07Z" })),
  grade,
  grades: z.nullish(z.record(z.string(), grade, "expected an object of grades by criterion")),
  feedback: z.nullish(z.enum(reactions, `expected one of ${reactions.join(", ")}`)),
});

/**
 * Reads labels: JSON lines, or CSV as spreadsheets write it (with comma, semicolon or tab) whose first line names the columns.
 * `id`, and `grade` (of `quality`), `grades` (JSON) or `grade:CRITERION` (CSV), or `feedback`; optionally `grader`, `time` and `endpoint`.
 * Everything else in a line is passed over. Each line that is no label is a fault of its own, and the others are labels all the same.
 */
export function parseLabels(content: string): ParsedLabels {
  const parsed: ParsedLabels = { labels: [], blank: 0, faults: [] };
  const plain = content.replace(/^\uFEFF/, "");
  const read = plain.trimStart().startsWith("{") ? jsonLines : csvLines;
  for (const { line, value, fault } of read(plain)) {
    if (fault !== null) {
      parsed.faults.push({ line, message: fault });
      continue;
    }
    const { data, error } = shape.safeParse(value);
    if (error !== undefined) {
      const { path, message } = error.issues[0]!; // an error has one
      parsed.faults.push({ line, message: `${path.join(".") || "line"}: ${message}` });
      continue;
    }
    const { id, endpoint, grader, time, feedback } = data;
    const of = {
      id: String(id),
      endpoint: endpoint ?? null,
      grader: grader ?? "",
      time: time == null ? null : iso(Date.parse(time)),
    };
    const grades = { ...known({ [primary]: data.grade }), ...known(data.grades ?? {}) };
    const isGraded = Object.keys(grades).length > 0;
    if (isGraded && feedback != null)
      parsed.faults.push({ line, message: "grades and feedback are two lines: a person's judgement is not what a user did" });
    else if (isGraded) parsed.labels.push({ ...of, grades });
    else if (feedback != null) parsed.labels.push({ ...of, reaction: feedback });
    else parsed.blank++;
  }
  return parsed;
}

const known = (grades: Record<string, number | null | undefined>): Record<string, number> =>
  Object.fromEntries(Object.entries(grades).flatMap(([name, grade]) => (grade == null ? [] : [[name, grade]])));

type ReadLine = { line: number; value: unknown; fault: string | null };

function* jsonLines(content: string): Generator<ReadLine> {
  for (const [index, text] of content.split("\n").entries()) {
    if (text.trim() === "") continue;
    try {
      yield { line: index + 1, value: JSON.parse(text), fault: null };
    } catch {
      // The parser's own message would quote the line.
      yield { line: index + 1, value: null, fault: "is not JSON. Is the file cut off?" };
    }
  }
}

const gradeColumn = /^grade:\s*(.+)$/;

function* csvLines(content: string): Generator<ReadLine> {
  const head = content.slice(0, content.search(/\r|\n|$/));
  const delimiter = [",", ";", "\t"].reduce((a, b) => (head.split(b).length > head.split(a).length ? b : a));
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(content, {
      ...{ delimiter, info: true, relax_column_count: true, skip_empty_lines: true, relax_quotes: false, trim: false },
    }) as unknown as typeof records; // `info` wraps each record
  } catch (error) {
    const { lines = 1 } = error as { lines?: number };
    yield { line: lines, value: null, fault: "a quoted cell does not end where it should: save the file as CSV again" };
    return;
  }
  const [first, ...rest] = records;
  const columns = (first?.record ?? []).map((name) => name.trim());
  if (!columns.includes("id")) {
    yield { line: 1, value: null, fault: "no column is named id: the first line of a CSV names its columns" };
    return;
  }
  for (const { record, info } of rest) {
    if (record.every((cell) => cell.trim() === "")) continue;
    if (record.length !== columns.length) {
      yield { line: info.lines, value: null, fault: `has ${record.length} cells where the first line has ${columns.length}` };
      continue;
    }
    const grades: Record<string, unknown> = {};
    const value: Record<string, unknown> = { grades };
    for (const [i, name] of columns.entries()) {
      const cell = defused.undo(record[i]!.trim()); // as many as columns
      const criterion = name === "grade" ? primary : gradeColumn.exec(name)?.[1];
      if (cell === "") continue;
      if (criterion !== undefined) grades[criterion] = numberIn(cell);
      else if (name !== "grades") value[name] = cell;
    }
    yield { line: info.lines, value, fault: null };
  }
}

/** A spreadsheet of a country that writes 0,5 writes 0,5. */
const numberIn = (cell: string): number => (/^\d*[.,]?\d+$/.test(cell) ? Number(cell.replace(",", ".")) : Number.NaN);
