import { parseAssay } from "../shared/config/load.ts";
import { type MonitorSettings, monitorSettings } from "../shared/monitoring/rules.ts";

/** What is watched of a judged endpoint, and by which budget of false alarms, is what the service makes of this assay.yml. */
export function watchedFleet(endpoint: string, variants: readonly string[]): MonitorSettings {
  const text = `
falseAlarms: 1 per 90 days
endpoints:
  ${endpoint}:
    variants: [${variants.join(", ")}]
    segment: attributes.segment
    quality: { tolerance: 0.02 }
    judge:
      provider: bedrock
      model: a-judge
      rubric: { quality: 1 means that the answer solves what was asked; 0 means that it does not. }
      usdPerMillionInputTokens: 0.15
      usdPerMillionOutputTokens: 0.60
    evaluationBudget: { usdPerDay: 5 }
`;
  return monitorSettings(
    parseAssay(text, "the bench's assay.yml", () => ""),
    endpoint,
  )!; // it has a judge
}
