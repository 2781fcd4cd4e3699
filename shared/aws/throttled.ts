/** A service asks for patience: it is overloaded or failing for now. The same call may succeed later, and nothing was written. */
export class Throttled extends Error {
  override readonly name = "Throttled";
}
