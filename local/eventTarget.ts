import { z } from "zod";
import { AwsError } from "./world.ts";

/** What a rule of EventBridge delivers to, and what it makes of the event for it. */
export const target = z.strictObject({
  Id: z.string(),
  Arn: z.string(),
  /** As whom a state machine is started. */
  RoleArn: z.string().optional(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .strictObject({ InputPathsMap: z.record(z.string(), z.string()).default({}), InputTemplate: z.string() })
    .optional(),
  SqsParameters: z.strictObject({ MessageGroupId: z.string() }).optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  // A target here answers at once or refuses for good: there is nothing to try again.
  RetryPolicy: z.unknown().optional(),
});
export type Target = z.output<typeof target>;

type TargetKind = "sqs" | "lambda" | "states";
export const kindOf = (arn: string): TargetKind | undefined =>
  (/^arn:aws:(sqs|lambda|states):/.exec(arn)?.[1] as TargetKind | undefined) ?? undefined;

/** What a target gets: the event, its constant, a part of it, or its template with `<name>` filled in. */
export function bodyFor({ Input, InputPath, InputTransformer }: Target, event: Record<string, unknown>): string {
  if (Input !== undefined) return Input;
  if (InputPath !== undefined) return JSON.stringify(at(event, InputPath) ?? null);
  if (!InputTransformer) return JSON.stringify(event);
  const { InputPathsMap, InputTemplate } = InputTransformer;
  // Inside quotes a text goes in bare, outside as JSON. What the map does not name stays as it is.
  return InputTemplate.replace(
    /("[^"]*")|<([A-Za-z0-9_.-]+)>/g,
    (whole, quoted: string | undefined, name: string | undefined) => {
      const valueAt = (key: string) => (key in InputPathsMap ? at(event, InputPathsMap[key]!) : undefined);
      if (name !== undefined) return name in InputPathsMap ? JSON.stringify(valueAt(name) ?? null) : whole;
      return quoted!.replace(/<([A-Za-z0-9_.-]+)>/g, (placeholder, key: string) => {
        if (!(key in InputPathsMap)) return placeholder;
        const value = valueAt(key) ?? "";
        return typeof value === "string"
          ? JSON.stringify(value).slice(1, -1)
          : JSON.stringify(JSON.stringify(value)).slice(1, -1);
      });
    },
  );
}

/** A JSON path of names only: `$`, `$.detail.object.key`. */
function at(event: Record<string, unknown>, path: string): unknown {
  if (!/^\$(\.[\w-]+)*$/.test(path))
    throw new AwsError(
      "ValidationException",
      `Path ${path} is not evaluated by the embedded AWS: names only, as in $.detail.object.key.`,
    );
  const names = path.split(".").slice(1);
  return names.reduce<unknown>(
    (value, name) => (typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined),
    event,
  );
}
