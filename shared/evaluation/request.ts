import * as z from "zod";
import { InvalidGate, parseGate } from "./gates.ts";
import { type Payload, payloads } from "./payload.ts";
import { type Prices, priceSchema } from "./prices.ts";

/**
 * Whose answers are compared, under a name of the evaluation's own. `endpoint`: asked as it is (by weight, where neither variant nor
 * component is named). `answers`: brought along in the items, or captured; nobody is asked.
 */
export type Target =
  | { kind: "endpoint"; name: string; endpoint: string; variant: string | null; component: string | null }
  | { kind: "answers"; name: string };

/** What is asked. `captured`: answered questions of production, drawn with the same chance each. */
export type Questions =
  | { kind: "goldenSet"; bucket: string; key: string }
  | { kind: "captured"; from: string; to: string; variants: string[]; items: number };

/** What an evaluation is to do: the input of its state machine. */
export type EvaluationRequest = {
  id: string;
  /** Whose judge grades, and whose budget pays. */
  endpoint: string;
  questions: Questions;
  /** The first is what the others are compared with. */
  targets: Target[];
  /** Of the judge's; `null`: all of them. */
  criteria: string[] | null;
  /** Most that its judge may cost, beside the endpoint's budget of the day. `null`: that of the day alone. */
  budgetMicroUsd: number | null;
  /** Largest difference that nobody cares about; `null`: the endpoint's. */
  tolerance: number | null;
  /** What must hold of the result, or the execution fails; see docs/ci.md. */
  gates: string[];
  payload: Payload;
  /** Of generation, sent along with every question. */
  parameters: Record<string, unknown>;
  /** Whether lines that are no item are left out, or no evaluation is made of a set that has one. */
  skipInvalid: boolean;
  /** What their answers cost, for those of which it is known. */
  prices: Prices;
  /** Whether no more items are asked once it is clear what every target is beside the first. */
  untilDecided: boolean;
  /** How many batches of five items are worked on at once. */
  concurrency: number;
  /** How many items of a hundred may fail before the evaluation does. */
  toleratedFailurePercent: number;
  /** 1, or one more each time that it is started again to complete what is missing. */
  attempt: number;
};

/** The evaluation cannot be made as it is asked for. Says what of it, and what to do. */
export class InvalidEvaluation extends Error {
  override readonly name = "InvalidEvaluation";
}

/** The name under which the answer that was captured is an answer brought along. */
export const capturedTarget = "captured";

const name = z
  .string()
  .regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/, "is no name of SageMaker's: letters, digits and hyphens, at most 63");
/** Names become members of the result, and parts of keys. */
const label = z
  .string()
  .regex(/^[\w.-]{1,63}$/, "give 1 to 63 letters, digits, ., - or _")
  .refine((value) => value !== "__proto__", "is no name");
/** They decide what is asked, or in which form the answer comes, and so are not the caller's. */
const ours = ["messages", "inputs", "stream", "n"];
const moment = z.iso.datetime({ offset: true }).transform((time) => `${new Date(time).toISOString().slice(0, 19)}Z`);

const target = z
  .strictObject({
    name: label,
    endpoint: name.optional(),
    variant: name.optional(),
    component: name.optional(),
    answers: z.literal(true).optional(),
  })
  .refine(({ variant, component }) => variant === undefined || component === undefined, "give a variant or a component, not both")
  .refine(
    ({ answers, endpoint, variant, component }) => !answers || (endpoint ?? variant ?? component) === undefined,
    "answers are brought along, or an endpoint is asked, not both",
  );

const gate = z
  .string()
  .max(200)
  .superRefine((text, context) => {
    try {
      parseGate(text);
    } catch (error) {
      if (!(error instanceof InvalidGate)) throw error;
      context.addIssue({ code: "custom", message: error.message });
    }
  });

