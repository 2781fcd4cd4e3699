import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/**
 * Plays each job in a thread of its own processor.
 * @param module whose export `play` takes a job and returns its result, both plain data
 * @param told   is called after each job, with how many are done
 * @returns the results in the order of the jobs
 */
export async function inThreads<Job, Result>(module: URL, jobs: readonly Job[], told: (done: number) => void): Promise<Result[]> {
  const results: Result[] = [];
  let [next, done] = [0, 0];
  const thread = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: module.href });
      const proceed = () => {
        if (next >= jobs.length) void worker.terminate().then(() => resolve());
        else worker.postMessage({ index: next, job: jobs[next++] });
      };
      worker.on("error", reject);
      worker.on("message", ({ index, result }: { index: number; result: Result }) => {
        results[index] = result;
        told(++done);
        proceed();
      });
      proceed();
    });
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, thread));
  return results;
}

if (!isMainThread && typeof workerData === "string") {
  const { play } = (await import(workerData)) as { play: (job: unknown) => unknown };
  parentPort!.on("message", ({ index, job }: { index: number; job: unknown }) =>
    parentPort!.postMessage({ index, result: play(job) }),
  );
}
