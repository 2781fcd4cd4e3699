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
 * What the choice of an inference follows from: the request, as far as its caller named it, and else the event. So the answers that a
 * variant and its shadow give to one request are chosen together, and can be compared. An inference id that does not tell requests
 * apart does not choose for all of them: the question counts too.
 */
export function drawnBy({ eventId, inferenceId, prompt }: { eventId: string; inferenceId?: string; prompt: string }): string {
  return inferenceId === undefined ? eventId : `${inferenceId}\n${prompt}`;
}

/**
 * Poisson sampling: whether an inference is judged, each decided by itself with probability `pi` in [0, 1]. A redelivered event
 * meets the same fate, and whoever is chosen at one π is chosen at every greater one.
 * @param drawn see `drawnBy`
 * Source: Särndal, Swensson & Wretman 1992, section 3.5
 */
export function isChosen(drawn: string, pi: number): boolean {
  return unitHash("assay:judge:v1", drawn) < pi;
}
