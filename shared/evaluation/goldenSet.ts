import { createHash } from "node:crypto";
import * as z from "zod";
import type { Turn } from "../capture/inference.ts";
import { splitLines } from "../capture/lines.ts";
import type { Payload } from "./payload.ts";

/** One question of a golden set. */
export type GoldenItem = {
  id: string;
  messages: Turn[];
  /** An answer known to be good, where the set has one. */
  reference: string | null;
  tags: string[];
  /** Names of the judge's criteria that this answer is graded by; empty: those of the evaluation. */
  criteria: string[];
  /** JSON schema that the answer must satisfy. */
  schema: object | boolean | null;
  /** Items of one group ask the same in other words, so their answers should agree. */
  group: string | null;
  /** How often the question is asked, to see whether the answers agree. The first answer is the one that is graded. */
  repeats: number;
  /** Answers brought along: name of a target → what it said. */
  answers: Record<string, string>;
};

/** Where an item's line stands in the golden set, in bytes: what runs it reads its text there. */
export type ItemPointer = { id: string; offset: number; length: number };
/** A line that is no item. `reason` quotes no text. */
export type BrokenLine = { line: number; reason: string };

/** A line of a golden set that is no item. Says what is wrong with it and how one looks; quotes ids, never a text. */
export class InvalidGoldenLine extends Error {
  override readonly name = "InvalidGoldenLine";
}

/** As long as an S3 key has room for, with three bytes a character where it must be escaped. */
export const longestId = 128;
/** A batch of items must be asked in a quarter of an hour. */
const mostRepeats = 20;
const text = z.string().refine((value) => value.trim() !== "", "the text is empty");
const id = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((value) => value !== "" && value.length <= longestId, `an id has 1 to ${longestId} characters`);
const turn = z.strictObject({ role: z.enum(["system", "user", "assistant", "tool"]), content: z.string() });
const goldenLine = z
  .strictObject({
    id: id.optional(),
    prompt: text.optional(),
    messages: z
      .array(turn)
      .min(1)
      .refine((turns) => turns.at(-1)?.role === "user", "the last turn must be the user's")
      .optional(),
    reference: text.optional(),
    tags: z.array(z.string()).default([]),
    criteria: z.array(z.string()).default([]),
    schema: z.union([z.record(z.string(), z.unknown()), z.boolean()]).optional(),
    group: z.string().min(1).optional(),
    repeats: z.int().min(1).max(mostRepeats).default(1),
    answers: z.record(z.string(), z.string()).default({}),
  })
  .refine(({ prompt, messages }) => (prompt === undefined) !== (messages === undefined), "expected either prompt or messages");

/**
 * Reads one line `{"id"?, "prompt" | "messages", "reference"?, "tags"?, "criteria"?, "schema"?, "group"?, "repeats"?, "answers"?}`. An
 * item without an id is named by its content.
 * @throws InvalidGoldenLine
 */
export function readGoldenLine(bytes: Uint8Array): GoldenItem {
  const line = utf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // The parser's own message would quote the line.
    throw new InvalidGoldenLine('it is not JSON: one object a line, like {"prompt":"…"}');
  }
  const parsed = goldenLine.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!; // a failed parse has an issue
    throw new InvalidGoldenLine([...path.map(String), message].join(": "));
  }
  const { prompt, messages = [{ role: "user" as const, content: prompt! }], ...rest } = parsed.data; // one of both is there
  const { id = hashOf([messages, rest.reference ?? null]), reference = null, schema = null, group = null } = rest;
  return { ...rest, id, messages, reference, schema, group };
}

export type GoldenIndex = {
  items: ItemPointer[];
  broken: BrokenLine[];
  /** Names the content: 16 hexadecimal digits, the same whatever the order of the lines and the spaces in them. */
  version: string;
};

/**
 * Finds the items of a golden set, in order, whatever its size: memory holds a line and the pointers. Empty lines are passed over.
 * The first item with an id has it; a later one is broken.
 * @param onItem is shown each item with the number of its line. @throws InvalidGoldenLine where it has something against it
 */
export async function indexGoldenSet(
  bytes: AsyncIterable<Uint8Array>,
  payload: Payload,
  onItem: (item: GoldenItem, line: number) => void = () => {},
): Promise<GoldenIndex> {
  const items: ItemPointer[] = [];
  const broken: BrokenLine[] = [];
  const contents: string[] = [];
  const lineOf = new Map<string, number>();
  for await (const line of splitLines(bytes)) {
    const { number, offset, length } = line;
    try {
      if (line.isGzip) throw new InvalidGoldenLine("the file is gzip, in which no item can be read alone: give plain JSON lines");
      const item = readGoldenLine(line.bytes);
      const { id, messages } = item;
      if (payload === "text" && messages.length > 1) {
        throw new InvalidGoldenLine("several turns have no place in the payload text: ask with openai-chat, or give a prompt");
      }
      const before = lineOf.get(id);
      if (before !== undefined) throw new InvalidGoldenLine(`the id ${id} is that of line ${before}: keep one of them`);
      onItem(item, number);
      lineOf.set(id, number);
      contents.push(hashOf(item));
      items.push({ id, offset, length });
    } catch (error) {
      if (!(error instanceof InvalidGoldenLine)) throw error;
      broken.push({ line: number, reason: error.message });
    }
  }
  return { items, broken, version: hashOf(contents.sort()) };
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidGoldenLine("it is not UTF-8");
  }
}

const hashOf = (content: unknown): string => createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
