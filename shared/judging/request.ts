import type { JudgeSettings } from "../config/assay.ts";
import { type Exchange, promptFor } from "./prompt.ts";
import type { Asked } from "./providers/provider.ts";
import { providers } from "./providers/registry.ts";

/** The body, as JSON text, of the request that asks a judge about one exchange, in the words of its provider. */
export function judgeRequest(exchange: Exchange, judge: Asked & Pick<JudgeSettings, "provider">): string {
  return providers[judge.provider].requestBody(promptFor(exchange, judge), judge);
}
