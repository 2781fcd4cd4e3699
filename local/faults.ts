import { AwsError, type World } from "./world.ts";

/** A fault at one place: the `call`-th call (from 1) of the `invocation`-th invocation of a function, or a share of all its calls. */
export type Fault = {
  function: string;
  kind: "crash" | "throttle" | "slow";
  at: { invocation: number; call: number } | { share: number };
  /** For `slow`: how long the call takes, in milliseconds of the stepped clock. */
  ms?: number;
};
/** How often more, and how late, a message arrives. */
export type Delivery = { duplicates: number; delaySeconds: number };
export type EventFaults = { duplicateShare: number; lateShare: number; lateSeconds: number };

export type CallSite = {
  functionName: string;
  requestId: string;
  invocation: number;
  call: number;
  service: string;
  operation: string;
};

/** Which calls go wrong. Hashed from the seed and the call itself, so that no fault depends on the order of arrival. */
export class Faults {
  readonly #world: Pick<World, "chance">;
  #faults: Fault[] = [];
  #events: EventFaults = { duplicateShare: 0, lateShare: 0, lateSeconds: 0 };
  readonly happened: (CallSite & { kind: Fault["kind"] })[] = [];

  constructor(world: Pick<World, "chance">) {
    this.#world = world;
  }

  set(faults: Fault[], events: EventFaults = { duplicateShare: 0, lateShare: 0, lateSeconds: 0 }): void {
    this.#faults = faults;
    this.#events = events;
  }

  at(site: CallSite): Fault | null {
    const found = this.#faults.find((fault) => {
      if (fault.function !== site.functionName) return false;
      if ("share" in fault.at) {
        return (
          this.#world.chance("fault", fault.kind, site.requestId, site.service, site.operation, String(site.call)) <
          fault.at.share
        );
      }
      return fault.at.invocation === site.invocation && fault.at.call === site.call;
    });
    if (found) this.happened.push({ ...site, kind: found.kind });
    return found ?? null;
  }

  /** Event buses, queues and asynchronous invocations deliver at least once and in any order. */
  delivery(body: string): Delivery {
    const { duplicateShare, lateShare, lateSeconds } = this.#events;
    return {
      duplicates: this.#world.chance("duplicate", body) < duplicateShare ? 1 : 0,
      delaySeconds:
        this.#world.chance("late", body) < lateShare ? Math.ceil(this.#world.chance("how-late", body) * lateSeconds) : 0,
    };
  }
}

/** Throttling as the service would say it; the SDK retries it. */
export function throttled(service: string): AwsError {
  if (service === "s3") return new AwsError("SlowDown", "Please reduce your request rate.", 503);
  return new AwsError("ThrottlingException", "Rate exceeded", 400);
}
