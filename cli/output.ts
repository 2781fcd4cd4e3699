import { once } from "node:events";

/** Writes to stdout no faster than its reader takes it, so that an endless input needs no endless memory. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Ends the process without a word when the reader of stdout has seen enough, as in `assay score … | head -1`. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}
