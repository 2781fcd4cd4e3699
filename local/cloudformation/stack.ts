import { isDeepStrictEqual } from "node:util";
import { AwsError, type World } from "../world.ts";
import { resourceType } from "./registry.ts";
import type { Context, Made, ResourceType } from "./resource.ts";
import {
  creationOrder,
  exists,
  type Made as Lookup,
  resolve,
  type Settled,
  settle,
  type Template,
  TemplateError,
  type TemplateResource,
} from "./template.ts";

export type StackStatus =
  | "CREATE_IN_PROGRESS"
  | "CREATE_COMPLETE"
  | "CREATE_FAILED"
  | "ROLLBACK_IN_PROGRESS"
  | "ROLLBACK_COMPLETE"
  | "ROLLBACK_FAILED"
  | "UPDATE_IN_PROGRESS"
  | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
  | "UPDATE_COMPLETE"
  | "UPDATE_ROLLBACK_IN_PROGRESS"
  | "UPDATE_ROLLBACK_COMPLETE"
  | "UPDATE_ROLLBACK_FAILED"
  | "DELETE_IN_PROGRESS"
  | "DELETE_COMPLETE"
  | "DELETE_FAILED";

type StackResource = Made & {
  type: string;
  properties: unknown;
  policies: Pick<TemplateResource, "DeletionPolicy" | "UpdateReplacePolicy">;
  status: string;
  reason: string | undefined;
  updatedAtMs: number;
};
type StackEvent = {
  id: string;
  logicalId: string;
  physicalId: string;
  type: string;
  status: string;
  reason: string | undefined;
  timeMs: number;
};
type Output = { name: string; value: string; description: string | undefined; exportName: string | undefined };

/** What a stack is asked to be. */
export type Wanted = {
  template: Template;
  templateText: string;
  parameters: Record<string, string>;
  tags: { Key: string; Value: string }[];
  capabilities: string[];
};
export type Stack = {
  readonly id: string;
  readonly name: string;
  status: StackStatus;
  reason: string | undefined;
  readonly createdAtMs: number;
  updatedAtMs: number | undefined;
  isProtected: boolean;
  wanted: Wanted;
  outputs: Output[];
  resources: Map<string, StackResource>;
  /** Oldest first. */
  events: StackEvent[];
};
export type OnFailure = "ROLLBACK" | "DELETE" | "DO_NOTHING";

/** A resource that could not be made, changed or removed; its event has been written. */
class ResourceFailed extends Error {
  override readonly name = "ResourceFailed";
  readonly logicalId: string;
  constructor(logicalId: string, reason: string, options: ErrorOptions) {
    super(reason, options);
    this.logicalId = logicalId;
  }
}

type Undo = () => Promise<void>;

/** Sets a stack's status with its event, as CloudFormation does for the stack itself. */
export function enter(world: World, stack: Stack, status: StackStatus, reason?: string): void {
  stack.status = status;
  stack.reason = reason;
  const { id: physicalId, name: logicalId } = stack;
  record(world, stack, { logicalId, physicalId, type: "AWS::CloudFormation::Stack", status, reason });
}

/** Makes a new stack's resources. Ends in CREATE_COMPLETE, or in what `onFailure` says; never rejects. */
export async function createStack(world: World, stack: Stack, onFailure: OnFailure): Promise<void> {
  const undo: Undo[] = [];
  try {
    const settled = settleFor(world, stack, stack.wanted);
    await applyTemplate(world, stack, settled, undo);
    stack.outputs = outputsOf(stack, settled);
    enter(world, stack, "CREATE_COMPLETE");
  } catch (error) {
    const reason = stackReason("create", error);
    if (onFailure === "DO_NOTHING") return enter(world, stack, "CREATE_FAILED", reason);
    const isDelete = onFailure === "DELETE";
    enter(world, stack, isDelete ? "DELETE_IN_PROGRESS" : "ROLLBACK_IN_PROGRESS", reason);
    const failure = await rollBack(undo);
    if (failure) enter(world, stack, isDelete ? "DELETE_FAILED" : "ROLLBACK_FAILED", failure);
    else enter(world, stack, isDelete ? "DELETE_COMPLETE" : "ROLLBACK_COMPLETE");
  }
}

