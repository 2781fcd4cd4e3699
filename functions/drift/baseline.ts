import * as z from "zod";
import type { SourceDeps } from "../../shared/aws/baselineSource.ts";
import { approveBaseline, listBaselines, readBaseline, retireBaseline } from "../../shared/aws/baselines.ts";
import { createBaseline } from "../../shared/aws/createBaseline.ts";
import type { Baseline } from "../../shared/monitoring/baseline.ts";
import { type BaselineDifference, differenceOf } from "../../shared/monitoring/baselineDifference.ts";
import type { DriftDeps } from "./watch.ts";

export type BaselineDeps = DriftDeps & SourceDeps;

/** What is known of a baseline without its numbers. */
export type Outlined = Pick<Baseline, "endpoint" | "version" | "status" | "span" | "madeFrom" | "limits" | "selfTest">;

/** The execution asks for something about baselines that cannot be done as it is asked. */
class InvalidBaselineInput extends Error {
  override readonly name = "InvalidBaselineInput";
}

const text = z.string().min(1);
const named = { endpoint: text, version: text };
const decided = { ...named, who: text, why: text };
const time = z.iso.datetime({ offset: true });
const request = z.union([
  z.strictObject({ create: z.strictObject({ endpoint: text, from: time, to: time }) }),
  z.strictObject({ create: z.strictObject({ endpoint: text, evaluation: z.string().regex(/^[\w-]{1,40}$/) }) }),
  z.strictObject({ diff: z.strictObject({ endpoint: text, versions: z.tuple([text, text]) }) }),
  z.strictObject({ approve: z.strictObject(decided) }),
  z.strictObject({ retire: z.strictObject(decided) }),
  z.strictObject({ list: z.strictObject({ endpoint: text.optional() }) }),
]);
const example =
  'Ask like {"baseline":{"create":{"endpoint":"chat","from":"2026-03-02T00:00:00Z","to":"2026-03-09T00:00:00Z"}}}, ' +
  '{"create":{"endpoint","evaluation"}}, {"diff":{"endpoint","versions":[a, b]}}, {"approve" or "retire":{"endpoint","version","who","why"}} ' +
  'or {"list":{}}.';

/**
 * What `assay baseline` does, asked of the drift workflow: creates, compares, approves, retires or lists baselines. Safe to repeat.
 * @param asked `baseline` of the execution's input
 * @param owner names the execution, whose attempts are one after the other
 * @throws InvalidBaselineInput, NothingToFreeze, BaselineNotChanged: as asked it cannot be done; Throttled, JudgedElsewhere: worth waiting for
 */
export async function askBaselines(
  { asked, owner }: { asked: unknown; owner: string },
  deps: BaselineDeps,
): Promise<{ baselines: Outlined[]; difference: BaselineDifference | null }> {
  const parsed = request.safeParse(asked);
  if (!parsed.success) throw new InvalidBaselineInput(`The input asks for nothing that can be done with baselines. ${example}`);
  const baselines = (found: readonly (Baseline | null)[]) => ({
    baselines: found.flatMap((baseline) => (baseline === null ? [] : [outlined(baseline)])),
    difference: null,
  });
  if ("create" in parsed.data) return baselines([await createBaseline(madeFrom(parsed.data.create), deps.assay, owner, deps)]);
  if ("approve" in parsed.data) {
    const { endpoint, version, who, why } = parsed.data.approve;
    return baselines([await approveBaseline(deps, endpoint, version, who, why, deps.nowMs())]);
  }
  if ("retire" in parsed.data) {
    const { endpoint, version, who, why } = parsed.data.retire;
    return baselines([await retireBaseline(deps, endpoint, version, who, why, deps.nowMs())]);
  }
  if ("list" in parsed.data) return baselines(await listBaselines(deps, parsed.data.list.endpoint ?? null));
  const { endpoint, versions } = parsed.data.diff;
  const [a, b] = await Promise.all(versions.map((version) => readBaseline(deps, endpoint, version)));
  if (!a || !b)
    throw new InvalidBaselineInput(
      `${endpoint} has no baseline ${a ? versions[1] : versions[0]}. Start it with {"baseline":{"list":{}}}.`,
    );
  return { baselines: [outlined(a), outlined(b)], difference: differenceOf(a, b) };
}

function madeFrom(create: { endpoint: string } & ({ from: string; to: string } | { evaluation: string })) {
  if ("evaluation" in create) return create;
  const [fromMs, toMs] = [Date.parse(create.from), Date.parse(create.to)];
  if (!(fromMs < toMs)) throw new InvalidBaselineInput(`to (${create.to}) is not after from (${create.from}).`);
  return { endpoint: create.endpoint, fromMs, toMs };
}

function outlined({ endpoint, version, status, span, madeFrom, limits, selfTest }: Baseline): Outlined {
  return { endpoint, version, status, span, madeFrom, limits, selfTest };
}
