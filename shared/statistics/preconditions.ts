/** @throws RangeError unless `value` lies in [0, 1]; `what` names it in the message. NaN does not. */
export function requireUnit(what: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(
      `${what} is ${value}, and must be a number from 0 to 1. A result that is missing is null, never a number.`,
    );
  }
}

/** @throws RangeError unless `value` lies in (0, 1]. */
export function requireProbability(what: string, value: number): void {
  if (!(value > 0 && value <= 1)) {
    throw new RangeError(`${what} is ${value}, and must be a number over 0, up to 1. Use the number that the sampler stored.`);
  }
}

/** @throws RangeError if a record's π is under the smallest that its window's plan allowed: its weight would exceed 1. */
export function requirePi(pi: number, piRef: number): void {
  requireProbability("pi", pi);
  if (pi < piRef) {
    throw new RangeError(
      `pi is ${pi}, under its window's smallest, piRef ${piRef}. Use the piRef that the window's plan was frozen with.`,
    );
  }
}

/** @throws RangeError unless `value` is a finite number over 0. */
export function requirePositive(what: string, value: number): void {
  if (!(value > 0 && value < Infinity)) throw new RangeError(`${what} is ${value}, and must be a finite number over 0.`);
}
