import type { z } from "zod";
import { AwsError } from "./world.ts";

/**
 * An operation's input as its schema has it.
 * @param code how the service names a request it cannot take, e.g. `ValidationException`
 * @throws AwsError with that code, naming the member; strict schemas so refuse a member that is not honoured
 */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown, code: string): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new AwsError(code, `${path.join(".") || "Request"}: ${message}`);
}
