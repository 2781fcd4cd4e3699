import type { BudgetDay, Call, Lease, LedgerStore, Reserved, Room } from "../../../shared/judging/ledger.ts";

type Kept = Reserved & Partial<Lease> & { endpoint: string; costMicroUsd?: number; lostMicroUsd: number };

/** Where reservations are kept for a test: each operation whole, in the moment in which it is called. */
export function memoryStore(): LedgerStore & { reservations: Map<string, Kept>; days: Map<string, BudgetDay> } {
  const reservations = new Map<string, Kept>();
  const days = new Map<string, BudgetDay>();
  const keyOf = ({ endpoint, id, judgeVersion }: Call) => `${endpoint}/${id}/${judgeVersion}`;
  const ownOpen = (call: Call, owner: string) => {
    const kept = reservations.get(keyOf(call));
    return kept?.state === "open" && kept.owner === owner ? kept : null;
  };
  const hasRoom = (day: BudgetDay | undefined, { committedMicroUsd, sampledMicroUsd }: Room) =>
    day === undefined ||
    (day.committedMicroUsd <= committedMicroUsd && (sampledMicroUsd === null || day.sampledMicroUsd <= sampledMicroUsd));
  const add = (endpoint: string, { date, purpose }: Reserved, microUsd: number, spentMicroUsd = 0) => {
    const day = days.get(`${endpoint}/${date}`)!;
    day.committedMicroUsd += microUsd;
    day.spentMicroUsd += spentMicroUsd;
    if (purpose === "sampled") day.sampledMicroUsd += microUsd;
  };

  return {
    reservations,
    days,
    read: async (call) => {
      const kept = reservations.get(keyOf(call));
      return kept === undefined ? null : { ...kept };
    },
    open: async (call, reserved, lease, room) => {
      if (reservations.has(keyOf(call))) return "known";
      const name = `${call.endpoint}/${reserved.date}`;
      const day = days.get(name);
      if (!hasRoom(day, room)) return "full";
      days.set(name, {
        ...(day ?? { spentMicroUsd: 0, committedMicroUsd: 0, sampledMicroUsd: 0 }),
        budgetMicroUsd: room.budgetMicroUsd,
      });
      reservations.set(keyOf(call), { ...reserved, ...lease, endpoint: call.endpoint, lostMicroUsd: 0 });
      add(call.endpoint, reserved, reserved.boundMicroUsd);
      return "opened";
    },
    skip: async (call, reserved) => {
      if (reservations.has(keyOf(call))) return false;
      reservations.set(keyOf(call), { ...reserved, endpoint: call.endpoint, lostMicroUsd: 0 });
      return true;
    },
    takeOver: async (call, lease, nowMs) => {
      const kept = reservations.get(keyOf(call));
      if (kept?.state !== "open" || (kept.leaseUntilMs! > nowMs && kept.owner !== lease.owner)) return false;
      Object.assign(kept, lease);
      return true;
    },
    openAgain: async (call, was, boundMicroUsd, owner, room) => {
      const kept = ownOpen(call, owner);
      if (kept === null || kept.boundMicroUsd !== was.boundMicroUsd) return "moved";
      if (!hasRoom(days.get(`${call.endpoint}/${was.date}`), room)) return "full";
      kept.lostMicroUsd += kept.boundMicroUsd;
      kept.boundMicroUsd = boundMicroUsd;
      add(call.endpoint, kept, boundMicroUsd);
      return "opened";
    },
    giveUp: async (call, owner) => {
      const kept = ownOpen(call, owner);
      if (kept !== null) kept.state = "skipped";
    },
    remove: async (call, was, owner) => {
      const kept = ownOpen(call, owner);
      if (kept === null || kept.boundMicroUsd !== was.boundMicroUsd) return;
      reservations.delete(keyOf(call));
      add(call.endpoint, kept, -kept.boundMicroUsd);
    },
    settle: async (call, was, costMicroUsd) => {
      const kept = reservations.get(keyOf(call));
      if (kept?.state !== "open" || kept.boundMicroUsd !== was.boundMicroUsd) return;
      Object.assign(kept, { state: "settled", costMicroUsd });
      add(call.endpoint, kept, costMicroUsd - kept.boundMicroUsd, costMicroUsd);
    },
    readDay: async (endpoint, date) => {
      const day = days.get(`${endpoint}/${date}`);
      return day === undefined ? null : { ...day };
    },
  };
}