/** Changes a stack into what is wanted, and back if that fails. Ends in UPDATE_COMPLETE or UPDATE_ROLLBACK_…; never rejects. */
export async function updateStack(world: World, stack: Stack, wanted: Wanted): Promise<void> {
  const before = stack.wanted;
  const undo: Undo[] = [];
  try {
    stack.wanted = wanted;
    const settled = settleFor(world, stack, wanted);
    const replaced = await applyTemplate(world, stack, settled, undo);
    stack.outputs = outputsOf(stack, settled);
    enter(world, stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
    await cleanUp(world, stack, before.template, settled, replaced);
    enter(world, stack, "UPDATE_COMPLETE");
  } catch (error) {
    stack.wanted = before;
    enter(world, stack, "UPDATE_ROLLBACK_IN_PROGRESS", stackReason("update", error));
    const failure = await rollBack(undo);
    if (failure) enter(world, stack, "UPDATE_ROLLBACK_FAILED", failure);
    else enter(world, stack, "UPDATE_ROLLBACK_COMPLETE");
  }
}

/** Removes a stack's resources, dependents first. Ends in DELETE_COMPLETE, or in DELETE_FAILED at the first that stays; never rejects. */
export async function deleteStack(world: World, stack: Stack): Promise<void> {
  try {
    for (const logicalId of creationOrder(stack.wanted.template).reverse()) {
      const resource = stack.resources.get(logicalId);
      if (resource) await removeResource(world, stack, logicalId, resource);
    }
    enter(world, stack, "DELETE_COMPLETE");
  } catch (error) {
    enter(world, stack, "DELETE_FAILED", stackReason("delete", error));
  }
}

function settleFor(world: World, stack: Stack, { template, parameters }: Wanted): Settled {
  const pseudo = { region: world.region, accountId: world.accountId, stackName: stack.name, stackId: stack.id };
  return settle(template, pseudo, parameters);
}

/** Makes and changes resources in order of dependence; `undo` grows with each. @returns what replacements left behind */
async function applyTemplate(world: World, stack: Stack, settled: Settled, undo: Undo[]): Promise<[string, StackResource][]> {
  const replaced: [string, StackResource][] = [];
  const { template } = stack.wanted;
  const made = lookup(stack);
  for (const logicalId of creationOrder(template)) {
    const wanted = template.Resources[logicalId]!;
    if (!exists(wanted, settled)) continue;
    const existing = stack.resources.get(logicalId);
    const ctx = contextFor(world, stack, logicalId);
    const type = typeOf(wanted.Type);
    const track = <T>(phase: "CREATE" | "UPDATE" | "DELETE", work: () => Promise<T>) =>
      tracked(world, stack, logicalId, wanted.Type, phase, work);
    const keep = (next: Made, properties: unknown) =>
      stack.resources.set(logicalId, {
        ...next,
        type: wanted.Type,
        properties,
        policies: wanted,
        status: existing ? "UPDATE_COMPLETE" : "CREATE_COMPLETE",
        reason: undefined,
        updatedAtMs: Date.now(),
      });

    if (!existing) {
      await track("CREATE", async () => {
        const properties = resolve(wanted.Properties, settled, made);
        const created = await type.create(properties, ctx);
        keep(created, properties);
        undo.push(async () => {
          await track("DELETE", () => type.remove(properties, created, ctx));
          stack.resources.delete(logicalId);
        });
      });
      continue;
    }

    const properties = resolve(wanted.Properties, settled, made);
    const isSame = existing.type === wanted.Type && isDeepStrictEqual(existing.properties, properties);
    if (isSame) {
      stack.resources.set(logicalId, { ...existing, policies: wanted });
      continue;
    }
    await track("UPDATE", async () => {
      const anew = existing.type !== wanted.Type || type.isReplacement(existing.properties, properties, ctx);
      if (anew) {
        const created = await type.create(properties, ctx);
        keep(created, properties);
        replaced.push([logicalId, existing]);
        undo.push(async () => {
          await track("DELETE", () => type.remove(properties, created, ctx));
          stack.resources.set(logicalId, existing);
        });
      } else {
        // Undone even if it fails half way: some of its calls may have been made.
        undo.push(async () => {
          await track("UPDATE", () => type.update(properties, existing.properties, existing, ctx));
          stack.resources.set(logicalId, existing);
        });
        const updated = (await type.update(existing.properties, properties, existing, ctx)) ?? existing;
        keep(updated, properties);
        if (updated.physicalId !== existing.physicalId) replaced.push([logicalId, existing]);
      }
    });
  }
  return replaced;
}

/** After a successful update: what was replaced, and what the template no longer has. A failure here is told and left, as on AWS. */
async function cleanUp(
  world: World,
  stack: Stack,
  before: Template,
  settled: Settled,
  replaced: [string, StackResource][],
): Promise<void> {
  const wanted = (logicalId: string) => {
    const resource = stack.wanted.template.Resources[logicalId];
    return resource !== undefined && exists(resource, settled);
  };
  const attempt = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      if (!(error instanceof ResourceFailed)) throw error;
    });
  for (const [logicalId, { type, properties, policies, ...old }] of replaced.reverse()) {
    if (policies.UpdateReplacePolicy === "Retain") continue;
    const ctx = contextFor(world, stack, logicalId);
    await attempt(
      tracked(world, stack, logicalId, type, "DELETE", () => gone(typeOf(type).remove(properties, old, ctx)), old.physicalId),
    );
  }
  for (const logicalId of creationOrder(before).reverse()) {
    const resource = stack.resources.get(logicalId);
    if (resource && !wanted(logicalId)) await attempt(removeResource(world, stack, logicalId, resource));
  }
}

