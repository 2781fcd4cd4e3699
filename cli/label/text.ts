import Table from "cli-table3";
import type { SpanEstimate } from "../../shared/monitoring/estimates.ts";
import { type Agreement, gradeBins } from "../../shared/statistics/agreement.ts";
import { enoughLabels } from "../../shared/statistics/labels.ts";
import type { Known } from "./inStack.ts";

type Shown = { lower: number; upper: number };
const interval = (value: number, { lower, upper }: Shown) => `${value.toFixed(3)} (${lower.toFixed(3)} to ${upper.toFixed(3)})`;
const plain = { style: { head: [], border: [] } };

/** What people say of the judge and of the answers, as people read it. */
export function asText({ judge, labelled, impact }: Known): string {
  const parts: string[] = [];
  if (judge === null)
    parts.push("Nobody has graded an answer that was asked about: `assay label queue` says which. Quality is uncorrected.");
  else {
    const days = `${judge.from.slice(0, 10)} up to ${judge.to.slice(0, 10)}`;
    parts.push(`The judge beside people, ${days}: ${judge.labelled} of ${judge.asked} answers that were asked about are graded.`);
    const table = new Table({ head: ["", "answers", "agreement", "κ", "judge gives more"], ...plain });
    for (const [criterion, agreement] of Object.entries(judge.criteria)) table.push([criterion, ...rowOf(agreement)]);
    parts.push(table.toString());
    for (const [criterion, agreement] of Object.entries(judge.criteria))
      if (agreement !== null) parts.push(confusion(criterion, agreement));
  }
  if (labelled !== null) parts.push(estimates(labelled.estimates.filter(({ segment }) => segment === null)));
  if (impact.length > 0) {
    parts.push("User impact. Users choose what they react to: this is no sample of all answers, and no part of any estimate.");
    const head = ["day", "variant", "answers", "up", "down", "edited", "escalated", "counts as", "graded unasked"];
    const table = new Table({ head, ...plain });
    for (const { date, variants } of impact) {
      for (const { variant, answered, counts, rates, reacted, mean, graded } of variants) {
        const each = (["up", "down", "edited", "escalated"] as const).map((reaction) =>
          rates === null ? counts[reaction] : `${counts[reaction]} (${(100 * rates[reaction]).toFixed(2)} %)`,
        );
        const counted = mean === null ? "—" : `${mean.toFixed(3)} of ${reacted}`;
        const people = graded === null ? "—" : `${graded.mean.toFixed(3)} of ${graded.answers}`;
        table.push([date, variant, answered ?? "—", ...each, counted, people]);
      }
    }
    parts.push(table.toString());
  }
  return `${parts.join("\n")}\n`;
}

function rowOf(of: Agreement | null): string[] {
  if (of === null) return ["0", "—", "—", "—"];
  const { n, agreement, kappa, bias } = of;
  return [
    String(n),
    interval(agreement.share, { lower: agreement.low, upper: agreement.high }),
    kappa === null ? "—" : interval(kappa.value, { lower: kappa.low, upper: kappa.high }),
    bias.toFixed(3),
  ];
}

function confusion(criterion: string, { confusion }: Agreement): string {
  const table = new Table({ head: [`${criterion}: people \\ judge`, ...gradeBins], ...plain });
  for (const [i, row] of confusion.entries()) table.push([gradeBins[i]!, ...row.map((share) => `${(100 * share).toFixed(1)} %`)]); // a row for each bin
  return table.toString();
}

function estimates(all: readonly SpanEstimate[]): string {
  const table = new Table({ head: ["", "criterion", "judge's mean", "corrected by people", "labels"], ...plain });
  for (const { variant, criterion, quality, corrected } of all) {
    table.push([
      variant ?? "all variants",
      criterion,
      quality === null ? "—" : interval(quality.mean, quality),
      corrected === null ? `uncorrected: under ${enoughLabels} labels` : interval(corrected.mean, corrected),
      corrected?.labels ?? "",
    ]);
  }
  return table.toString();
}
