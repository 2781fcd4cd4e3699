/** Chance from a seed: the same seed, the same run. `() => number` in [0, 1). Source: mulberry32, Tommy Ettinger, public domain. */
export type Chance = () => number;

export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function normal(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
}

/** Poisson by counting exponential gaps. */
export function poisson(chance: Chance, mean: number): number {
  let n = -1;
  let time = 0;
  while (time <= mean) {
    time -= Math.log(1 - chance());
    n++;
  }
  return n;
}

/** Beta with a mean and a concentration (alpha + beta): a larger one spreads less. */
export function beta(chance: Chance, mean: number, concentration: number): number {
  const a = gamma(chance, mean * concentration);
  return a / (a + gamma(chance, (1 - mean) * concentration));
}

/** Source: Marsaglia & Tsang 2000, A simple method for generating gamma variables. */
function gamma(chance: Chance, shape: number): number {
  if (shape < 1) return gamma(chance, shape + 1) * (1 - chance()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal(chance);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - chance()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
