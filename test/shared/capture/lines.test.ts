import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { longestLine, splitLines } from "../../../shared/capture/lines.ts";

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

const chunksOf = (bytes: Uint8Array, size: number) =>
  inChunks(
    bytes,
    Array.from({ length: Math.floor(bytes.length / size) }, () => size),
  );

test.each([1, 7, 4096])("reads gzip as if it were not, in chunks of %d bytes", async (size) => {
  const text = "\ufeffab\n\ncdé\r\nend";
  const lines = [];
  for await (const line of splitLines(chunksOf(gzipSync(text), size)))
    lines.push({ ...line, bytes: Buffer.from(line.bytes).toString() });
  const plain = (await linesOf(text)).map(({ text, ...place }) => ({ ...place, bytes: text, isGzip: true }));
  expect(lines).toEqual(plain);
});

test.each([
  {
    it: "members put one behind the other",
    members: [gzipSync("ab\nc"), gzipSync("d\n"), gzipSync("ef")],
    lines: ["ab", "cd", "ef"],
    flaw: null,
  },
  {
    it: "a member with zeros behind it",
    members: [gzipSync("ab\ncd\n"), Buffer.alloc(3)],
    lines: ["ab", "cd", ""],
    flaw: "damaged_gzip",
  },
  {
    it: "a member with another's header",
    members: [gzipSync("ab\n"), Buffer.from("1f8b0800ff", "hex")],
    lines: ["ab", ""],
    flaw: "damaged_gzip",
  },
])("reads gzip of $it", async ({ members, lines, flaw }) => {
  const found = [];
  for await (const line of splitLines(chunksOf(Buffer.concat(members), 5))) found.push(line);
  expect(found.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(lines);
  expect(found.at(-1)?.flaw).toBe(flaw);
});

test("gzip that is cut off yields its whole lines, and then says so", async () => {
  const text = Array.from({ length: 2_000 }, (_, i) => `${i} ${Math.sin(i)}\n`).join("");
  const whole = gzipSync(text);
  const lines = [];
  for await (const { flaw, number } of splitLines(inChunks(whole.subarray(0, whole.length / 2), [])))
    lines.push({ flaw, number });
  expect(lines.filter(({ flaw }) => flaw !== null)).toEqual([{ flaw: "damaged_gzip", number: lines.length }]);
  expect(lines.length).toBeGreaterThan(1);
});

test("what breaks on the way is no damage of the object", async () => {
  const broken = async function* () {
    yield gzipSync("ab\ncd\n").subarray(0, 12);
    throw new Error("connection reset");
  };
  await expect(splitLines(broken()).next()).rejects.toThrow("connection reset");
});

test("a line that is longer than any capture is not held, and the next one is found", async () => {
  const mebibyte = new Uint8Array(1024 * 1024).fill(0x61);
  const endless = async function* () {
    for (let sent = 0; sent <= longestLine; sent += mebibyte.length) yield mebibyte;
    yield Buffer.from("\nab\n");
  };
  const lines = [];
  for await (const { bytes, ...line } of splitLines(endless())) lines.push({ ...line, held: bytes.length });
  const length = longestLine + mebibyte.length;
  expect(lines).toMatchObject([
    { flaw: "too_long", held: 0, offset: 0, length, number: 1 },
    { flaw: null, held: 2, offset: length + 1, length: 2, number: 2 },
  ]);
});

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
