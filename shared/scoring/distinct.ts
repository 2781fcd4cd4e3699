/**
 * Which numbers were seen, in a table that is kept from text to text: a `Set` of a thousand numbers costs more than the rest of a
 * scorer. Open addressing; a round's marks tell its entries from those of earlier rounds, so nothing is ever cleared.
 */
export class Distinct {
  #values = new Int32Array(2048);
  #rounds = new Int32Array(2048);
  #round = 0;
  size = 0;

  /** Forgets everything, and makes room for as many as `most`. */
  begin(most: number): void {
    this.size = 0;
    this.#round++;
    if (2 * most <= this.#values.length && this.#round < 0x7fffffff) return;
    let slots = this.#values.length;
    while (slots < 2 * most) slots *= 2;
    this.#values = new Int32Array(slots);
    this.#rounds = new Int32Array(slots);
    this.#round = 1;
  }

  add(value: number): void {
    const mask = this.#values.length - 1;
    let slot = Math.imul(value, 0x9e3779b1) & mask;
    while (this.#rounds[slot] === this.#round) {
      if (this.#values[slot] === value) return;
      slot = (slot + 1) & mask;
    }
    this.#rounds[slot] = this.#round;
    this.#values[slot] = value;
    this.size++;
  }

  has(value: number): boolean {
    const mask = this.#values.length - 1;
    let slot = Math.imul(value, 0x9e3779b1) & mask;
    while (this.#rounds[slot] === this.#round) {
      if (this.#values[slot] === value) return true;
      slot = (slot + 1) & mask;
    }
    return false;
  }
}
