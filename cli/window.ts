import { InvalidArgumentError } from "commander";
import { WrongUse } from "./exit.ts";

const dayMinutes = 1440;

/** The length of a window, such as `15m` or `1h`, in milliseconds. Windows begin with the day, so they must divide it. */
export function windowLength(text: string): number {
  const [, number, unit] = /^([1-9]\d{0,3})([mh])$/.exec(text) ?? [];
  const minutes = Number(number) * (unit === "h" ? 60 : 1);
  if (number === undefined || dayMinutes % minutes !== 0)
    throw new InvalidArgumentError("It is minutes or hours that divide a day, e.g. 15m or 1h.");
  return minutes * 60_000;
}

/** A moment in milliseconds. Without a zone a time would be that of whoever's machine it is. */
export function timeOf(text: string, option: string): number {
  const ms = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new WrongUse(`${option} ${text} is no time. Give one like 2026-03-02T09:00Z, or a day (UTC).`);
  return ms;
}
