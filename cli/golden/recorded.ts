import * as z from "zod";
import { type Candidate, type CapturedText, choose, type Way } from "../../shared/evaluation/promote.ts";
import { primary } from "../../shared/judging/rubric.ts";
import { WrongUse } from "../exit.ts";
import { linesOf } from "../streams.ts";

const turn = z.object({ role: z.enum(["system", "user", "assistant", "tool"]), content: z.string() });
const answer = z.object({
  eventId: z.string(),
  outcome: z.literal("answered"),
  segment: z.string(),
  messages: z.array(turn),
  completion: z.string(),
  judgement: z.object({ grades: z.record(z.string(), z.number()).optional() }).nullish(),
});

/** Chooses among the answers of recorded streams; other lines of a stream are passed over. @throws WrongUse where there is none to choose */
export async function recordedAnswers(files: readonly string[], way: Way, n: number): Promise<CapturedText[]> {
  if (files.length === 0) throw new WrongUse("Of what? Name files, or a stage with --stack.");
  const candidates: (Candidate & CapturedText)[] = [];
  for (const file of files) {
    for await (const { text, number } of linesOf(file)) {
      const parsed = answer.safeParse(parse(text, `${file}:${number}`));
      if (parsed.success) candidates.push({ ...parsed.data, quality: parsed.data.judgement?.grades?.[primary] ?? null });
    }
  }
  const chosen = choose(candidates, way, n);
  if (chosen.length > 0) return chosen;
  throw new WrongUse(
    candidates.length === 0
      ? `${files.join(", ")}: there is no answer with its text. \`assay score\` prints them.`
      : `${files.join(", ")}: no answer has a grade, so none is the worst. Choose --by random.`,
  );
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WrongUse(`${where} is not JSON: a line is an answer as \`assay score\` prints it.`);
  }
}
