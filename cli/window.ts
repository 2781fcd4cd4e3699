import { InvalidArgumentError } from "commander";

const dayMinutes = 1440;

/** The length of a window, such as `15m` or `1h`, in milliseconds. Windows begin with the day, so they must divide it. */
export function windowLength(text: string): number {
  const [, number, unit] = /^([1-9]\d{0,3})([mh])$/.exec(text) ?? [];
  const minutes = Number(number) * (unit === "h" ? 60 : 1);
  if (number === undefined || dayMinutes % minutes !== 0)
    throw new InvalidArgumentError("It is minutes or hours that divide a day, e.g. 15m or 1h.");
  return minutes * 60_000;
}
