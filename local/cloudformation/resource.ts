import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { World } from "../world.ts";

/** What a resource has become: its `Ref`, and what `Fn::GetAtt` reads of it. */
export type Made = { physicalId: string; attributes: Readonly<Record<string, unknown>> };

/** What making a resource may use. */
export type Context = {
  world: World;
  stackName: string;
  stackId: string;
  logicalId: string;
  call: (service: string, operation: string, input: Record<string, unknown>) => Promise<Record<string, unknown>>;
  /** A name as CloudFormation generates it, `stack-LogicalId-RANDOM`, of at most `maxLength` characters. */
  generateName(maxLength: number): string;
};

/** One AWS resource type, as the stack engine uses it: properties come resolved and are parsed here. */
export type ResourceType = {
  type: string;
  /** Makes it whole, or leaves nothing behind. */
  create(properties: unknown, ctx: Context): Promise<Made>;
  /** Whether the change can only be made by making the resource anew. */
  isReplacement(before: unknown, after: unknown, ctx: Context): boolean;
  /** @returns what it has become, where that is another: what it was is removed when the stack's update is done */
  update(before: unknown, after: unknown, made: Made, ctx: Context): Promise<Made | undefined>;
  remove(properties: unknown, made: Made, ctx: Context): Promise<void>;
};

type Definition<P extends object> = {
  type: string;
  /** Strict: the properties that are honoured, and with `ignored` those that change nothing here. */
  schema: z.ZodType<P>;
  /** Properties that cannot change on an existing resource. */
  replacedBy: readonly (keyof P)[];
  /** Brings it into being. What can also change later is left to `configure`. */
  create(properties: P, ctx: Context): Promise<Made>;
  /** Makes it what the properties say: after `create` (`before` is null) and at each update. */
  configure(properties: P, made: Made, ctx: Context, before: P | null): Promise<void>;
  remove(properties: P, made: Made, ctx: Context): Promise<void>;
};

/** A property that may be there and changes nothing in the embedded AWS, with the reason. */
export const ignored = (reason: string) => z.unknown().optional().describe(reason);

/** Template values arrive as they were written or as a parameter's text. */
export const integer = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]);
export const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);
export const tags = ignored("nothing in the embedded AWS reads tags");

/** @returns the type with its properties checked at every call: an unknown one fails the resource by name */
export function defineResource<P extends object>(definition: Definition<P>): ResourceType {
  const { type, schema, replacedBy } = definition;
  const parse = (properties: unknown, { logicalId }: Context): P => {
    const parsed = schema.safeParse(properties);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const place = issue!.path.join(".");
    const what =
      issue!.code === "unrecognized_keys"
        ? `${[place, issue.keys.join(", ")].filter(Boolean).join(".")} of ${type} is not honoured by the embedded AWS`
        : `${place || "properties"} of ${type}: ${issue!.message}`;
    throw new Error(`Properties validation failed for resource ${logicalId} with message: ${what}`);
  };
  return {
    type,
    async create(raw, ctx) {
      const properties = parse(raw, ctx);
      const made = await definition.create(properties, ctx);
      try {
        await definition.configure(properties, made, ctx, null);
      } catch (error) {
        await definition.remove(properties, made, ctx);
        throw error;
      }
      return made;
    },
    isReplacement(before, after, ctx) {
      const [old, wanted] = [parse(before, ctx), parse(after, ctx)];
      return replacedBy.some((name) => !isDeepStrictEqual(old[name], wanted[name]));
    },
    update: async (before, after, made, ctx) => {
      await definition.configure(parse(after, ctx), made, ctx, parse(before, ctx));
      return undefined;
    },
    remove: async (properties, made, ctx) => definition.remove(parse(properties, ctx), made, ctx),
  };
}
