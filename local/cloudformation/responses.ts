import { z } from "zod";
import type { World } from "../world.ts";

const response = z.object({
  Status: z.enum(["SUCCESS", "FAILED"]),
  Reason: z.string().optional(),
  PhysicalResourceId: z.string().min(1).max(1_024).optional(),
  Data: z.record(z.string(), z.unknown()).default({}),
});
export type CustomResponse = z.output<typeof response>;

/** Of each embedded AWS: answers of custom resources' functions that CloudFormation waits for, by the last part of their URL. */
const waiting = new WeakMap<World, Map<string, (answer: CustomResponse) => void>>();

/**
 * Waits for the answer that a function puts to a URL. Only the first counts.
 * @throws Error when none comes in time
 */
export function awaitResponse(world: World, timeoutSeconds: number): { url: string; answer: Promise<CustomResponse> } {
  const token = world.uuid("custom-resource");
  const ours = waiting.get(world) ?? new Map<string, (answer: CustomResponse) => void>();
  waiting.set(world, ours);
  const { promise, resolve, reject } = Promise.withResolvers<CustomResponse>();
  const late = setTimeout(() => {
    ours.delete(token);
    reject(new Error(`CloudFormation did not receive a response from your Custom Resource within ${timeoutSeconds} seconds.`));
  }, timeoutSeconds * 1_000);
  ours.set(token, (answer) => {
    clearTimeout(late);
    ours.delete(token);
    resolve(answer);
  });
  return { url: `${world.endpoint}/_assay/cloudformation/${token}`, answer: promise };
}

/** Takes what was put to such a URL; what nobody waits for is left alone. @throws ZodError where it is no answer */
export function takeResponse(world: World, token: string, body: unknown): void {
  const answer = response.parse(body);
  waiting.get(world)?.get(token)?.(answer);
}
