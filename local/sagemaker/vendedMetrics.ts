import type { World } from "../world.ts";
import type { Place } from "./dataCapture.ts";

export type Invocation = { status: number; modelLatencyMs: number; instances: number };

const minuteMs = 60_000;
/** CloudWatch takes so many unique values in one datum. */
const valuesPerDatum = 150;
/** What SageMaker adds to a request and its response; recordings do not hold it, and load does not move it here. */
const overheadMs = 20;

/**
 * The metrics SageMaker publishes for each invocation, in `AWS/SageMaker`, kept back until their minute is over and put at once:
 * percentiles survive, since each value comes with its count.
 * @param lost is told of what could not be put
 */
export function createVendedMetrics(world: World, lost: (where: string, error: unknown) => void) {
  const buffers = new Map<string, Map<string, Map<number, number>>>();

  async function put(name: string, { endpoint, variant }: Place, minute: number): Promise<void> {
    const metrics = buffers.get(name)!;
    buffers.delete(name);
    const Dimensions = [
      { Name: "EndpointName", Value: endpoint },
      { Name: "VariantName", Value: variant },
    ];
    const MetricData = [...metrics].flatMap(([MetricName, counted]) =>
      chunks([...counted]).map((values) => ({
        MetricName,
        Dimensions,
        Timestamp: (minute * minuteMs) / 1_000,
        Unit: MetricName.endsWith("Latency") ? "Microseconds" : "None",
        Values: values.map(([value]) => value),
        Counts: values.map(([, count]) => count),
      })),
    );
    await world
      .call("monitoring", "PutMetricData", { Namespace: "AWS/SageMaker", MetricData })
      .catch((error) => lost(`metrics of ${endpoint}/${variant}`, error));
  }

  return function vend(place: Place, { status, modelLatencyMs, instances }: Invocation): void {
    const nowMs = Date.now();
    const minute = Math.floor(nowMs / minuteMs);
    const name = `${minute} ${place.endpoint} ${place.variant}`;
    let metrics = buffers.get(name);
    if (!metrics) {
      metrics = new Map();
      buffers.set(name, metrics);
      setTimeout(() => void put(name, place, minute), (minute + 1) * minuteMs - nowMs);
    }
    const measured = {
      Invocations: 1,
      InvocationsPerInstance: 1 / instances,
      Invocation4XXErrors: status >= 400 && status < 500 ? 1 : 0,
      Invocation5XXErrors: status >= 500 ? 1 : 0,
      InvocationModelErrors: status >= 300 ? 1 : 0,
      ModelLatency: Math.round(modelLatencyMs * 1_000),
      OverheadLatency: overheadMs * 1_000,
    };
    for (const [metric, value] of Object.entries(measured)) {
      const counted = metrics.get(metric) ?? new Map<number, number>();
      counted.set(value, (counted.get(value) ?? 0) + 1);
      metrics.set(metric, counted);
    }
  };
}

const chunks = <T>(values: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(values.length / valuesPerDatum) }, (_, i) =>
    values.slice(i * valuesPerDatum, (i + 1) * valuesPerDatum),
  );
