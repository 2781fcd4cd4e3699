/** How figures are written, the same in every report. `—` is what nobody knows: no figure is ever a 0 for want of one. */
export const unknown = "—";

export const score = (value: number | null): string => (value === null ? unknown : value.toFixed(3));

export const percent = (share: number | null, digits = 1): string =>
  share === null ? unknown : `${(100 * share).toFixed(digits)} %`;

export const count = (n: number): string => n.toLocaleString("en-US");

export const signed = (points: number): string => `${points > 0 ? "+" : ""}${points.toFixed(3)}`;

export const withInterval = (of: { mean: number; lower: number; upper: number } | null): string =>
  of === null ? unknown : `${of.mean.toFixed(3)} (${of.lower.toFixed(3)} to ${of.upper.toFixed(3)})`;

/** Dollars, to three digits where a cent is too coarse. */
export const usd = (value: number): string => `$${value !== 0 && Math.abs(value) < 1 ? value.toPrecision(3) : value.toFixed(2)}`;

/** ISO time to the minute, as people write it. */
export const timeText = (at: string): string => at.slice(0, 16).replace("T", " ");
