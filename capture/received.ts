/** Bytes of a stream as they come, in one buffer that doubles: parts are a few bytes each, and an object for each would cost more. */
export class Received {
  #buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  append(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#buffer.length, 1_024));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    this.#buffer.set(part, this.#length);
    this.#length = length;
  }

  /** Ends a stream that the model broke off with the error, as a document of its own after the whole ones. */
  endWith(error: object): void {
    this.#length = this.bytes.lastIndexOf("\n") + 1;
    const document = JSON.stringify({ error });
    const isEvents = /^(?:data|event|id|retry)?:/.test(this.bytes.toString("latin1", 0, 6));
    this.append(Buffer.from(isEvents ? `\ndata: ${document}\n\n` : `${document}\n`));
  }
}
