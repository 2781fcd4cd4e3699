import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { splitLines } from "../../../shared/capture/lines.ts";

async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const size of sizes) {
    yield bytes.subarray(from, from + size);
    from += size;
  }
  yield bytes.subarray(from);
}

async function linesOf(text: string, sizes: readonly number[] = []) {
  const lines = [];
  for await (const { bytes, ...place } of splitLines(inChunks(Buffer.from(text), sizes))) {
    lines.push({ text: Buffer.from(bytes).toString(), ...place });
  }
  return lines;
}

test.each([
  { it: "nothing at all", text: "", lines: [] },
  {
    it: "two lines",
    text: "ab\ncde\n",
    lines: [
      { text: "ab", offset: 0, length: 2, number: 1 },
      { text: "cde", offset: 3, length: 3, number: 2 },
    ],
  },
  { it: "a last line without an ending", text: "ab\nc", lines: [{ text: "ab" }, { text: "c", offset: 3, length: 1, number: 2 }] },
  {
    it: "Windows' endings",
    text: "ab\r\ncd\r\n",
    lines: [
      { text: "ab", length: 2 },
      { text: "cd", offset: 4, length: 2 },
    ],
  },
  { it: "blank lines, which count as lines", text: "\n \t\r\nab\n\n", lines: [{ text: "ab", offset: 5, length: 2, number: 3 }] },
  {
    it: "a byte order mark",
    text: "\ufeffab\ncd",
    lines: [
      { text: "ab", offset: 3, length: 2 },
      { text: "cd", offset: 6 },
    ],
  },
  { it: "a byte order mark alone", text: "\ufeff\n", lines: [] },
  {
    it: "characters of several bytes",
    text: "é€\n😀",
    lines: [
      { text: "é€", length: 5 },
      { text: "😀", offset: 6, length: 4 },
    ],
  },
  {
    it: "other marks that only JavaScript takes for line ends",
    text: "a\u2028b\rc",
    lines: [{ text: "a\u2028b\rc", number: 1 }],
  },
])("finds $it", async ({ text, lines }) => expect(await linesOf(text)).toMatchObject(lines));

const piece = fc.constantFrom("\n", "\r\n", "\ufeff", "a", "bc", " ", "é", "😀", '{"data":"\\n"}');
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

test("how the stream is cut changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(9), { maxLength: 30 }), async (text, sizes) => {
      expect(await linesOf(text, sizes)).toEqual(await linesOf(text));
    }),
  );
});

test("a ranged read at a line's offset and length finds the line again", async () => {
  await fc.assert(
    fc.asyncProperty(text, async (text) => {
      const whole = Buffer.from(text);
      for (const line of await linesOf(text)) {
        expect(whole.subarray(line.offset, line.offset + line.length).toString()).toBe(line.text);
      }
    }),
  );
});
