import { createHash } from "node:crypto";

/**
 * A number in [0, 1) that follows from `id` alone and is uniform over ids. The salt names the decision: the same id draws
 * independently for another one.
 */
export function unitHash(salt: string, id: string): number {
  const digest = createHash("sha256").update(`${salt}\n${id}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48; // 48 bits divide exactly in a double
}

/**
 * Poisson sampling: whether this inference is judged, each decided by itself with probability `pi` in [0, 1]. A redelivered event
 * meets the same fate, and whoever is chosen at one π is chosen at every greater one.
 * Source: Särndal, Swensson & Wretman 1992, section 3.5
 */
export function isChosen(eventId: string, pi: number): boolean {
  return unitHash("assay:judge:v1", eventId) < pi;
}
