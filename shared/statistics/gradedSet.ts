import { z } from "zod";

/** One graded answer of a set. A plain `grade` is the criterion `quality`. */
type GradedAnswer = { line: number; grades: Record<string, number>; tags: string[]; took: Taken };
/** What an answer took, as far as the file says: milliseconds, and tokens. */
export type Taken = { latencyMs: number | null; promptTokens: number | null; completionTokens: number | null };
/** Answers by id, in the order of the file. */
export type GradedSet = { file: string; answers: Map<string, GradedAnswer> };
/** Grades of the same question in two sets. */
export type GradedPair = {
  a: number;
  b: number /** Of the question, as A has them; absent without any. */;
  tags?: readonly string[];
};

/** A graded set that cannot be used: says which file and line, and what to do. Quotes ids and criteria, never an answer. */
export class UnusableGradedSet extends Error {
  override readonly name = "UnusableGradedSet";
}

const grade = z.number().min(0).max(1);
const measure = z.number().min(0).nullable().default(null);
const gradedLine = z
  .looseObject({
    id: z.union([z.string().min(1), z.number()]).transform(String),
    grade: grade.optional(),
    grades: z.record(z.string(), grade).optional(),
    tags: z.array(z.string()).default([]),
    latencyMs: measure,
    promptTokens: measure,
    completionTokens: measure,
  })
  .refine(({ grade, grades }) => (grade === undefined) !== (grades === undefined), {
    error: "expected either grade or grades",
  });

/**
 * Reads a graded set: JSON lines `{"id","grade"}` or `{"id","grades":{…}}`, grades in [0, 1]; empty lines are passed over.
 * @throws UnusableGradedSet at the first line that is not one, at an id that comes twice, and for a set without any
 */
export function parseGradedSet(file: string, text: string): GradedSet {
  const answers = new Map<string, GradedAnswer>();
  for (const [index, content] of text.split("\n").entries()) {
    if (content.trim() === "") continue;
    const line = index + 1;
    const { id, ...answer } = parseLine(content, `${file}:${line}`);
    const before = answers.get(id);
    if (before !== undefined)
      throw new UnusableGradedSet(`${file}:${line}: the id ${id} is that of line ${before.line}. Keep one of them.`);
    answers.set(id, { line, ...answer });
  }
  if (answers.size === 0) throw new UnusableGradedSet(`${file} holds no graded answer. A line is like {"id":"q1","grade":0.8}.`);
  return { file, answers };
}

/**
 * The pairs of two sets by id, in the order of A.
 * @param criterion which grade to compare: one of `criteriaInBoth`
 * @throws UnusableGradedSet for ids that only one set has, and where a grade is missing
 */
export function pairGrades(a: GradedSet, b: GradedSet, criterion: string): GradedPair[] {
  refuseUnpaired(a, b);
  refuseUnpaired(b, a);
  return [...a.answers].map(([id, answer]) => ({
    a: gradeOf(a.file, answer, criterion),
    b: gradeOf(b.file, b.answers.get(id)!, criterion), // there: unpaired ids were refused
    ...(answer.tags.length === 0 ? {} : { tags: answer.tags }),
  }));
}

function parseLine(content: string, where: string): Omit<GradedAnswer, "line"> & { id: string } {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    // The parser's own message would quote the line.
    throw new UnusableGradedSet(`${where} is not JSON. Is the file cut off?`);
  }
  const parsed = gradedLine.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new UnusableGradedSet(
      `${where}: ${[...path, message].join(": ")}. A line is like {"id":"q1","grade":0.8}, grades from 0 to 1.`,
    );
  }
  // Exactly one of the two is there: the schema saw to it.
  const { id, tags, grades, grade, latencyMs, promptTokens, completionTokens } = parsed.data;
  return { id, tags, grades: grades ?? { quality: grade! }, took: { latencyMs, promptTokens, completionTokens } };
}

function refuseUnpaired(has: GradedSet, lacks: GradedSet): void {
  const unpaired = [...has.answers.keys()].filter((id) => !lacks.answers.has(id));
  if (unpaired.length === 0) return;
  const some = unpaired.slice(0, 3).join(", ") + (unpaired.length > 3 ? ", …" : "");
  throw new UnusableGradedSet(
    `${unpaired.length} of the ${has.answers.size} ids of ${has.file} are not in ${lacks.file}: ${some}. Grade the same questions in both.`,
  );
}

/**
 * What every line of both sets has a grade of: `quality` first, then in the order of A.
 * @throws UnusableGradedSet where there is nothing
 */
export function criteriaInBoth(a: GradedSet, b: GradedSet): [string, ...string[]] {
  const [ofA, ofB] = [criteriaOf(a), criteriaOf(b)];
  const [first, ...rest] = ofA
    .filter((name) => ofB.includes(name))
    .sort((one, other) => Number(other === "quality") - Number(one === "quality"));
  if (first !== undefined) return [first, ...rest];
  throw new UnusableGradedSet(
    `no grade is in all lines of both sets: ${a.file} has ${ofA.join(", ") || "none"}, ${b.file} has ${ofB.join(", ") || "none"}.`,
  );
}

/** The criteria that every line has. */
function criteriaOf({ answers }: GradedSet): string[] {
  const [first, ...rest] = [...answers.values()];
  return Object.keys(first!.grades).filter((name) => rest.every(({ grades }) => Object.hasOwn(grades, name)));
}

function gradeOf(file: string, { line, grades }: GradedAnswer, criterion: string): number {
  if (!Object.hasOwn(grades, criterion)) {
    const has = Object.keys(grades).join(", ") || "none";
    throw new UnusableGradedSet(`${file}:${line} has no grade named ${criterion}; it has ${has}.`);
  }
  return grades[criterion]!;
}
