import * as z from "zod";
import { type DriftDeps, NotWatched, watch } from "./watch.ts";

const request = z.object({ endpoints: z.array(z.string().min(1)).optional() });

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
  for (const endpoint of parsed.data.endpoints ?? Object.keys(deps.assay.endpoints)) {
    if (Object.hasOwn(deps.assay.endpoints, endpoint)) plan.captured.push({ endpoint });
    try {
      const { outdated } = await watch(endpoint, deps);
      // Looked at all the same: that its baseline is outdated is to be found and said.
      plan.endpoints.push({ endpoint });
      if (outdated !== null) plan.needsData.push({ endpoint, because: `${outdated.because}.` });
    } catch (error) {
      if (!(error instanceof NotWatched)) throw error;
      plan.needsData.push({ endpoint, because: error.message });
    }
  }
  return plan;
}
