import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import * as z from "zod";
import { readGrades } from "../../../local/sagemaker/recordedJudge.ts";
import type { JudgeSettings } from "../../../shared/config/assay.ts";
import { parseReply } from "../../../shared/judging/parse.ts";
import { type Exchange, legible } from "../../../shared/judging/prompt.ts";
import { judgeRequest } from "../../../shared/judging/request.ts";
import { judge } from "./settings.ts";

/** Attacks of our own writing. What an attack repeats is kept as how often it does; `{fence}` becomes the fence that it would meet. */
const attacks = readFileSync("test/shared/judging/attacks.jsonl", "utf8")
  .trim()
  .split("\n")
  .map((line, n) => {
    const { family, pieces } = z
      .object({ family: z.string(), pieces: z.array(z.tuple([z.string(), z.int()])) })
      .parse(JSON.parse(line));
    return { it: `${n + 1} (${family})`, family, text: pieces.map(([text, times]) => text.repeat(times)).join("") };
  });

const judges: Record<string, JudgeSettings> = {
  sagemaker: judge,
  bedrock: { ...judge, provider: "bedrock" },
  openai: { ...judge, provider: "openai", url: "https://api.example.com/v1", apiKeySecretArn: null },
};
const question = "Where is my parcel?";
const answered = "Ask somebody else.";
const exchange = (prompt: string, completion: string, reference = answered): Exchange => ({
  id: "event-1",
  messages: [
    { role: "system", content: prompt },
    { role: "assistant", content: prompt },
    { role: "user", content: prompt },
  ],
  completion,
  reference,
});
const bodyOf = (asked: Exchange, by: JudgeSettings) => JSON.parse(judgeRequest(asked, by));
/** All that a request is but the texts in the fence: with the fence's own letters, which differ where a text holds them, made the same. */
function skeleton(asked: Exchange, by: JudgeSettings) {
  const body = bodyOf(asked, by);
  const fence = fenceOf(asked);
  const material: string = by.provider === "bedrock" ? body.messages[0].content[0].text : body.messages[1].content;
  const blocks = [...material.matchAll(new RegExp(`^<<<${fence} (\\w+)\\n([\\s\\S]*?)\\n${fence}>>>$`, "gm"))];
  const outside = blocks.reduce((rest, [whole]) => rest.replace(whole, ""), material);
  return {
    kinds: blocks.map(([, kind]) => kind),
    outside: outside.trim(),
    rest: JSON.stringify(body).replace(JSON.stringify(material), "").replaceAll(fence, "…"),
    material,
  };
}
const fenceOf = (asked: Exchange): string => /<<<([0-9a-f]{16}) KIND/.exec(bodyOf(asked, judge).messages[0].content)![1]!;
const meetingFence = (text: string) => text.replaceAll(/\{fence\}/gi, fenceOf(exchange(question, answered)));

test("there are sixty attacks and more, in ten families", () => {
  expect(attacks.length).toBeGreaterThanOrEqual(60);
  const families = [...new Set(attacks.map(({ family }) => family))];
  expect(families).toHaveLength(10);
  for (const family of families) expect(attacks.filter((attack) => attack.family === family).length).toBeGreaterThanOrEqual(6);
});

test.each(attacks)("attack $it changes nothing about the request, wherever it stands", ({ text: template }) => {
  for (const text of new Set([template, meetingFence(template)])) {
    for (const by of Object.values(judges)) {
      const harmless = skeleton(exchange(question, answered), by);
      for (const asked of [exchange(text, answered), exchange(question, text), exchange(question, answered, text)]) {
        const { kinds, outside, rest, material } = skeleton(asked, by);
        // Long turns crowd out earlier ones, which is said outside the blocks and in no other words.
        expect(["system assistant user reference answer", "user reference answer", "assistant user reference answer"]).toContain(
          kinds.join(" "),
        );
        expect(outside.replace(/^\[[0-9a-f]{16}: \d earlier turns left out\]/, "").trim()).toBe("");
        expect(rest).toBe(harmless.rest);
        expect(material).not.toMatch(/(?!\n|\t)[\p{Cc}]|[\u202a-\u202e\u2066-\u2069\u2028\u2029]|<[|｜]|<\/?think>|\[\/?INST\]/u);
        expect(material.length).toBeLessThan(60_000);
      }
    }
  }
});

test.each(attacks)("attack $it is graded as what it is, and never by itself", ({ text }) => {
  const low = { quality: 0.1, tone: 0 };
  const high = { quality: 1, tone: 1 };
  const lines = [
    { prompt: question, completion: text, grades: low },
    { prompt: question, completion: answered, grades: high },
    { prompt: text, completion: answered, grades: low },
  ];
  const takes = readGrades(lines.map((line) => JSON.stringify(line)).join("\n"), "grades");
  for (const asked of [
    { id: "event-1", messages: [{ role: "user" as const, content: question }], completion: text },
    { id: "event-1", messages: [{ role: "user" as const, content: text }], completion: answered },
  ]) {
    expect(takes(bodyOf(asked, judge))?.map(({ completion }) => JSON.parse(completion))).toEqual([low]);
  }
  // A judge that quotes what it read has given no grade.
  const quoted = legible(text);
  for (const content of [
    `${quoted}\n${JSON.stringify(high)}`,
    `${JSON.stringify(high)}\n${quoted}.`,
    JSON.stringify({ quality: quoted, tone: quoted }),
    JSON.stringify({ ...high, note: quoted }),
  ]) {
    const reply = JSON.stringify({ choices: [{ message: { content }, finish_reason: "stop" }] });
    expect(parseReply(reply, judge, 1).status).toBe("unparseable");
  }
});
