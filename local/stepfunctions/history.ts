/** One event as GetExecutionHistory lists it; details under the member that its type has. */
export type HistoryEvent = {
  id: number;
  previousEventId: number;
  timestampMs: number;
  type: string;
  details: Record<string, unknown>;
};

/** The most events of an execution. Source: Step Functions developer guide, quotas. */
export const maxEvents = 25_000;

/** One line of events through a history: each names the one before it. A branch or an iteration has a line of its own. */
export class Trail {
  readonly events: HistoryEvent[];
  #last: number;

  constructor(events: HistoryEvent[] = [], last = 0) {
    this.events = events;
    this.#last = last;
  }

  /** @param details its members' name follows from the type, e.g. `taskFailedEventDetails` */
  add(type: string, details: Record<string, unknown> = {}): void {
    const id = this.events.length + 1;
    this.events.push({ id, previousEventId: this.#last, timestampMs: Date.now(), type, details });
    this.#last = id;
  }

  fork(): Trail {
    return new Trail(this.events, this.#last);
  }

  /** Goes on after whatever happened last on any line. */
  join(): void {
    this.#last = this.events.length;
  }
}

/** Types that share the name of their details. Source: Step Functions API reference, HistoryEvent. */
function detailsNameOf(type: string): string {
  if (type.endsWith("StateEntered")) return "stateEnteredEventDetails";
  if (type.endsWith("StateExited")) return "stateExitedEventDetails";
  return `${type[0]!.toLowerCase()}${type.slice(1)}EventDetails`;
}

const ofData = new Set(["input", "output", "parameters"]);

/** An event as the API answers it. @param withData false leaves inputs and outputs out */
export function describeEvent({ id, previousEventId, timestampMs, type, details }: HistoryEvent, withData: boolean): object {
  const shown = Object.entries(details).filter(([name, value]) => value !== undefined && (withData || !ofData.has(name)));
  return {
    id,
    previousEventId,
    timestamp: timestampMs / 1_000,
    type,
    ...(shown.length > 0 ? { [detailsNameOf(type)]: Object.fromEntries(shown) } : {}),
  };
}
