import type { AnchorReading } from "../shared/monitoring/anchors.ts";
import { emptySummary } from "../shared/monitoring/summary.ts";
import type { JudgedRow, WindowRecord } from "../shared/monitoring/windowRecord.ts";
import { iso, windowMs } from "../shared/monitoring/windows.ts";
import { beta, type Chance, poisson } from "./chance.ts";

/** What one variant does in one window. */
export type VariantTraffic = {
  requestsPerHour: number;
  pi: number;
  /** Segment → its share of the requests and the mean grade of its answers. */
  segments: Record<string, { share: number; mean: number }>;
};

/** Grades of sound and of bad answers both spread by about 0.1 around their mean. */
const concentration = 8;

/** One window of one variant, drawn as its records would be: no texts, no scores. */
export function drawWindow(
  chance: Chance,
  identity: { startMs: number; endpoint: string; variant: string },
  { requestsPerHour, pi, segments }: VariantTraffic,
): WindowRecord {
  const { startMs, endpoint, variant } = identity;
  const window = iso(startMs);
  const summary = emptySummary();
  const rows: JudgedRow[] = [];
  for (const [segment, { share, mean }] of Object.entries(segments)) {
    const answers = poisson(chance, (requestsPerHour * share * windowMs) / 3_600_000);
    if (answers === 0) continue;
    summary.segments[segment] = answers;
    summary.counts.answered += answers;
    summary.counts.captured += answers;
    for (let i = 0; i < answers; i++) {
      if (chance() >= pi) continue;
      const eventId = `${window}/${variant}/${segment}/${i}`;
      rows.push({ eventId, time: window, segment, pi, f: {}, scores: {}, y: { quality: beta(chance, mean, concentration) } });
    }
  }
  if (summary.counts.answered > 0) summary.piMin = pi;
  return { window, endpoint, variant, summary, rows, failed: [], pending: [], piRef: summary.piMin };
}

/** A reading of 100 anchors by a judge whose grades have moved by `shift` and scatter a little. */
export function drawReading(chance: Chance, timeMs: number, shift: number): AnchorReading {
  const anchors = Array.from({ length: 100 }, (_, i) => {
    const stored = 0.5 + 0.4 * ((i % 10) / 10);
    const grade = Math.min(1, Math.max(0, stored + shift + (chance() - 0.5) * 0.06));
    return { id: `anchor-${i}`, stored: { quality: stored }, grades: { quality: grade } };
  });
  return { time: iso(timeMs), anchors };
}
