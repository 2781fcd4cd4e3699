/** Lines of one variant that become one object: its key is that of its first record. */
type Batch = { key: string; lines: string[]; bytes: number };

/** One object has at most about so many bytes, so that a put fails and is repeated in little pieces. */
const mostBatchBytes = 4 * 2 ** 20;

/**
 * Lines that wait to be written, and their writing: `put` of one object after the other. What fails stays, under the same key, until the
 * next flush: a put that was done all the same is only repeated.
 */
export function createBatches(put: (key: string, body: string) => Promise<void>) {
  const open = new Map<string, Batch>();
  const closed: Batch[] = [];
  let flushing: Promise<unknown> = Promise.resolve();

  async function putAll(written: (records: number, bytes: number) => void, failed: (error: unknown) => void): Promise<void> {
    closed.push(...open.values());
    open.clear();
    // What fails goes to the end, and is not tried again now.
    for (const batch of closed.splice(0)) {
      try {
        await put(batch.key, batch.lines.join(""));
        written(batch.lines.length, batch.bytes);
      } catch (error) {
        closed.push(batch);
        failed(error);
      }
    }
  }

  return {
    /** @returns true where enough lines wait for a put */
    add(folder: string, keyNow: () => string, line: string, bytes: number): boolean {
      let batch = open.get(folder);
      if (batch === undefined) {
        batch = { key: keyNow(), lines: [], bytes: 0 };
        open.set(folder, batch);
      }
      batch.lines.push(line);
      batch.bytes += bytes;
      if (batch.bytes < mostBatchBytes) return false;
      open.delete(folder);
      closed.push(batch);
      return true;
    },
    /** Puts all that waits, after what is being put already. Never rejects. */
    flush(written: (records: number, bytes: number) => void, failed: (error: unknown) => void): Promise<void> {
      const flushed = flushing.then(() => putAll(written, failed));
      flushing = flushed;
      return flushed;
    },
  };
}
