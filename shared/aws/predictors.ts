import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type Predictor, predictorOf } from "../monitoring/baseline.ts";
import { approvedVersion, type BaselineStore, readBaseline } from "./baselines.ts";
import { expiry, keys } from "./table.ts";

/** What predicts the grades of a window's answers; `null`: nothing does. */
export type Predictors = (endpoint: string, window: string, nowMs: number) => Promise<Predictor | null>;

/** As long as the window's sampling policy: an object that is read twice must meet the same predictions. */
const retentionDays = 60;
/** Windows of a busy fleet's day; above it we forget and ask again. */
const remembered = 10_000;

/**
 * The predictor of an endpoint's window: that of the baseline that was approved when the window's first object was read, if it was made
 * of nothing as new as the window: no prediction was learnt from the grades that it is to predict. Whoever comes first decides.
 */
export function createPredictors(store: BaselineStore): Predictors {
  const ofWindow = new Map<string, string | null>();
  const ofBaseline = new Map<string, { predictor: Predictor; to: string } | null>();

  const read = async (endpoint: string, version: string) => {
    const name = JSON.stringify([endpoint, version]);
    const known = ofBaseline.get(name);
    if (known !== undefined) return known;
    const baseline = await readBaseline(store, endpoint, version);
    const predictor = baseline === null ? null : predictorOf(baseline);
    const entry = predictor === null ? null : { predictor, to: baseline!.span.to }; // it was made of the baseline
    ofBaseline.set(name, entry);
    return entry;
  };

  return async (endpoint, window, nowMs) => {
    const key = keys.predictor(endpoint, window);
    const name = JSON.stringify(key);
    let version = ofWindow.get(name);
    if (version === undefined) {
      const approved = await approvedVersion(store.table, endpoint);
      const candidate = approved === null ? null : await read(endpoint, approved.version);
      const offered = candidate !== null && candidate.to <= window ? candidate.predictor.version : null;
      const { Attributes } = await store.table.client.send(
        new UpdateCommand({
          TableName: store.table.name,
          Key: key,
          UpdateExpression: "SET baseline = if_not_exists(baseline, :offered), #ttl = if_not_exists(#ttl, :ttl)",
          ExpressionAttributeNames: { "#ttl": "ttl" },
          ExpressionAttributeValues: { ":offered": offered, ":ttl": expiry(nowMs, retentionDays) },
          ReturnValues: "ALL_NEW",
        }),
      );
      version = Attributes!.baseline as string | null;
      if (ofWindow.size >= remembered) ofWindow.clear();
      ofWindow.set(name, version);
    }
    return version === null ? null : ((await read(endpoint, version))?.predictor ?? null);
  };
}
