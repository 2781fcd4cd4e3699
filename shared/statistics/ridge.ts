import { requirePositive } from "./preconditions.ts";

/** One record to learn from: its regressors, what is to be predicted, and its weight (1/π). */
export type RegressionRow = { x: readonly number[]; y: number; weight: number };

/** ŷ = intercept + Σ coefficient · x. */
export type LinearModel = { intercept: number; coefficients: number[] };

/**
 * Ridge regression: weighted least squares, with coefficients held back where the records do not insist on them.
 *
 *   min over b:  Σ w_i (y_i - ȳ - b·z_i)² + penalty · |b|²        z: regressors with weighted mean 0 and variance 1; Σ w_i = n
 *
 * The penalty is a number of records: as many as would have to say that nothing predicts anything. It also makes the system
 * solvable where regressors repeat one another. One that does not vary gets coefficient 0.
 *
 * @param rows    each with the same number of finite regressors, weights over 0
 * @param penalty over 0
 * @throws RangeError without rows
 * Source: Hoerl & Kennard 1970, Ridge regression: biased estimation for nonorthogonal problems
 */
export function ridge(rows: readonly RegressionRow[], penalty: number): LinearModel {
  requirePositive("the penalty", penalty);
  const first = rows[0];
  if (first === undefined) throw new RangeError("there are no rows: a model of nothing predicts nothing.");
  const W = rows.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (of: (row: RegressionRow) => number) => rows.reduce((sum, row) => sum + row.weight * of(row), 0) / W;
  const yBar = mean(({ y }) => y);
  const centre = first.x.map((_, k) => mean(({ x }) => x[k]!));
  const spread = first.x.map((_, k) => Math.sqrt(mean(({ x }) => (x[k]! - centre[k]!) ** 2)));
  const varying = spread.flatMap((s, k) => (s > 1e-9 * Math.max(1, Math.abs(centre[k]!)) ? [k] : []));

  const z = rows.map(({ x }) => varying.map((k) => (x[k]! - centre[k]!) / spread[k]!));
  const scale = rows.length / W;
  const matrix = varying.map((_, j) =>
    varying.map((_, k) => scale * rows.reduce((sum, { weight }, i) => sum + weight * z[i]![j]! * z[i]![k]!, 0)),
  );
  const right = varying.map((_, j) => scale * rows.reduce((sum, { weight, y }, i) => sum + weight * z[i]![j]! * (y - yBar), 0));
  for (const [j, row] of matrix.entries()) row[j]! += penalty;
  const solved = solve(matrix, right);

  const coefficients = first.x.map(() => 0);
  for (const [j, k] of varying.entries()) coefficients[k] = solved[j]! / spread[k]!;
  const intercept = yBar - coefficients.reduce((sum, b, k) => sum + b * centre[k]!, 0);
  return { intercept, coefficients };
}

/** Solves A b = c for a symmetric positive definite A, by Cholesky's A = L Lᵀ. */
function solve(A: readonly number[][], c: readonly number[]): number[] {
  const L: number[][] = A.map(() => []);
  for (const [j, row] of A.entries()) {
    for (let k = 0; k <= j; k++) {
      const rest = row[k]! - dot(L[j]!, L[k]!, k);
      L[j]![k] = k === j ? Math.sqrt(rest) : rest / L[k]![k]!;
    }
  }
  const forward: number[] = [];
  for (const [j, value] of c.entries()) forward.push((value - dot(L[j]!, forward, j)) / L[j]![j]!);
  const b = c.map(() => 0);
  for (let j = c.length - 1; j >= 0; j--) {
    let rest = forward[j]!;
    for (let k = j + 1; k < c.length; k++) rest -= L[k]![j]! * b[k]!;
    b[j] = rest / L[j]![j]!;
  }
  return b;
}

/** Of the first `n` numbers. */
function dot(a: readonly number[], b: readonly number[], n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a[k]! * b[k]!;
  return sum;
}
