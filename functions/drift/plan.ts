import * as z from "zod";
import { atOnce } from "../../shared/aws/atOnce.ts";
import { type DriftDeps, NotWatched, watch } from "./watch.ts";

const request = z.object({ endpoints: z.array(z.string().min(1)).optional() });

/** Pointers and baselines are small: a thousand endpoints take seconds. */
const endpointsAtOnce = 20;

/** The execution was started with an input that it does not know. */
class InvalidDriftInput extends Error {
  override readonly name = "InvalidDriftInput";
}

/**
 * Which endpoints this run looks at, which it cannot compare with a baseline yet, each with the reason, and whose captures it compares
 * with their requests: those of assay.yml.
 */
export type DriftPlan = {
  endpoints: { endpoint: string }[];
  needsData: { endpoint: string; because: string }[];
  captured: { endpoint: string }[];
};

/**
 * @param input `{}`: every endpoint of assay.yml, or `{ "endpoints": [...] }`
 * @throws InvalidDriftInput
 */
export async function planDrift(input: unknown, deps: DriftDeps): Promise<DriftPlan> {
  const parsed = request.safeParse(input);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!; // a failed parse has an issue
    throw new InvalidDriftInput(`${path.join(".") || "the input"}: ${message}. Start it with {} or {"endpoints": ["name"]}.`);
  }
  const plan: DriftPlan = { endpoints: [], needsData: [], captured: [] };
  const endpoints = parsed.data.endpoints ?? Object.keys(deps.assay.endpoints);
  const looks = await atOnce(endpointsAtOnce, endpoints, async (endpoint) => ({ endpoint, ...(await lookAt(endpoint, deps)) }));
  for (const { endpoint, watched, because } of looks) {
    if (Object.hasOwn(deps.assay.endpoints, endpoint)) plan.captured.push({ endpoint });
    if (watched) plan.endpoints.push({ endpoint });
    if (because !== null) plan.needsData.push({ endpoint, because });
  }
  return plan;
}

/** With an outdated baseline it is looked at all the same: that is to be found and said. */
async function lookAt(endpoint: string, deps: DriftDeps): Promise<{ watched: boolean; because: string | null }> {
  try {
    const { outdated } = await watch(endpoint, deps);
    return { watched: true, because: outdated && `${outdated.because}.` };
  } catch (error) {
    if (!(error instanceof NotWatched)) throw error;
    return { watched: false, because: error.message };
  }
}
