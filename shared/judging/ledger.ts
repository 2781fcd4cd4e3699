import type { EndpointSettings } from "../config/assay.ts";
import { iso } from "../monitoring/windows.ts";
import { judgeLeaseSeconds } from "./lease.ts";

/** What a judge call is for. Anchors and verification may also use the reserve, which sampling leaves them. */
export type Purpose = "sampled" | "anchor" | "verification";

/** One judge call: `id` is unique within the endpoint whose budget pays, e.g. an event id. */
export type Call = { endpoint: string; id: string; judgeVersion: string };

/** What may be spent in a day, and the share of it that sampling leaves to the others: with none left nobody could tell judge from model. */
export type Budget = { microUsdPerDay: number; reserve: number };

/**
 * What the ledger says to a call. `reserved`: it is ours to make. `reopened`: it was ours to make before, and may have been made.
 * `settled`: it was made, and its judgement is written. `skipped`: there was no budget for it, and there will be none.
 */
type Reservation = { state: "reserved"; held: Reserved } | { state: "reopened" | "settled" | "skipped" };

/**
 * An endpoint's day, in micro-dollars: what its judgements have cost; what is spent, may yet be spent, or may have been by a call that
 * nobody heard the end of (`committed`: never above the budget); what of that is sampling's; and the budget of the last call.
 */
export type BudgetDay = {
  spentMicroUsd: number;
  committedMicroUsd: number;
  sampledMicroUsd: number;
  budgetMicroUsd: number;
};

/** A reservation as it is kept. */
export type Reserved = { state: "open" | "settled" | "skipped"; date: string; boundMicroUsd: number; purpose: Purpose };
export type Lease = { owner: string; leaseUntilMs: number };

/** The most that may be committed, and sampled (`null`: whatever), before a bound is added. */
export type Room = { budgetMicroUsd: number; committedMicroUsd: number; sampledMicroUsd: number | null };

/** Where reservations and days are kept. Every operation happens whole or not at all, and only where its condition holds. */
export type LedgerStore = {
  read(call: Call): Promise<Reserved | null>;
  /** Adds an open reservation and its bound to its day: unless the call is `known`, or the day `full`. */
  open(call: Call, reserved: Reserved, lease: Lease, room: Room, nowMs: number): Promise<"opened" | "known" | "full">;
  /** Adds a call that is not to be made. @returns whether it was unknown */
  skip(call: Call, reserved: Reserved, nowMs: number): Promise<boolean>;
  /** Gives an open reservation to an owner: if its lease is over, or it is that owner's. @returns whether it was */
  takeOver(call: Call, lease: Lease, nowMs: number): Promise<boolean>;
  /** Adds another bound for the same call to its day, where the owner's reservation is still `was`; the first one stays charged. */
  openAgain(call: Call, was: Reserved, boundMicroUsd: number, owner: string, room: Room): Promise<"opened" | "moved" | "full">;
  /** The owner's open reservation becomes one that is not made; its bound stays charged. */
  giveUp(call: Call, owner: string): Promise<void>;
  /** Takes out the owner's open reservation, and its bound out of its day. */
  remove(call: Call, was: Reserved, owner: string): Promise<void>;
  /** Replaces an open reservation's bound by what it cost. */
  settle(call: Call, was: Reserved, costMicroUsd: number, nowMs: number): Promise<void>;
  readDay(endpoint: string, date: string): Promise<BudgetDay | null>;
};

export type Ledger = {
  /**
   * Reserves the most that a call can cost on the endpoint's day at `nowMs`. The first answer to a call is final: a repeat, on whatever
   * day, finds its reservation and spends nothing more.
   * @param owner names this attempt: another one's call is left alone while its lease runs, unless the owner is the same
   * @throws JudgedElsewhere; Throttled if others keep writing to the same day
   */
  reserve(
    call: Call,
    purpose: Purpose,
    boundMicroUsd: number,
    budget: Budget,
    owner: string,
    nowMs: number,
  ): Promise<Reservation>;
  /**
   * Reserves a reopened call once more, on its day: it may have been made and paid, though there is no judgement. What was reserved
   * stays charged. `skipped`: there is no budget for another.
   * @throws JudgedElsewhere where another owner took it over since
   */
  again(call: Call, boundMicroUsd: number, budget: Budget, owner: string): Promise<"reserved" | "skipped">;
  /**
   * Takes back a reservation whose call the judge did not take: it cost nothing, and whoever comes next reserves anew. Another
   * owner's, and one that is settled, stay.
   */
  release(call: Call, owner: string): Promise<void>;
  /**
   * Replaces a reservation by what the call cost, once. A reservation that is never settled stays charged at its bound.
   * @param held what `reserve` gave this attempt; without it the reservation is read first
   */
  settle(call: Call, costMicroUsd: number, nowMs: number, held?: Reserved): Promise<void>;
  /** @returns `null` for a day without reservations */
  day(endpoint: string, nowMs: number): Promise<BudgetDay | null>;
};

