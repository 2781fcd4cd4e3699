import type { Configurations, GoodConfiguration } from "./situation.ts";

/** What an endpoint serves, as it is looked at now. */
export type Served = Pick<GoodConfiguration, "name" | "variants" | "components"> & {
  /** How it captures, as JSON; `null`: not at all. */
  capture: string | null;
};

/** What an endpoint has served, as far as anybody looked: the present configuration and the last other one that served well. */
export type ConfigurationLog = {
  present: Served & { sinceMs: number /** Without complaint since then. */; soundSinceMs: number; goodAtMs: number | null };
  lastGood: (Served & { sinceMs: number; goodAtMs: number }) | null;
};

/**
 * One more look at what is served. A configuration counts as good once nobody complained of it for a while; what replaces it is not.
 * @param isSound nothing is wrong with the endpoint: no alarm on, no open finding, no action under way
 * @param soundMs how long it has to be so
 */
export function observed(
  log: ConfigurationLog | null,
  served: Served,
  isSound: boolean,
  soundMs: number,
  nowMs: number,
): ConfigurationLog {
  if (log === null || identityOf(log.present) !== identityOf(served)) {
    const present = { ...served, sinceMs: nowMs, soundSinceMs: nowMs, goodAtMs: null };
    if (log === null) return { present, lastGood: null };
    const { goodAtMs, soundSinceMs: _, ...before } = log.present;
    // What was brought back is as good as it was.
    const returned = log.lastGood !== null && identityOf(log.lastGood) === identityOf(served) ? log.lastGood : null;
    return {
      present: returned === null ? present : { ...present, goodAtMs: returned.goodAtMs },
      lastGood: goodAtMs === null ? log.lastGood : { ...before, goodAtMs },
    };
  }
  const { present, lastGood } = log;
  const soundSinceMs = isSound ? present.soundSinceMs : nowMs;
  const goodAtMs = nowMs - soundSinceMs >= soundMs ? nowMs : present.goodAtMs;
  return { present: { ...present, ...served, soundSinceMs, goodAtMs }, lastGood };
}

/** What a decision may know of it. `now`: what the endpoint serves while it decides; of another configuration nothing is known yet. */
export function configurationsOf(log: ConfigurationLog | null, now: string): Configurations {
  if (log === null) return { sinceMs: null, provenAtMs: null, variants: [], lastGood: null };
  const { present, lastGood } = log;
  const isPresent = present.name === now;
  const good = isPresent ? lastGood : present.goodAtMs === null ? lastGood : { ...present, goodAtMs: present.goodAtMs };
  const { sinceMs, goodAtMs, variants } = present;
  return {
    sinceMs: isPresent ? sinceMs : null,
    provenAtMs: isPresent ? goodAtMs : null,
    variants: isPresent ? variants : [],
    lastGood: good && {
      name: good.name,
      sinceMs: good.sinceMs,
      goodAtMs: good.goodAtMs,
      variants: good.variants,
      components: good.components,
      capturesAlike: good.capture === present.capture,
    },
  };
}

/** A component gets another model without another endpoint configuration. */
const identityOf = ({ name, components }: Served) => JSON.stringify([name, Object.entries(components).sort()]);
