/** A command that was called wrongly: the message says what to do instead. */
export class WrongUse extends Error {
  override readonly name = "WrongUse";
}

/** @throws WrongUse */
export function portNumber(given: string): number {
  const port = Number(given);
  if (given.trim() !== "" && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new WrongUse(`--port is ${given}. Give a port number from 0 (any free one) to 65535.`);
}
