/**
 * Makes something once, when it is first asked for. Tables of words and schemas take milliseconds to make, for which neither a cold start
 * nor a command that needs none of them should wait.
 */
export function lazily<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
