import * as z from "zod";
import type { Answer } from "./adapter.ts";

const openai = z.union([
  z.object({ error: z.object({ message: z.string() }) }),
  z.object({ object: z.literal("error"), message: z.string() }),
]);
const tgi = z.object({ error: z.string(), error_type: z.string() });
const status = z.int().min(400).max(599);
const lmi = z.union([z.object({ error: z.string() }), z.object({ code: status, message: z.string() })]);
// Some servers put `"error": null`, or a warning, beside a good answer.
const answered = z.union([z.object({ choices: z.unknown() }), z.object({ generated_text: z.unknown() })]);

/**
 * Which family words an error like this, or `null` where the body is no error. Only the body can tell: the envelope has no status,
 * and its content type says nothing. `lmi` is the plainest form, which others use too, so a captured request goes before it.
 */
export function errorStyle(body: unknown): "openai" | "tgi" | "lmi" | null {
  if (answered.safeParse(body).success) return null;
  if (openai.safeParse(body).success) return "openai";
  if (tgi.safeParse(body).success) return "tgi";
  return lmi.safeParse(body).success ? "lmi" : null;
}

export const modelError: Answer = { completion: "", finishReason: "error", promptTokens: null, completionTokens: null };
