import type { EndpointSettings, JudgeSettings } from "../config/assay.ts";
import { judgeVersion } from "../judging/judgeVersion.ts";
import { criteriaOf, primary } from "../judging/rubric.ts";
import type { BrokenLine } from "./goldenSet.ts";
import type { Payload } from "./payload.ts";
import type { Prices } from "./prices.ts";
import { type EvaluationRequest, InvalidEvaluation, type Questions, type Target } from "./request.ts";

/** Everything that the result depends on. Written once: who starts the same id again must want the same. */
export type Plan = {
  version: 1;
  id: string;
  endpoint: string;
  /** Endpoint or component → what it served: answers of other models do not belong to the same evaluation. */
  serving: Record<string, string>;
  questions: Questions;
  /** Where the items stand: the golden set that was named, or the one that was made of captures. */
  goldenSet: { bucket: string; key: string; etag: string; version: string };
  /** The targets' names. */
  variants: string[];
  targets: Target[];
  judge: { model: string; version: string };
  criteria: string[];
  tolerance: number;
  payload: Payload;
  prices: Prices;
  untilDecided: boolean;
  parameters: Record<string, unknown>;
  items: number;
  /** `first` has the first of them: thousands of broken lines tell no more. */
  broken: { count: number; first: BrokenLine[] };
  plannedAt: string;
};

const shownLines = 20;

type Found = {
  serving: Plan["serving"];
  goldenSet: Plan["goldenSet"];
  items: number;
  broken: BrokenLine[];
};

/** @throws InvalidEvaluation where the endpoint has no such judge, there is no item, or a line is broken and none may be */
export function planEvaluation(
  {
    id,
    endpoint,
    questions,
    targets,
    criteria,
    tolerance,
    payload,
    parameters,
    prices,
    untilDecided,
    skipInvalid,
  }: EvaluationRequest,
  settings: Pick<EndpointSettings, "judge" | "quality">,
  { serving, goldenSet, items, broken }: Found,
  plannedAt: string,
): Plan {
  const judge = narrowed(requireJudge(endpoint, settings), criteria ?? []);
  const where = `s3://${goldenSet.bucket}/${goldenSet.key}`;
  const [first] = broken;
  const why = first && `line ${first.line}: ${first.reason}`;
  if (items === 0) {
    const reason = why ? `none of its ${broken.length} lines is an item; ${why}` : "it is empty";
    throw new InvalidEvaluation(`There is nothing to ask in ${where}: ${reason}.`);
  }
  if (why && !skipInvalid) {
    throw new InvalidEvaluation(
      `${broken.length} lines of ${where} are no items; ${why}. Mend them (\`assay golden lint\` lists them), or leave them out with --skip-invalid (skipInvalid).`,
    );
  }
  return {
    version: 1,
    id,
    endpoint,
    serving,
    questions,
    goldenSet,
    variants: targets.map(({ name }) => name),
    targets,
    judge: { model: judge.model, version: judgeVersion(judge) },
    criteria: criteria ?? criteriaOf(judge),
    tolerance: tolerance ?? settings.quality.tolerance,
    payload,
    parameters,
    prices,
    untilDecided,
    items,
    broken: { count: broken.length, first: broken.slice(0, shownLines) },
    plannedAt,
  };
}

/**
 * The judge as it grades some of its criteria only; all of them where none is named. `quality` that is made of others needs them all.
 * @throws InvalidEvaluation where it has no such criterion
 */
export function narrowed(judge: JudgeSettings, criteria: readonly string[]): JudgeSettings {
  if (criteria.length === 0) return judge;
  const known = criteriaOf(judge);
  const unknown = criteria.find((criterion) => !known.includes(criterion));
  if (unknown !== undefined) throw new InvalidEvaluation(`The judge has no criterion ${unknown}; it has ${known.join(", ")}.`);
  if (judge.weights !== null && criteria.includes(primary)) return judge;
  const rubric = Object.fromEntries(Object.entries(judge.rubric).filter(([criterion]) => criteria.includes(criterion)));
  return { ...judge, rubric, weights: null };
}

/** @throws InvalidEvaluation */
export function requireJudge(endpoint: string, { judge }: Pick<EndpointSettings, "judge">): JudgeSettings {
  if (judge) return judge;
  throw new InvalidEvaluation(
    `${endpoint} has no judge in assay.yml, so no answer would be graded. Configure one and deploy again.`,
  );
}

/** What two plans of the same id differ in; empty where they are the same evaluation. */
export function differences(a: Plan, b: Plan): string[] {
  const members = Object.keys(a) as (keyof Plan)[];
  return members.filter((member) => member !== "plannedAt" && JSON.stringify(a[member]) !== JSON.stringify(b[member]));
}
