import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Another packaging of the same folder did not end in time. */
export class StillPackaging extends Error {
  override readonly name = "StillPackaging";
}

const askEveryMs = 100;

/**
 * Waits until no other process holds a lock file, and holds it until this one ends. A lock whose process is gone is nobody's.
 * @param patienceMs how long to wait, in milliseconds
 * @throws StillPackaging with the file, and whose it is
 */
export async function holdUntilExit(file: string, patienceMs: number): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  for (let waitedMs = 0; !take(file); waitedMs += askEveryMs) {
    const holder = holderOf(file);
    if (holder !== null && !isAlive(holder)) rmSync(file, { force: true });
    else if (waitedMs >= patienceMs)
      throw new StillPackaging(
        `Process ${holder ?? "?"} has packaged here for ${patienceMs / 1_000} s. Wait for it or end it; if there is none, remove ${file}.`,
      );
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
  process.once("exit", () => rmSync(file, { force: true }));
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** `null`: it was let go meanwhile, or is being written. */
function holderOf(file: string): number | null {
  try {
    return Number(readFileSync(file, "utf8")) || null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
