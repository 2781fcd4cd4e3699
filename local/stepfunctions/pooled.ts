/** Does `work` for 0 … count − 1, in this order, so many at once; after an abort nothing more begins. Rejects as the first `work` that does. */
export async function pooled(
  count: number,
  concurrency: number,
  signal: AbortSignal,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count && !signal.aborted) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
}
