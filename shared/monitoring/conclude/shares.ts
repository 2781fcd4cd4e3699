import type { Example, MonitorFinding } from "../finding.ts";
import type { Alarm, MonitorState } from "../monitorState.ts";
import { type Rule, ruleId } from "../rules.ts";
import type { ShareChange, SharesRule } from "../shares.ts";
import { inputMix } from "../signals/questions.ts";
import { signalNamed } from "../signals/registry.ts";
import type { Signal } from "../signals/signal.ts";
import { explainsAnswers, strainOf, strainText } from "../strain.ts";
import { iso } from "../windows.ts";
import { absorb, type Book, join, opened, put, sharedFinding } from "./book.ts";

/**
 * Of what changed in all traffic: the questions, how the judge answers, how fast the answers come, or the answers themselves. Answers that
 * changed while the questions did are taken for the questions' change; else it is their model's, or that of every variant.
 */
export function concludeShares(
  book: Book,
  alarm: Alarm,
  rule: SharesRule,
  change: ShareChange & { examples?: Example[] },
  all: readonly Rule[],
  windowMs: number,
): void {
  const signal = signalNamed(rule.signal);
  const since = iso(change.fold * windowMs);
  const inText = inWords(signal, rule.variant, change);
  const { moved: segments, examples } = change;
  const finding = {
    ...opened(book, alarm),
    ...sizeOf(signal, change),
    signal: rule.signal,
    rules: [alarm.rule],
    since,
    ...(segments.length === 0 ? {} : { segments }),
    ...(examples === undefined ? {} : { examples }),
  };
  const about = { judged: 0, thetaAtAlarm: null, refLow: null, because: inText };
  switch (signal.tells) {
    case "traffic": {
      const traffic = { ...finding, ...about, variant: null, cause: "traffic" as const };
      // Grades may have told of the questions first.
      const known = sharedFinding(book, rule.signal, traffic);
      if (known === undefined) put(book, traffic);
      else join(book, known, alarm.rule);
      absorb(book, known?.finding ?? traffic);
      return;
    }
    case "judge":
      put(book, { ...finding, ...about, variant: null, cause: "judge" });
      return;
    case "capacity":
      put(book, { ...finding, ...about, variant: rule.variant, cause: "capacity" });
      return;
    case "answers": {
      const told = book.findings.find(({ finding: known }) => tellsOfAnswers(known, rule.variant));
      if (told !== undefined) {
        join(book, told, alarm.rule);
        return;
      }
      const strain = book.served && strainOf(book.served, rule.variant!, change.fold * windowMs); // answers are of a variant
      if (explainsAnswers(strain)) {
        const because = `${inText}, while ${strainText(strain)}`;
        put(book, { ...finding, ...about, variant: rule.variant, cause: "capacity", serving: strain, because });
        return;
      }
      const everywhere = othersAlarmed(book.before, rule, all);
      if (!everywhere) {
        put(book, { ...finding, ...about, variant: rule.variant, cause: "model" });
        return;
      }
      const found = { ...finding, ...about, variant: null, cause: "model_everywhere" as const };
      put(book, { ...found, because: `${inText}; so it is of every variant` });
      absorb(book, found);
    }
  }
}

/** Whether a finding already says what a change of a variant's answers, seen by a cheap signal, would say. */
function tellsOfAnswers({ cause, variant }: MonitorFinding, own: string | null): boolean {
  if (cause === "traffic" || cause === "model_everywhere") return true;
  return (cause === "model" || cause === "capacity" || cause === "undecided") && variant === own;
}

/** Whether the same signal has alarmed of every other variant; one variant alone is not everywhere. */
function othersAlarmed({ rules }: MonitorState, rule: SharesRule, all: readonly Rule[]): boolean {
  const others = all.filter((other) => other.kind === "shares" && other.signal === rule.signal && other.variant !== rule.variant);
  return others.length > 0 && others.every((other) => rules[ruleId(other)]?.rule.alarmedAt != null);
}

function sizeOf({ shape }: Signal, { share, was, lower, upper }: ShareChange) {
  return shape === "rate"
    ? { size: was - share, lower: was - upper, upper: was - lower }
    : { size: share - was, lower: lower - was, upper: upper - was };
}

function inWords({ name, tells, shape }: Signal, variant: string | null, { bin, was, share }: ShareChange): string {
  const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
  const went = `went from ${percent(was)} to ${percent(share)}`;
  const whose = variant === null ? "" : ` of ${variant}`;
  if (name === inputMix.name) return `the questions changed: ${bin} ${went} of the answers`;
  const what = shape === "rate" ? `${name}${whose} ${went}` : `${name}${whose} changed: ${bin} ${went}`;
  return tells === "traffic" ? `the questions changed: ${what}` : what;
}
