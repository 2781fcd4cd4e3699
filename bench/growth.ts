import type { Bench } from "./bench.ts";
import { afterHistory, fleetOf, type Tick } from "./growth/ticks.ts";

const days = 365;

export const growth: Bench = {
  name: "growth",
  says: "the drift workflow's reads, writes and time per window, as endpoints go from 1 to many and history from a day to a year",
  runs: 1_000,
  async run(runs, progress) {
    progress("a day of history");
    const day = await afterHistory(1);
    progress("a year of history");
    const year = await afterHistory(days);
    progress("one endpoint");
    const one = await fleetOf(1);
    progress(`${runs} endpoints`);
    const many = await fleetOf(runs);
    return {
      figures: {
        readsAfterYear: year.reads,
        writesAfterYear: year.writes,
        millisecondsAfterYear: year.milliseconds,
        ownMillisecondsAfterYear: year.ownMilliseconds,
        stateBytesAfterYear: year.stateBytes,
        ...perEndpoint("OfMany", many, runs),
      },
      references: {
        readsAfterDay: day.reads,
        writesAfterDay: day.writes,
        millisecondsAfterDay: day.milliseconds,
        ownMillisecondsAfterDay: day.ownMilliseconds,
        stateBytesAfterDay: day.stateBytes,
        ...perEndpoint("OfOne", one, 1),
        endpoints: runs,
      },
    };
  },
};

function perEndpoint(
  whose: string,
  { reads, writes, milliseconds, ownMilliseconds }: Tick,
  endpoints: number,
): Record<string, number> {
  return {
    [`readsPerEndpoint${whose}`]: reads / endpoints,
    [`writesPerEndpoint${whose}`]: writes / endpoints,
    [`millisecondsPerEndpoint${whose}`]: milliseconds / endpoints,
    [`ownMillisecondsPerEndpoint${whose}`]: ownMilliseconds / endpoints,
  };
}
