import type { LiveComparison } from "../../../monitoring/liveComparison.ts";
import { count, signed, unknown, usd, withInterval } from "../../figures.ts";
import type { Axis, Block, Column } from "../../report.ts";

const text = (name: string): Column => ({ name, isNumber: false });
const number = (name: string): Column => ({ name, isNumber: true });

/** The live variants of a day: figures of each, and what each is beside the one with the most answers. */
export function comparisonBlocks({ date, beside, variants, differences }: LiveComparison): Block[] {
  const axis: Axis = { min: Math.min(0.5, ...variants.flatMap(({ quality }) => quality?.lower ?? [])), max: 1, marked: null };
  return [
    {
      kind: "table",
      caption: `On ${date}`,
      head: [
        text("variant"),
        text("quality"),
        number("p50 latency"),
        number("p95 latency"),
        number("tokens an answer"),
        number("serving"),
        number("1,000 good answers"),
      ],
      rows: variants.map(({ variant, shadow, quality, latencyMs, tokens, servingMicroUsd, costPerThousandGood: cost }) => [
        shadow ? `${variant} (shadow)` : variant,
        quality === null
          ? unknown
          : { text: withInterval(quality), low: quality.lower, mid: quality.mean, high: quality.upper, axis },
        latencyMs ? `${Math.round(latencyMs.p50)} ms` : unknown,
        latencyMs ? `${Math.round(latencyMs.p95)} ms` : unknown,
        tokens ? count(Math.round(tokens.prompt + tokens.completion)) : unknown,
        servingMicroUsd === null ? unknown : usd(servingMicroUsd / 1e6),
        cost ? `${usd(cost.usd)} (${usd(cost.lower)} to ${usd(cost.upper)})` : unknown,
      ]),
      folded: false,
    },
    ...differences.flatMap((difference) => sentences(beside, difference).map((said): Block => ({ kind: "text", text: said }))),
  ];
}

function sentences(
  beside: string,
  { variant, quality, latency, tokens, cost, paired }: LiveComparison["differences"][number],
): string[] {
  const is = (of: NonNullable<typeof quality>) =>
    `${of.verdict}, ${signed(of.difference)} (${signed(of.lower)} to ${signed(of.upper)})`;
  const ratios = [
    ...(latency === null ? [] : [`${latency.p50.toFixed(2)} times the p50 latency`, `${latency.p95.toFixed(2)} times the p95`]),
    ...(tokens === null ? [] : [`${tokens.toFixed(2)} times the tokens of an answer`]),
  ];
  const between = (of: NonNullable<typeof cost>) => `${of.ratio.toFixed(2)} (${of.lower.toFixed(2)} to ${of.upper.toFixed(2)})`;
  return [
    ...(paired === null
      ? []
      : [
          `${variant} beside ${beside} on the same ${count(paired.n)} requests: quality is ${is(paired)}; graded higher ${count(paired.wins)} times, alike ${count(paired.ties)}, lower ${count(paired.losses)}. ${count(paired.ungraded)} pairs are left out without a grade.`,
        ]),
    ...(quality === null || paired !== null ? [] : [`${variant} beside ${beside}: quality is ${is(quality)}.`]),
    ...(ratios.length === 0 ? [] : [`${variant} beside ${beside}: ${ratios.join(", ")}.`]),
    ...(cost === null ? [] : [`A good answer of ${variant} costs ${between(cost)} times one of ${beside}.`]),
  ];
}