const mostTargets = 8;
const mostItems = 100_000;
const request = z
  .strictObject({
    // 40 leaves room for the attempt in an execution's name, and for the prefix of an inference id.
    id: z.string().regex(/^[\w-]{1,40}$/, "give 1 to 40 letters, digits, - or _"),
    endpoint: name,
    goldenSet: z.strictObject({ bucket: z.string().min(1), key: z.string().min(1) }).optional(),
    captured: z
      .strictObject({
        from: moment.optional(),
        to: moment.optional(),
        hours: z
          .number()
          .min(0.25)
          .max(31 * 24)
          .optional(),
        variants: z.array(name).min(1).optional(),
        items: z.int().min(1).max(mostItems).default(1_000),
      })
      .refine(
        ({ from, to, hours }) => (hours === undefined ? from && to && from < to : !from && !to),
        "give from and a later to, or hours",
      )
      .optional(),
    variants: z.array(name).min(1).max(mostTargets).optional(),
    targets: z.array(target).min(1).max(mostTargets).optional(),
    criteria: z.array(z.string()).min(1).nullish(),
    budgetUsd: z.number().min(0.000_001).max(1_000_000).nullish(),
    tolerance: z.number().min(0).lt(1).nullish(),
    gates: z.array(gate).max(20).default([]),
    payload: z.enum(payloads).default("openai-chat"),
    parameters: z
      .record(z.string(), z.unknown())
      .refine((given) => !ours.some((key) => Object.hasOwn(given, key)), `${ours.join(", ")} are set by the evaluation itself`)
      .default({}),
    skipInvalid: z.boolean().default(false),
    prices: z.record(label, priceSchema).default({}),
    untilDecided: z.boolean().default(false),
    concurrency: z.int().min(1).max(1_000).default(8),
    toleratedFailurePercent: z.number().min(0).max(100).default(5),
    attempt: z.int().min(1).max(1_000).default(1),
    // When a schedule fired: each firing is an evaluation of its own.
    scheduledAt: moment.optional(),
  })
  .refine(({ goldenSet, captured }) => (goldenSet === undefined) !== (captured === undefined), "give goldenSet or captured")
  .refine(({ variants, targets }) => (variants === undefined) !== (targets === undefined), "give variants or targets")
  .refine(
    ({ captured, scheduledAt }) => captured?.hours === undefined || scheduledAt !== undefined,
    "hours are counted back from scheduledAt",
  );

/** The input of an execution as it is written. */
export type EvaluationInput = z.input<typeof request>;

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
  const {
    goldenSet,
    captured,
    variants,
    targets,
    budgetUsd,
    tolerance = null,
    criteria = null,
    scheduledAt,
    ...rest
  } = parsed.data;
  const { endpoint } = rest;
  const named = variants?.map((variant): Target => ({ kind: "endpoint", name: variant, endpoint, variant, component: null }));
  const all = named ?? targets!.map((one) => targetOf(one, endpoint)); // one of both is there
  const double = all.find((one, i) => all.findIndex((other) => other.name === one.name) < i);
  if (double) throw new InvalidEvaluation(`Two targets have the name ${double.name}: name different ones.`);
  const [fromHours, to] =
    captured?.hours === undefined ? [captured?.from, captured?.to] : [before(scheduledAt!, captured.hours), scheduledAt!];
  return {
    ...rest,
    id: scheduledAt === undefined ? rest.id : idAt(rest.id, scheduledAt),
    questions: goldenSet
      ? { kind: "goldenSet", ...goldenSet }
      : { kind: "captured", from: fromHours!, to: to!, variants: captured!.variants ?? [], items: captured!.items },
    targets: all,
    criteria,
    tolerance,
    budgetMicroUsd: budgetUsd == null ? null : Math.floor(budgetUsd * 1_000_000),
  };
}

function targetOf({ name, endpoint, variant, component, answers }: z.output<typeof target>, own: string): Target {
  if (answers) return { kind: "answers", name };
  return { kind: "endpoint", name, endpoint: endpoint ?? own, variant: variant ?? null, component: component ?? null };
}

const before = (time: string, hours: number): string =>
  `${new Date(Date.parse(time) - hours * 3_600_000).toISOString().slice(0, 19)}Z`;

/** `nightly` of 2026-03-02T03:00Z is `nightly-20260302T0300`. */
function idAt(id: string, time: string): string {
  const named = `${id}-${time.slice(0, 16).replaceAll(/[-:]/g, "")}`;
  if (named.length > 40) throw new InvalidEvaluation(`The id ${id} is too long for a schedule: give at most 26 characters.`);
  return named;
}
