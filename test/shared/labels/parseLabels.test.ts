import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { defused } from "../../../shared/labels/defuse.ts";
import { labelLines } from "../../../shared/labels/labelLines.ts";
import { parseLabels } from "../../../shared/labels/parseLabels.ts";
import { type Sheet, sheetAs } from "../../../shared/labels/sheet.ts";

const graded = { id: "b1c2", endpoint: null, grader: "", time: null, grades: { quality: 0.5 } };

test.each([
  { it: "a line of JSON", text: '{"id":"b1c2","grade":0.5}\n\n', labels: [graded] },
  { it: "an id that is a number", text: '{"id":17,"grade":0.5}', labels: [{ ...graded, id: "17" }] },
  {
    it: "several criteria, and what nobody asked for",
    text: '{"id":"b1c2","grades":{"quality":0.5,"tone":1,"safety":null},"prompt":"Hello","mood":3}',
    labels: [{ ...graded, grades: { quality: 0.5, tone: 1 } }],
  },
  {
    it: "what a user did",
    text: '{"id":"b1c2","feedback":"edited","time":"2026-03-02T10:41:07+01:00","endpoint":"chat"}',
    labels: [{ id: "b1c2", endpoint: "chat", grader: "", time: "2026-03-02T09:41:07Z", reaction: "edited" }],
  },
  { it: "CSV", text: 'id,grade,prompt\nb1c2,0.5,"two\nlines, ""quoted"""\n', labels: [graded] },
  { it: "CSV with a byte order mark and CRLF", text: "\uFEFFid,grade\r\nb1c2,0.5\r\n", labels: [graded] },
  { it: "CSV of a country with decimal commas", text: "id;grade;grader\nb1c2;0,5;Ada\n", labels: [{ ...graded, grader: "Ada" }] },
  { it: "CSV with tabs and further criteria", text: "id\tgrade:quality\tgrade:tone\nb1c2\t0.5\t\n", labels: [graded] },
  { it: "an id that was defused", text: "id,grade\n'=b1c2,0.5\n", labels: [{ ...graded, id: "=b1c2" }] },
])("reads $it", ({ text, labels }) => expect(parseLabels(text)).toEqual({ labels, blank: 0, faults: [] }));

test.each([
  { it: "a line that was cut off", text: '{"id":"b1c2","grade":0.5}\n{"id":"secret', line: 2, says: "not JSON" },
  { it: "a grade of 5 stars", text: '{"id":"b1c2","grade":5}', line: 1, says: "grade: a grade is a number from 0 to 1" },
  { it: "a grade in words", text: "id,grade\nb1c2,0.5\nb1c3,secret\n", line: 3, says: "from 0 to 1" },
  { it: "no id", text: '{"grade":1}', line: 1, says: "id: expected the inference id" },
  { it: "an unknown reaction", text: '{"id":"b","feedback":"secret"}', line: 1, says: "up, down, edited, escalated" },
  { it: "a time without a zone", text: '{"id":"b","feedback":"up","time":"2026-03-02 09:00"}', line: 1, says: "expected a time" },
  { it: "both kinds in one", text: '{"id":"b","grade":1,"feedback":"up"}', line: 1, says: "two lines" },
  { it: "a missing cell", text: "id,grade,grader\nb1c2,0.5\n", line: 2, says: "2 cells where the first line has 3" },
  { it: "a CSV without an id column", text: "name,grade\nsecret,1\n", line: 1, says: "no column is named id" },
  { it: "a quote that never ends", text: 'id,grade\n"secret,1\n', line: 2, says: "quoted cell" },
])("refuses $it, says in which line, and quotes nothing", ({ text, line, says }) => {
  const { faults } = parseLabels(text);
  expect(faults).toEqual([{ line, message: expect.stringContaining(says) }]);
  expect(faults[0]!.message).not.toContain("secret");
});

test("bad lines do not spoil good ones, and what is not filled in is blank", () => {
  expect(parseLabels('{"id":"a","grade":2}\n{"id":"b","grade":null}\n{"id":"c","grade":1}')).toMatchObject({
    labels: [{ id: "c" }],
    blank: 1,
    faults: [{ line: 1 }],
  });
});

const hostile = [..."=+-@\t\r\n'\",;ab0\u00e9"];
const cell = fc.string({ unit: fc.constantFrom(...hostile), maxLength: 8 });

test("whatever a cell holds, no spreadsheet runs it, and it comes back as it was", () => {
  fc.assert(
    fc.property(cell, (text) => {
      expect(defused.do(text)).not.toMatch(/^(\s*[=+\-@]|[\t\r])/);
      expect(defused.undo(defused.do(text))).toBe(text);
    }),
    { numRuns: 200 },
  );
});

test.each(["csv", "jsonl"] as const)("a sheet as %s comes back as its labels, whatever is in its texts", (format) => {
  const answer = fc.record({ prompt: cell, completion: cell, segment: cell });
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 4 }), (answers) => {
      const sheet: Sheet = {
        criteria: ["quality", "tone"],
        rows: answers.map((texts, i) => ({ id: `e${i}`, variant: "stable", time: "2026-03-02T09:00:00Z", ...texts })),
      };
      const empty = sheetAs(format, sheet);
      expect(parseLabels(empty)).toEqual({ labels: [], blank: answers.length, faults: [] });
    }),
    { numRuns: 30 },
  );
});

test("a sheet shows no grade of the judge, and a row that a person fills in is a label", () => {
  const sheet: Sheet = {
    criteria: ["quality", "tone"],
    rows: [{ id: "e1", variant: "stable", time: "2026-03-02T09:00:00Z", segment: "all", prompt: "=1+1", completion: "2" }],
  };
  const [head, row] = sheetAs("csv", sheet).replace("\uFEFF", "").trimEnd().split("\r\n");
  expect(head).toBe("id,grade:quality,grade:tone,grader,segment,variant,time,prompt,completion");
  expect(row).toBe("e1,,,,all,stable,2026-03-02T09:00:00Z,'=1+1,2");
  expect(parseLabels(`${head}\n${row!.replace("e1,,,", "e1,0.5,,Ada")}\n`).labels).toEqual([
    { id: "e1", endpoint: null, grader: "Ada", time: "2026-03-02T09:00:00Z", grades: { quality: 0.5 } },
  ]);
});

test("what is imported is read again as it was", () => {
  const text = "id,grade,grade:tone,feedback,time,grader\na,0.5,1,,,Ada\n'=b,,,escalated,2026-03-02T09:00:00Z,\n";
  const { labels } = parseLabels(text);
  expect(labels).toHaveLength(2);
  expect(parseLabels(labelLines(labels))).toEqual({ labels, blank: 0, faults: [] });
});
