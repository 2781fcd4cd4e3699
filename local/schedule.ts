/** When a rule fires next. Pure: what it says depends on no clock. */
export type Schedule = {
  /** The first firing after a moment, both in epoch milliseconds. */
  nextAfter(nowMs: number): number;
};

/** An expression that EventBridge would refuse, or that is not evaluated here. */
export class InvalidSchedule extends Error {
  override readonly name = "InvalidSchedule";
}

/** The longest that a timer takes; it fires at once when asked for more. */
const longestTimerMs = 2 ** 31 - 1;

/** Calls `fire` at every firing, with the moment that was due, until it is told to stop. @returns what stops it */
export function follow(schedule: Schedule, fire: (dueMs: number) => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (dueMs: number): void => {
    timer = setTimeout(
      () => {
        if (Date.now() < dueMs) return wait(dueMs);
        fire(dueMs);
        wait(schedule.nextAfter(Date.now()));
      },
      Math.min(dueMs - Date.now(), longestTimerMs),
    );
  };
  wait(schedule.nextAfter(Date.now()));
  return () => clearTimeout(timer);
}

const minuteMs = 60_000;
const unitsMs: Record<string, number> = { minute: minuteMs, hour: 60 * minuteMs, day: 1_440 * minuteMs };

/**
 * Reads `rate(15 minutes)` or `cron(0/15 * * * ? *)`, in UTC. A rate fires at whole multiples of its period since 1970 (at :00,
 * :15, :30 and :45), where AWS counts from the rule's creation: so the same day gives the same firings, whenever it was deployed.
 * Of cron, minutes and hours are evaluated; the other fields must be `*` or `?`.
 * @throws InvalidSchedule
 */
export function parseSchedule(expression: string): Schedule {
  const [, kind, inner = ""] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === "rate") return rate(expression, inner);
  if (kind === "cron") return cron(expression, inner);
  throw new InvalidSchedule(`Parameter ScheduleExpression is not valid: ${expression} is neither rate(…) nor cron(…).`);
}

function rate(expression: string, inner: string): Schedule {
  const [, value, unit = "", plural] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(inner) ?? [];
  if (value === undefined || (value === "1") !== (plural === ""))
    throw new InvalidSchedule(
      `Parameter ScheduleExpression is not valid: ${expression}. Write rate(1 minute) or rate(5 minutes).`,
    );
  const periodMs = Number(value) * unitsMs[unit]!;
  return { nextAfter: (nowMs) => (Math.floor(nowMs / periodMs) + 1) * periodMs };
}

function cron(expression: string, inner: string): Schedule {
  const fields = inner.trim().split(/\s+/);
  if (fields.length !== 6 || (fields[2] === "?") === (fields[4] === "?"))
    throw new InvalidSchedule(
      `Parameter ScheduleExpression is not valid: ${expression}. It takes six fields, and one of day-of-month and day-of-week is ?.`,
    );
  if (fields.slice(2).some((field) => field !== "*" && field !== "?"))
    throw new InvalidSchedule(
      `${expression} is not evaluated by the embedded AWS: of cron, it evaluates minutes and hours; let the other fields be * or ?.`,
    );
  const minutes = numbersIn(fields[0]!, 60, expression);
  const hours = numbersIn(fields[1]!, 24, expression);
  return {
    nextAfter(nowMs) {
      let atMs = (Math.floor(nowMs / minuteMs) + 1) * minuteMs;
      const fires = () => minutes.has(new Date(atMs).getUTCMinutes()) && hours.has(new Date(atMs).getUTCHours());
      while (!fires()) atMs += minuteMs;
      return atMs;
    },
  };
}

/** The values of one field below `limit`: `*`, `5`, `5-10`, `0/15`, and lists of these. */
function numbersIn(field: string, limit: number, expression: string): Set<number> {
  const values = field.split(",").flatMap((part) => {
    const [, from = "", to, step] = /^(\*|\d+)(?:-(\d+))?(?:\/(\d+))?$/.exec(part) ?? [];
    const first = from === "*" ? 0 : Number(from || Number.NaN);
    const last = Number(to ?? (from === "*" || step !== undefined ? limit - 1 : first));
    const by = Number(step ?? 1);
    if (!(first <= last && last < limit && by > 0))
      throw new InvalidSchedule(`Parameter ScheduleExpression is not valid: ${part} in ${expression}.`);
    return Array.from({ length: Math.floor((last - first) / by) + 1 }, (_, i) => first + i * by);
  });
  return new Set(values);
}