async function removeResource(world: World, stack: Stack, logicalId: string, resource: StackResource): Promise<void> {
  const { type, properties, policies, physicalId } = resource;
  if (policies.DeletionPolicy === "Retain") {
    record(world, stack, { logicalId, physicalId, type, status: "DELETE_SKIPPED", reason: undefined });
  } else {
    const ctx = contextFor(world, stack, logicalId);
    await tracked(world, stack, logicalId, type, "DELETE", () => gone(typeOf(type).remove(properties, resource, ctx)));
  }
  stack.resources.delete(logicalId);
}

/** What is not there any more is removed. */
async function gone(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    const isMissing = error instanceof AwsError && (error.status === 404 || /NotFound|NonExistent|NoSuch/.test(error.code));
    if (!isMissing) throw error;
  }
}

/** Runs one step of one resource between its events. @throws ResourceFailed after writing the failure's event */
async function tracked<T>(
  world: World,
  stack: Stack,
  logicalId: string,
  type: string,
  phase: "CREATE" | "UPDATE" | "DELETE",
  work: () => Promise<T>,
  physicalId?: string,
): Promise<T> {
  const tell = (status: string, reason?: string) => {
    const resource = stack.resources.get(logicalId);
    if (resource && physicalId === undefined) Object.assign(resource, { status, reason, updatedAtMs: Date.now() });
    record(world, stack, { logicalId, physicalId: physicalId ?? resource?.physicalId ?? "", type, status, reason });
  };
  tell(`${phase}_IN_PROGRESS`);
  try {
    const result = await work();
    tell(`${phase}_COMPLETE`);
    return result;
  } catch (error) {
    // Whatever a resource's making threw is its reason: a stack reports, it does not crash.
    const reason = error instanceof Error ? error.message : String(error);
    tell(`${phase}_FAILED`, reason);
    throw new ResourceFailed(logicalId, reason, { cause: error });
  }
}

/** @returns why the way back failed, or null */
async function rollBack(undo: Undo[]): Promise<string | null> {
  try {
    for (const step of undo.reverse()) await step();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function stackReason(verb: "create" | "update" | "delete", error: unknown): string {
  if (error instanceof ResourceFailed) return `The following resource(s) failed to ${verb}: [${error.logicalId}].`;
  return error instanceof Error ? error.message : String(error);
}

function lookup(stack: Stack): Lookup {
  const found = (logicalId: string): StackResource => {
    const resource = stack.resources.get(logicalId);
    if (!resource)
      throw new TemplateError(`Template error: ${logicalId} is referred to, but its condition keeps it from being made`);
    return resource;
  };
  return {
    ref: (logicalId) => found(logicalId).physicalId,
    attribute(logicalId, name) {
      const { attributes, type } = found(logicalId);
      if (!(name in attributes))
        throw new TemplateError(
          `Template error: resource ${logicalId} (${type}) does not support attribute ${name} in Fn::GetAtt`,
        );
      return attributes[name];
    },
  };
}

function outputsOf(stack: Stack, settled: Settled): Output[] {
  const made = lookup(stack);
  return Object.entries(stack.wanted.template.Outputs)
    .filter(([, output]) => exists(output, settled))
    .map(([name, { Value, Description, Export }]) => ({
      name,
      value: String(resolve(Value, settled, made)),
      description: Description,
      exportName: Export && String(resolve(Export.Name, settled, made)),
    }));
}

function typeOf(type: string): ResourceType {
  const found = resourceType(type);
  if (!found) throw new TemplateError(`Template format error: Unrecognized resource types: [${type}]`);
  return found;
}

function contextFor(world: World, stack: Stack, logicalId: string): Context {
  return {
    world,
    stackName: stack.name,
    stackId: stack.id,
    logicalId,
    call: (service, operation, input) => world.call(service, operation, input),
    generateName(maxLength) {
      const random = world.uuid("name").replaceAll("-", "").slice(0, 12).toUpperCase();
      return `${`${stack.name}-${logicalId}`.slice(0, maxLength - 13)}-${random}`;
    },
  };
}

function record(world: World, stack: Stack, event: Omit<StackEvent, "id" | "timeMs">): void {
  stack.events.push({ ...event, id: world.uuid("stack-event"), timeMs: Date.now() });
}
