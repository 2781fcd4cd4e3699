/** `ln Σ exp(x_i)` without ever leaving the logarithm: evidence of thousands is normal after an unnoticed drop. Empty: -Infinity. */
export function logSumExp(logs: readonly number[]): number {
  let max = -Infinity;
  for (const x of logs) if (x > max) max = x;
  if (max === -Infinity) return max;
  let sum = 0;
  for (const x of logs) sum += Math.exp(x - max);
  return max + Math.log(sum);
}

/** The logarithm of the mean of what `logs` are logarithms of. */
export function logMeanExp(logs: readonly number[]): number {
  return logSumExp(logs) - Math.log(logs.length);
}

/** `ln(1 + e^x)`; 0 at -Infinity. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
