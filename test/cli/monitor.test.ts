import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "@jest/globals";
import { beta, type Chance, chanceFrom } from "../../bench/chance.ts";
import { assay } from "./assay.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-monitor-"));
afterAll(() => rmSync(folder, { recursive: true }));

const startMs = Date.parse("2026-11-02T00:00:00Z");
const hourMs = 3_600_000;
const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Both variants, 100 answers an hour each, one in five judged. */
function answers(chance: Chance, fromMs: number, hours: number, mean: (variant: string, atMs: number) => number): string[] {
  return ["stable", "candidate"].flatMap((variant) =>
    Array.from({ length: hours * 100 }, (_, i) => {
      const atMs = fromMs + (i * hourMs) / 100;
      const chosen = chance() < 0.2;
      const grades = { quality: beta(chance, mean(variant, atMs), 8) };
      return JSON.stringify({
        eventId: `${variant}-${atMs}`,
        time: iso(atMs),
        endpoint: "chat",
        variant,
        scores: {},
        pi: 0.2,
        judgement: chosen ? { status: "graded", grades } : null,
        segment: i % 3 === 0 ? "billing" : "orders",
      });
    }),
  );
}

function reading(chance: Chance, atMs: number, shift: number): string[] {
  return Array.from({ length: 50 }, (_, i) => {
    const anchor = { id: `a${i}`, stored: 0.6, grade: 0.6 + shift + (chance() - 0.5) * 0.05 };
    return JSON.stringify({ time: iso(atMs), endpoint: "chat", anchor });
  });
}

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  const text = lines.map((line) => `${line}\n`).join("");
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

const chance = chanceFrom(1);
const dayMs = 24 * hourMs;
const sound = () => 0.9;
const week = [...answers(chance, startMs - 3 * dayMs, 72, sound), ...reading(chance, startMs - dayMs, 0)];
const baseline = file("week.jsonl.gz", week);
const quiet = file("quiet.jsonl", answers(chance, startMs, 12, sound));
const fell = (variant: string, atMs: number) => (variant === "candidate" && atMs >= startMs + 4 * hourMs ? 0.5 : 0.9);
const drop = file("drop.jsonl", [...answers(chance, startMs, 12, fell), ...reading(chance, startMs + 8 * hourMs, 0)]);

const monitor = (...args: string[]) => assay(["monitor", ...args], { cwd: folder });
const parsed = (stdout: string) =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

test("prints one line per window and signal, and no finding where nothing changed", async () => {
  const { code, stdout, stderr } = await monitor(quiet, "--baseline", baseline, "--json");
  const lines = parsed(stdout);
  expect([code, stderr]).toEqual([0, ""]);
  expect(lines).toHaveLength(48 * 5);
  const quality = lines.filter(({ signal }) => signal === "quality");
  expect(quality.at(-1)).toEqual({
    window: "2026-11-02T11:45:00Z",
    endpoint: "chat",
    variant: "stable",
    signal: "quality",
    n: expect.any(Number),
    judged: expect.any(Number),
    estimate: expect.closeTo(0.9, 1),
    lower: expect.any(Number),
    upper: expect.any(Number),
    evidence: expect.any(Number),
    state: "quiet",
  });
  expect(quality[0]).toMatchObject({ state: "needs_data", needs: { n: 30 - quality[0].judged, of: "judged answers" } });
  expect(lines.filter(({ state }) => state === "alarm")).toEqual([]);
});

test("finds the variant that fell, once the anchors were read again, and leaves with 1", async () => {
  const { code, stdout } = await monitor(drop, "--baseline", baseline, "--json");
  const findings = parsed(stdout).flatMap((line) => line.finding ?? []);
  expect(findings).toEqual([
    expect.objectContaining({ cause: "model", signal: "quality", variant: "candidate", since: "2026-11-02T04:00:00Z" }),
  ]);
  expect(findings[0].lower).toBeLessThan(-0.35);
  expect(findings[0].upper).toBeGreaterThan(-0.45);
  expect(code).toBe(1);
});

test("without a later reading of the anchors it says that judge and model cannot be told apart", async () => {
  const lines = answers(chanceFrom(5), startMs, 8, fell);
  const { code, stdout } = await monitor(file("unread.jsonl", lines), "--baseline", baseline, "--json");
  expect(parsed(stdout).flatMap((line) => line.finding ?? [])).toMatchObject([{ cause: "undecided", variant: "candidate" }]);
  expect(code).toBe(1);
});

