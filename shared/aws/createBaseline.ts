import type { Assay, EndpointSettings } from "../config/assay.ts";
import type { Baseline } from "../monitoring/baseline.ts";
import { freezeBaseline } from "../monitoring/freezeBaseline.ts";
import { monitorSettings } from "../monitoring/rules.ts";
import { iso } from "../monitoring/windows.ts";
import { gatherBaselineSource, type MadeFrom, NothingToFreeze, type SourceDeps } from "./baselineSource.ts";
import { keepBaseline } from "./baselines.ts";

/**
 * Freezes a span of captured traffic or an evaluation and keeps it as a draft. Asks the judge of the endpoint four times about each
 * anchor; repeating it, after a crash or a day without budget, pays for nothing twice.
 * @param owner names this attempt
 * @throws NothingToFreeze, also where the endpoint has no judge; Throttled, JudgedElsewhere: try again later; and what AWS says
 */
export async function createBaseline(from: MadeFrom, assay: Assay, owner: string, deps: SourceDeps): Promise<Baseline> {
  const { endpoint } = from;
  const settings = monitorSettings(assay, endpoint);
  const configured: EndpointSettings | null = settings === null ? null : assay.endpoints[endpoint]!; // monitorSettings found it
  if (settings === null || !configured?.judge) {
    const judged = Object.keys(assay.endpoints).filter((name) => assay.endpoints[name]!.judge !== null);
    throw new NothingToFreeze(
      `assay.yml gives ${endpoint} no judge, so nothing compares it. It has one for: ${judged.join(", ") || "none"}.`,
    );
  }
  const source = await gatherBaselineSource(from, configured, configured.judge, owner, deps);
  return keepBaseline(deps, freezeBaseline(source, settings, iso(deps.nowMs())));
}
