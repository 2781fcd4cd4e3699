/** The smallest of ascending values that a share `q` of them does not exceed. There is at least one value. */
export function nearestRank(ascending: readonly number[], q: number): number {
  return ascending[Math.max(0, Math.ceil(q * ascending.length) - 1)]!;
}