/** Another attempt is making the call, or died less than a lease ago. Ask again later. */
export class JudgedElsewhere extends Error {
  override readonly name = "JudgedElsewhere";
}

/** The evaluation budget of an endpoint. */
export function budgetOf({
  evaluationBudgetMicroUsdPerDay,
  evaluationReserve,
}: Pick<EndpointSettings, "evaluationBudgetMicroUsdPerDay" | "evaluationReserve">): Budget {
  return { microUsdPerDay: evaluationBudgetMicroUsdPerDay, reserve: evaluationReserve };
}

/** What sampling may spend of a day's budget, in micro-dollars. */
export function sampledBudget({ microUsdPerDay, reserve }: Budget): number {
  return Math.floor(microUsdPerDay * (1 - reserve));
}

/** The judge budget: a call is made only where its bound was added to its day before, and the day still within its budget. */
export function ledgerOver(store: LedgerStore): Ledger {
  const reenter = async (call: Call, lease: Lease, nowMs: number): Promise<Reservation> => {
    if (await store.takeOver(call, lease, nowMs)) return { state: "reopened" };
    const known = await store.read(call);
    if (known !== null && known.state !== "open") return { state: known.state };
    throw elsewhere(call);
  };

  return {
    async reserve(call, purpose, boundMicroUsd, budget, owner, nowMs) {
      const lease = { owner, leaseUntilMs: nowMs + judgeLeaseSeconds * 1000 };
      const held: Reserved = { state: "open", date: dateOf(nowMs), boundMicroUsd, purpose };
      const room = roomFor(purpose, boundMicroUsd, budget);
      const opened = isRoom(room) ? await store.open(call, held, lease, room, nowMs) : "full";
      if (opened === "opened") return { state: "reserved", held };
      if (opened === "full" && (await store.skip(call, { ...held, state: "skipped" }, nowMs))) return { state: "skipped" };
      return reenter(call, lease, nowMs);
    },
    async again(call, boundMicroUsd, budget, owner) {
      const was = await store.read(call);
      if (was?.state !== "open") throw elsewhere(call);
      const room = roomFor(was.purpose, boundMicroUsd, budget);
      const opened = isRoom(room) ? await store.openAgain(call, was, boundMicroUsd, owner, room) : "full";
      if (opened === "moved") throw elsewhere(call);
      if (opened === "opened") return "reserved";
      await store.giveUp(call, owner);
      return "skipped";
    },
    async release(call, owner) {
      const was = await store.read(call);
      if (was?.state === "open") await store.remove(call, was, owner);
    },
    async settle(call, costMicroUsd, nowMs, held) {
      const was = held ?? (await store.read(call));
      if (was?.state === "open") await store.settle(call, was, costMicroUsd, nowMs);
    },
    day: (endpoint, nowMs) => store.readDay(endpoint, dateOf(nowMs)),
  };
}

function roomFor(purpose: Purpose, boundMicroUsd: number, budget: Budget): Room {
  const { microUsdPerDay } = budget;
  return {
    budgetMicroUsd: microUsdPerDay,
    committedMicroUsd: microUsdPerDay - boundMicroUsd,
    // What sampling took is no limit for the others.
    sampledMicroUsd: purpose === "sampled" ? sampledBudget(budget) - boundMicroUsd : null,
  };
}

const isRoom = ({ committedMicroUsd, sampledMicroUsd }: Room) => committedMicroUsd >= 0 && (sampledMicroUsd ?? 0) >= 0;
const dateOf = (nowMs: number) => iso(nowMs).slice(0, 10);
const elsewhere = ({ id, endpoint }: Call) =>
  new JudgedElsewhere(`${id} of ${endpoint} is being judged elsewhere. Its message comes again.`);
