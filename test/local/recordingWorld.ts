import type { Principal, World } from "../../local/world.ts";

export type RecordedCall = { service: string; operation: string; input: Record<string, unknown>; as: Principal | undefined };
type Answer = (input: Record<string, unknown>) => Record<string, unknown>;

/** A World whose parts only remember what they were asked; `answers` says what an operation returns or throws. */
export function recordingWorld(answers: Record<string, Answer> = {}): { world: World; calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  let made = 0;
  const world: World = {
    region: "eu-west-1",
    accountId: "000000000000",
    endpoint: "http://127.0.0.1:4566",
    hold: () => () => {},
    enqueue: (work) => void work(),
    uuid: () => `${String(++made).padStart(8, "0")}-0000-4000-8000-000000000000`,
    chance: () => 0.5,
    async call(service, operation, input, as) {
      calls.push({ service, operation, input, as });
      return answers[`${service}:${operation}`]?.(input) ?? {};
    },
  };
  return { world, calls };
}
