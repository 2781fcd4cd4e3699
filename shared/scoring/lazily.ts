/**
 * Makes something once, when it is first asked for. Tables of words take milliseconds to make, which a function that has nothing to
 * score yet (or a command that only lists what there is) need not wait for.
 */
export function lazily<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
