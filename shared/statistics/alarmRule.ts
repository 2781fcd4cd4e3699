import type { Evidence } from "./gradeEvidence.ts";
import { logMeanExp, softplus } from "./logSpace.ts";

/** The state of one alarm rule: plain JSON, and as large after a year as after a day. */
export type AlarmRule = {
  /** The last fold that was applied; `null` before the first. */
  lastFold: number | null;
  /** ln R of each bet; `null` before the first fold with data, when all are -Infinity. */
  lnR: number[] | null;
  /** Per bet, since which fold the evidence has been growing, and how much it has grown. */
  onset: number[];
  onsetSum: number[];
  /** The fold that raised the alarm; `null` while quiet. It stays until `restart`. */
  alarmedAt: number | null;
};

/** A rule that has seen nothing, over so many bets. */
export function newRule(bets: number): AlarmRule {
  return {
    lastFold: null,
    lnR: null,
    onset: new Array<number>(bets).fill(0),
    onsetSum: new Array<number>(bets).fill(0),
    alarmedAt: null,
  };
}

/**
 * Adds one fold. "Something changed at some time" is the sum over all times it may have changed (Shiryaev-Roberts):
 *
 *   ln R_j ← ln E_j + ln(1 + R_j)        ln R = ln( mean of R_j )        alarm when ln R ≥ ln A
 *
 * A fold without a record opens no new start. An alarm stays, whatever comes after, until the rule is restarted.
 * When it began: per bet a sum that starts anew whenever it is not over 0; it dates a change and decides nothing.
 *
 * @param fold its number, larger than all before (e.g. the window's start in windows since 1970): one that is not is ignored,
 *   so a repeat changes nothing
 * @param lnA  see thresholds.ts
 * @throws RangeError if the evidence is of another number of bets, or not finite
 * Source: Shin, Ramdas & Rinaldo 2024, E-detectors; Roberts 1966; docs/statistics.md, "The alarm"
 */
export function applyFold(rule: AlarmRule, fold: number, { lnE, records }: Evidence, lnA: number): AlarmRule {
  if (!Number.isFinite(fold)) throw new RangeError(`a fold needs a number, not ${fold}.`);
  if (lnE.length !== rule.onset.length)
    throw new RangeError(`a rule of ${rule.onset.length} bets cannot take evidence of ${lnE.length}.`);
  if (!lnE.every(Number.isFinite))
    throw new RangeError(`the evidence of fold ${fold} is not finite: a grade or weight in it is no number.`);
  if (rule.lastFold !== null && fold <= rule.lastFold) return rule;

  const { lnR } = rule;
  const opens = records > 0;
  const next: AlarmRule = {
    lastFold: fold,
    lnR: lnR === null ? (opens ? [...lnE] : null) : lnE.map((x, j) => x + (opens ? softplus(lnR[j]!) : lnR[j]!)),
    onset: rule.onset.map((since, j) => (rule.onsetSum[j]! <= 0 ? fold : since)),
    onsetSum: lnE.map((x, j) => x + Math.max(0, rule.onsetSum[j]!)),
    alarmedAt: rule.alarmedAt,
  };
  if (next.alarmedAt === null && lnStatistic(next) >= lnA) next.alarmedAt = fold;
  return next;
}

/** ln R of the whole rule; -Infinity before any data. */
export function lnStatistic({ lnR }: AlarmRule): number {
  return lnR === null ? -Infinity : logMeanExp(lnR);
}

/** How far the rule has gone towards its alarm: 0 = no evidence, 1 = alarm, `max(0, ln R)/ln A`. */
export function evidenceOf(rule: AlarmRule, lnA: number): number {
  return Math.max(0, lnStatistic(rule)) / lnA;
}

/** The bet with most evidence and the fold in which it began to grow; `null` before any data. */
export function leadingBet({ lnR, onset }: AlarmRule): { bet: number; since: number } | null {
  if (lnR === null) return null;
  const bet = lnR.indexOf(Math.max(...lnR));
  return { bet, since: onset[bet]! };
}

/** The rule after its finding was closed: it starts from nothing, and still refuses folds that it had seen. */
export function restart(rule: AlarmRule): AlarmRule {
  return { ...newRule(rule.onset.length), lastFold: rule.lastFold };
}
