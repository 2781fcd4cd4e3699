import { redact } from "../../judging/redact.ts";
import { primary } from "../../judging/rubric.ts";
import type { ShownExample } from "../report.ts";
import type { SpanFinding } from "./facts.ts";
import type { ReportSource, Wanted } from "./source.ts";
import type { ReportedWindow } from "./windows.ts";

const worst = 8;
/** In characters: what is wrong shows at the beginning, and a page must be readable. */
const longest = 1_500;

type Candidate = { eventId: string; variant: string; grade: number; at: string; wanted: Wanted | null };

/** The answers with the lowest grades of a span, and those that its findings name, with their texts redacted. */
export async function readExamples(
  source: ReportSource,
  windows: readonly ReportedWindow[],
  findings: readonly SpanFinding[],
): Promise<ShownExample[]> {
  const named = new Set(findings.flatMap(({ examples }) => examples.map(({ eventId }) => eventId)));
  const rows = windows.flatMap(({ endpoint, variant, rows }) =>
    rows.flatMap(({ eventId, y, time, source: at }): Candidate[] => {
      const grade = y[primary];
      const wanted = at === undefined ? null : { eventId, endpoint, variant, source: at };
      return grade === undefined ? [] : [{ eventId, variant, grade, at: time, wanted }];
    }),
  );
  const lowest = rows.sort((a, b) => a.grade - b.grade || (a.eventId < b.eventId ? -1 : 1));
  const chosen = [
    ...lowest.filter(({ eventId }) => named.has(eventId)),
    ...lowest.filter(({ eventId }) => !named.has(eventId)),
  ].slice(0, worst);
  return Promise.all(
    chosen.map(async ({ eventId, variant, grade, at, wanted }) => ({
      about: `Grade ${grade.toFixed(2)} · ${variant} · ${at.slice(0, 16).replace("T", " ")}${named.has(eventId) ? " · named by a finding" : ""}`,
      where:
        wanted === null
          ? eventId
          : `${eventId} at s3://${wanted.source.bucket}/${wanted.source.key} byte ${wanted.source.offset}`,
      text: wanted === null ? null : shownText(await source.text(wanted)),
    })),
  );
}

/** What a page shows of a text: personal data and secrets taken out before it is cut, so that no half of one is left. */
export function shownText(text: { question: string; answer: string } | null): ShownExample["text"] {
  if (text === null) return null;
  const shown = (all: string) => {
    const clean = redact(all);
    return clean.length <= longest
      ? clean
      : `${clean.slice(0, longest).toWellFormed()} … (${clean.length - longest} characters more)`;
  };
  return { question: shown(text.question), answer: shown(text.answer) };
}
