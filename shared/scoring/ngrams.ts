/** Hash of the `n` numbers from `at` on: the n-gram that stands there. */
export function ngram(hashes: Int32Array, at: number, n: number): number {
  let hash = 0;
  for (let i = at; i < at + n; i++) hash = Math.imul(hash, 0x01000193) ^ hashes[i]!;
  return hash ^ (hash >>> 15);
}
