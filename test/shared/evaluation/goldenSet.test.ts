import { expect, test } from "@jest/globals";
import { InvalidGoldenLine, indexGoldenSet, readGoldenLine } from "../../../shared/evaluation/goldenSet.ts";
import { requestBody } from "../../../shared/evaluation/payload.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (line: string) => readGoldenLine(bytes(line));
async function* chunked(text: string, size: number) {
  const all = bytes(text);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}
const turns = [
  { role: "system", content: "Be short." },
  { role: "user", content: "Refund?" },
];

test.each([
  { it: "a prompt", line: { id: "q1", prompt: "Refund?" }, item: { id: "q1", messages: [turns[1]], reference: null, tags: [] } },
  { it: "turns", line: { id: 7, messages: turns }, item: { id: "7", messages: turns } },
  {
    it: "what belongs to it",
    line: { id: "q1", prompt: "Refund?", reference: "30 days.", tags: ["billing"] },
    item: { reference: "30 days.", tags: ["billing"] },
  },
])("an item is $it", ({ line, item }) => expect(read(JSON.stringify(line))).toMatchObject(item));

test("an item without an id is named by its content, whatever the form of the line", () => {
  const { id } = read('{"prompt":"Refund?"}');
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(read('{ "tags": ["x"], "messages": [{"role":"user","content":"Refund?"}] }').id).toBe(id);
  expect(read('{"prompt":"Refund!"}').id).not.toBe(id);
  expect(read('{"prompt":"Refund?","reference":"30 days."}').id).not.toBe(id);
});

test.each([
  { it: "what is not JSON", line: '{"prompt":"My secret', says: "not JSON" },
  { it: "neither prompt nor messages", line: '{"id":"q1"}', says: "expected either prompt or messages" },
  { it: "both", line: JSON.stringify({ prompt: "a", messages: turns }), says: "expected either prompt or messages" },
  { it: "an empty prompt", line: '{"prompt":" "}', says: "prompt: the text is empty" },
  { it: "no turn", line: '{"messages":[]}', says: "messages" },
  {
    it: "turns that end with an answer",
    line: '{"messages":[{"role":"assistant","content":"My secret"}]}',
    says: "messages: the last turn must be the user's",
  },
  { it: "an unknown role", line: '{"messages":[{"role":"boss","content":"a"}]}', says: "messages: 0: role" },
  { it: "an unknown member", line: '{"prompt":"a","refrence":"b"}', says: "refrence" },
  { it: "a long id", line: JSON.stringify({ id: "x".repeat(129), prompt: "a" }), says: "id: an id has 1 to 128 characters" },
])("$it is refused by a sentence without the text", ({ line, says }) => {
  expect(() => read(line)).toThrow(InvalidGoldenLine);
  expect(() => read(line)).toThrow(expect.objectContaining({ message: expect.stringContaining(says) }));
  expect(() => read(line)).toThrow(expect.objectContaining({ message: expect.not.stringContaining("secret") }));
});

test.each([1, 7, 1_000])("items are found where they stand, in chunks of %d bytes", async (size) => {
  const lines = ['{"id":"a","prompt":"Größe?"}', "", "nonsense", '{"id":"b","prompt":"b"}', '{"id":"a","prompt":"again"}'];
  const text = `\uFEFF${lines.join("\r\n")}`;
  const { items, broken } = await indexGoldenSet(chunked(text, size), "openai-chat");
  expect(items.map(({ id }) => id)).toEqual(["a", "b"]);
  for (const { id, offset, length } of items) {
    expect(readGoldenLine(bytes(text).subarray(offset, offset + length)).id).toBe(id);
  }
  expect(broken).toEqual([
    { line: 3, reason: expect.stringContaining("not JSON") },
    { line: 5, reason: "the id a is that of line 1: keep one of them" },
  ]);
});

test.each([
  { it: "a prompt", line: '{"prompt":"a"}', items: 1 },
  { it: "no conversation", line: JSON.stringify({ messages: turns }), items: 0 },
])("the payload text takes $it", async ({ line, items }) => {
  expect((await indexGoldenSet(chunked(line, 50), "text")).items).toHaveLength(items);
});

test("parameters go where a payload has them, and never replace the question", () => {
  const item = read('{"prompt":"a"}');
  const messages = [{ role: "user", content: "a" }];
  expect(requestBody(item, "openai-chat", { temperature: 0 })).toEqual({ temperature: 0, messages });
  expect(requestBody(item, "text", { max_new_tokens: 9 })).toEqual({ inputs: "a", parameters: { max_new_tokens: 9 } });
});
