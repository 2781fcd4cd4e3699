import * as z from "zod";
import type { EndpointSettings, JudgeSettings } from "../config/assay.ts";
import { judgeVersion } from "../judging/judgeVersion.ts";
import { criteriaOf } from "../judging/rubric.ts";
import type { BrokenLine } from "./goldenSet.ts";
import { type Payload, payloads } from "./payload.ts";

/** What an evaluation is to do: the input of its state machine. */
export type EvaluationRequest = {
  id: string;
  endpoint: string;
  goldenSet: { bucket: string; key: string };
  /** One variant, or two: then the second is compared with the first. */
  variants: string[];
  /** Most that its judge may cost, beside the endpoint's budget of the day. `null`: that of the day alone. */
  budgetMicroUsd: number | null;
  /** Largest difference that nobody cares about; `null`: the endpoint's. */
  tolerance: number | null;
  payload: Payload;
  /** Of generation, sent along with every question. */
  parameters: Record<string, unknown>;
  /** 1, or one more each time that it is started again to complete what is missing. */
  attempt: number;
};

/** Everything that the result depends on. Written once: who starts the same id again must want the same. */
export type Plan = {
  version: 1;
  id: string;
  endpoint: string;
  /** What the endpoint served: answers of other models do not belong to the same evaluation. */
  endpointConfiguration: string;
  goldenSet: { bucket: string; key: string; etag: string };
  variants: string[];
  judge: { model: string; version: string };
  criteria: string[];
  tolerance: number;
  payload: Payload;
  parameters: Record<string, unknown>;
  items: number;
  /** `first` has the first of them: thousands of broken lines tell no more. */
  broken: { count: number; first: BrokenLine[] };
  plannedAt: string;
};

/** The evaluation cannot be made as it is asked for. Says what of it, and what to do. */
export class InvalidEvaluation extends Error {
  override readonly name = "InvalidEvaluation";
}

const shownLines = 20;
const name = z
  .string()
  .regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/, "is no name of SageMaker's: letters, digits and hyphens, at most 63");
/** They decide what is asked, or in which form the answer comes, and so are not the caller's. */
const ours = ["messages", "inputs", "stream", "n"];

const request = z.strictObject({
  // 40 leaves room for the attempt in an execution's name, and for the prefix of an inference id.
  id: z.string().regex(/^[\w-]{1,40}$/, "give 1 to 40 letters, digits, - or _"),
  endpoint: name,
  goldenSet: z.strictObject({ bucket: z.string().min(1), key: z.string().min(1) }),
  variants: z
    .array(name)
    .min(1)
    .max(2)
    .refine(([a, b]) => a !== b, "name two different variants, or one"),
  budgetUsd: z.number().min(0.000_001).max(1_000_000).nullish(),
  tolerance: z.number().min(0).lt(1).nullish(),
  payload: z.enum(payloads).default("openai-chat"),
  parameters: z
    .record(z.string(), z.unknown())
    .refine((given) => !ours.some((key) => Object.hasOwn(given, key)), `${ours.join(", ")} are set by the evaluation itself`)
    .default({}),
  attempt: z.int().min(1).max(1_000).default(1),
});

/** Reads the input of an execution. @throws InvalidEvaluation that names the first member that is wrong */
export function readEvaluationRequest(input: unknown): EvaluationRequest {
  const parsed = request.safeParse(input);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!; // a failed parse has an issue
    throw new InvalidEvaluation(
      `The input is no evaluation: ${[...path.map(String), message].join(": ")}. ` +
        'It is like {"id":"…","endpoint":"…","goldenSet":{"bucket":"…","key":"…"},"variants":["a","b"]}.',
    );
  }
  const { budgetUsd, tolerance = null, ...rest } = parsed.data;
  return { ...rest, tolerance, budgetMicroUsd: budgetUsd == null ? null : Math.floor(budgetUsd * 1_000_000) };
}

/** @throws InvalidEvaluation where the endpoint has no judge or the golden set has no item */
export function planEvaluation(
  { id, endpoint, goldenSet, variants, tolerance, payload, parameters }: EvaluationRequest,
  settings: Pick<EndpointSettings, "judge" | "quality">,
  found: { endpointConfiguration: string; etag: string; items: number; broken: BrokenLine[] },
  plannedAt: string,
): Plan {
  const judge = requireJudge(endpoint, settings);
  const { endpointConfiguration, etag, items, broken } = found;
  if (items === 0) {
    const [first] = broken;
    const why = first ? `none of its ${broken.length} lines is an item; line ${first.line}: ${first.reason}` : "it is empty";
    throw new InvalidEvaluation(`There is nothing to ask in s3://${goldenSet.bucket}/${goldenSet.key}: ${why}.`);
  }
  return {
    version: 1,
    id,
    endpoint,
    endpointConfiguration,
    goldenSet: { ...goldenSet, etag },
    variants,
    judge: { model: judge.model, version: judgeVersion(judge) },
    criteria: criteriaOf(judge),
    tolerance: tolerance ?? settings.quality.tolerance,
    payload,
    parameters,
    items,
    broken: { count: broken.length, first: broken.slice(0, shownLines) },
    plannedAt,
  };
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
