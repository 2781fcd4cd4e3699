export function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Every sample that Poisson sampling can draw, with its probability. 2^n of them: keep n small. */
export function everySample<Row extends { pi: number }>(all: readonly Row[]): { probability: number; chosen: Row[] }[] {
  return all.reduce(
    (samples, row) =>
      samples.flatMap(({ probability, chosen }) => [
        { probability: probability * row.pi, chosen: [...chosen, row] },
        { probability: probability * (1 - row.pi), chosen },
      ]),
    [{ probability: 1, chosen: [] as Row[] }],
  );
}
