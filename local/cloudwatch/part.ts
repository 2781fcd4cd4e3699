import { AwsError, type Part, type World } from "../world.ts";
import { alarmOperations } from "./alarmOperations.ts";
import { Alarms, type FailedAction, type StateChange } from "./alarms.ts";
import { dashboardOperations } from "./dashboardOperations.ts";
import { metricOperations } from "./metricOperations.ts";
import { metricOf } from "./queries.ts";
import { MetricStore } from "./store.ts";

/** A metric that a service measures itself, as of now. */
type VendedDatum = {
  Namespace: string;
  MetricName: string;
  Dimensions: readonly { Name: string; Value: string }[];
  Value: number;
  Unit?: string;
};
type VendingSource = () => Promise<readonly VendedDatum[]> | readonly VendedDatum[];

export type CloudWatch = Part & {
  /** Asked every minute just before alarms are evaluated; what it measures counts for the minute that has just ended. */
  vend(source: VendingSource): void;
  /** Called on every change of an alarm's state, before its actions. */
  onStateChange(listener: (change: StateChange) => void): void;
  /** Actions that could not be performed, in order. The alarm's history has them too. */
  readonly failedActions: readonly FailedAction[];
};

/**
 * CloudWatch: metrics with one-minute resolution, metric and composite alarms, and their actions on functions and topics.
 * @param tell sends an event of an alarm's change to the event bus
 */
export function createCloudWatch(world: World, tell: (event: Record<string, unknown>) => Promise<void>): CloudWatch {
  const store = new MetricStore();
  const sources: VendingSource[] = [];
  const alarms = new Alarms(
    world,
    store,
    async () => {
      const atMs = Date.now() - 60_000;
      for (const source of sources) {
        for (const { Namespace, MetricName, Dimensions, Value, Unit = "None" } of await measured(source))
          store.put(metricOf(Namespace, MetricName, Dimensions), Unit, atMs, { values: [Value], counts: [1] });
      }
    },
    tell,
  );
  return {
    scope: "monitoring",
    operations: { ...metricOperations(store), ...alarmOperations(world, alarms), ...dashboardOperations(world) },
    vend: (source) => void sources.push(source),
    onStateChange: (listener) => alarms.onStateChange(listener),
    failedActions: alarms.failedActions,
  };
}

/** What was removed while it was being measured vends nothing this minute. */
async function measured(source: VendingSource): Promise<readonly VendedDatum[]> {
  try {
    return await source();
  } catch (error) {
    if (error instanceof AwsError) return [];
    throw error;
  }
}
