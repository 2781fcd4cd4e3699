/**
 * Does some work for each of many, so many at once, and answers in their order. When one fails, those beside it end first: nothing goes
 * on behind the back of whoever tries again.
 */
export async function atOnce<Item, Result>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += limit) {
    const batch = items.slice(at, at + limit).map(work);
    await Promise.allSettled(batch);
    results.push(...(await Promise.all(batch)));
  }
  return results;
}