test("finds a judge that moved as such", async () => {
  const lines = [
    ...answers(chanceFrom(6), startMs, 24, (_, atMs) => (atMs >= startMs + 4 * hourMs ? 0.75 : 0.9)),
    ...[8, 12, 16, 20].flatMap((hour) => reading(chance, startMs + hour * hourMs, -0.15)),
  ];
  const { stdout } = await monitor(file("judge.jsonl", lines), "--baseline", baseline, "--json");
  expect(parsed(stdout).flatMap((line) => line.finding ?? [])).toMatchObject([
    { cause: "judge", signal: "judge", variant: null },
  ]);
});

test("the order of the lines and the number of files change nothing", async () => {
  const lines = readFileSync(drop, "utf8").trim().split("\n");
  const halves = [
    file("b.jsonl", lines.filter((_, i) => i % 2 === 1).reverse()),
    file(
      "a.jsonl",
      lines.filter((_, i) => i % 2 === 0),
    ),
  ];
  const [whole, split] = [await monitor(drop, "--baseline", baseline), await monitor(...halves, "--baseline", baseline)];
  expect(split.stdout).toBe(whole.stdout);
  expect(whole.stdout).toMatch(/^chat: model, since 2026-11-02T04:00:00Z: quality of candidate fell by \d+\.\d points/);
  expect(whole.stdout).toContain("quality");
});

test("a frozen baseline says the same as the stream it was frozen from", async () => {
  const out = join(folder, "baseline.json");
  const created = await assay(["baseline", "create", "--from", baseline, "--out", out, "--json"], { cwd: folder });
  expect(created).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(created.stdout)).toMatchObject({
    endpoint: "chat",
    status: "draft",
    // Three days of 50 judged answers are too few for weekends and for a full set of anchors, and it says so.
    limits: [expect.objectContaining({ signal: "quality" }), expect.objectContaining({ signal: "judge" })],
    selfTest: [],
    anchors: 50,
    criteria: { quality: { mean: expect.closeTo(0.9, 1), judged: expect.any(Number) } },
  });
  const [stream, frozen] = [
    await monitor(drop, "--baseline", baseline, "--json"),
    await monitor(drop, "--baseline", out, "--json"),
  ];
  // When a finding is opened is the stream's own time in both.
  expect(frozen.stdout).toBe(stream.stdout);

  await assay(["baseline", "approve", out, "--who", "Ada", "--why", "a quiet week"], { cwd: folder });
  const { stdout } = await assay(["baseline", "list", out, "--json"], { cwd: folder });
  expect(JSON.parse(stdout)).toMatchObject({ status: "approved", approvedBy: "Ada", why: "a quiet week" });
});

test("an endpoint that the baseline does not know needs data", async () => {
  const other = answers(chanceFrom(8), startMs, 4, sound).map((line) => line.replace('"endpoint":"chat"', '"endpoint":"search"'));
  const { code, stdout } = await monitor(file("other.jsonl", other), "--baseline", baseline, "--json");
  expect(new Set(parsed(stdout).map(({ state }) => state))).toEqual(new Set(["needs_data"]));
  expect(code).toBe(0);
});

const tampered = join(folder, "tampered.json");
writeFileSync(tampered, '{"version":"0123456789abcdef","endpoint":"chat"}\n');
test.each([
  { it: "no baseline", args: [quiet], says: "and --baseline FILE to compare them with" },
  { it: "a file that is not there", args: [join(folder, "none.jsonl"), "--baseline", baseline], says: "there is no such file" },
  { it: "a baseline that is not there", args: [quiet, "--baseline", join(folder, "none.gz")], says: "there is no such file" },
  { it: "a baseline that was changed", args: [quiet, "--baseline", tampered], says: "is no baseline as it was frozen" },
  { it: "an empty baseline", args: [quiet, "--baseline", file("empty.jsonl", [])], says: "is empty" },
  { it: "a window that does not divide a day", args: [quiet, "--baseline", baseline, "--window", "7m"], says: "divide a day" },
  { it: "a broken line", args: [file("bad.jsonl", ['{"eventId":']), "--baseline", baseline], says: "bad.jsonl:1 is not JSON" },
])("$it is wrong use", async ({ args, says }) => {
  const { code, stdout, stderr } = await monitor(...args);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(says);
});
