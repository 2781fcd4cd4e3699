import { z } from "zod";

/** A template that CloudFormation would refuse, or that uses what is not evaluated here; the message names it. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

const deletion = z.enum(["Delete", "Retain"]);
const resource = z.strictObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((value) => [value].flat()),
  Condition: z.string().optional(),
  DeletionPolicy: deletion.default("Delete"),
  UpdateReplacePolicy: deletion.default("Delete"),
  Metadata: z.unknown().optional(),
});
const output = z.strictObject({
  Value: z.unknown(),
  Description: z.string().optional(),
  Export: z.strictObject({ Name: z.unknown() }).optional(),
  Condition: z.string().optional(),
});
const parameter = z.strictObject({
  Type: z.enum(["String", "Number", "List<Number>", "CommaDelimitedList"]),
  Default: z.union([z.string(), z.number()]).transform(String).optional(),
  Description: z.string().optional(),
  NoEcho: z.boolean().optional(),
  AllowedValues: z.array(z.union([z.string(), z.number()]).transform(String)).optional(),
});
const template = z.strictObject({
  AWSTemplateFormatVersion: z.literal("2010-09-09").optional(),
  Description: z.string().optional(),
  Metadata: z.unknown().optional(),
  Parameters: z.record(z.string(), parameter).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), output).default({}),
});

export type TemplateResource = z.output<typeof resource>;
export type Template = z.output<typeof template>;

/** Names of a stack that `Ref` knows beside its resources and parameters. */
export type Pseudo = { region: string; accountId: string; stackName: string; stackId: string };

/** Looks up what other resources have become. */
export type Made = { ref(logicalId: string): string; attribute(logicalId: string, name: string): unknown };

/** Everything of a stack that is known before its first resource is made. */
export type Settled = {
  pseudo: Pseudo;
  parameters: Readonly<Record<string, string | string[]>>;
  conditions: Readonly<Record<string, boolean>>;
};

/**
 * Reads a template and checks that every name in it leads somewhere.
 * @param text JSON: what the deploying framework packages
 * @throws TemplateError naming the section, resource, function or reference
 */
export function parseTemplate(text: string): Template {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new TemplateError("Template format error: the embedded AWS reads JSON templates only, and this is not JSON.", {
      cause: error,
    });
  }
  const parsed = template.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new TemplateError(`Template format error: ${path.join(".") || "template"}: ${message}`);
  }
  checkNames(parsed.data);
  creationOrder(parsed.data);
  return parsed.data;
}

/** @throws TemplateError for a parameter without a value, or a value that nobody declared */
export function settleParameters({ Parameters }: Template, given: Readonly<Record<string, string>>): Settled["parameters"] {
  const stranger = Object.keys(given).find((name) => !(name in Parameters));
  if (stranger) throw new TemplateError(`Parameters: [${stranger}] do not exist in the template`);
  return Object.fromEntries(
    Object.entries(Parameters).map(([name, { Type, Default, AllowedValues }]) => {
      const value = given[name] ?? Default;
      if (value === undefined) throw new TemplateError(`Parameters: [${name}] must have values`);
      if (AllowedValues && !AllowedValues.includes(value))
        throw new TemplateError(`Parameter ${name} must be one of AllowedValues`);
      return [name, Type === "String" || Type === "Number" ? value : value.split(",").map((part) => part.trim())];
    }),
  );
}

/** The template's conditions, which see parameters and pseudo parameters only. @throws TemplateError */
export function settle(from: Template, pseudo: Pseudo, given: Readonly<Record<string, string>>): Settled {
  const parameters = settleParameters(from, given);
  const conditions: Record<string, boolean> = {};
  const beingDecided = new Set<string>();
  const decide = (name: string): boolean => {
    if (beingDecided.has(name))
      throw new TemplateError(`Template validation error: circular dependency between conditions at ${name}`);
    beingDecided.add(name);
    conditions[name] ??= test(from.Conditions[name]);
    beingDecided.delete(name);
    return conditions[name];
  };
  const noResources: Made = {
    ref: (name) => {
      throw new TemplateError(`Template format error: Conditions cannot refer to ${name}, which is no parameter`);
    },
    attribute: (name) => {
      throw new TemplateError(`Template format error: Conditions cannot read an attribute of ${name}`);
    },
  };
  const test = (expression: unknown): boolean => {
    const call = intrinsicOf(expression);
    const operands = call && Array.isArray(call.argument) ? (call.argument as unknown[]) : [];
    switch (call?.name) {
      case "Condition":
        return decide(String(call.argument));
      case "Fn::Not":
        return !test(operands[0]);
      case "Fn::And":
        return operands.every(test);
      case "Fn::Or":
        return operands.some(test);
      case "Fn::Equals": {
        const [left, right] = operands.map((operand) => resolve(operand, { pseudo, parameters, conditions: {} }, noResources));
        return String(left) === String(right);
      }
      default:
        throw new TemplateError(
          `Template format error: Conditions: ${call?.name ?? JSON.stringify(expression)} is no condition function`,
        );
    }
  };
  for (const name of Object.keys(from.Conditions)) decide(name);
  return { pseudo, parameters, conditions };
}

const noValue = Symbol("AWS::NoValue");

/**
 * A value with its intrinsic functions carried out. `AWS::NoValue` takes its property or list item away.
 * @throws TemplateError naming a function that is not evaluated here
 */
export function resolve(value: unknown, settled: Settled, made: Made): unknown {
  const to = (inner: unknown): unknown => resolve(inner, settled, made);
  if (Array.isArray(value)) return value.map(to).filter((item) => item !== noValue);
  if (typeof value !== "object" || value === null) return value;
  const call = intrinsicOf(value);
  if (!call) return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => kept(key, to(inner))));
  const { name, argument } = call;
  const operands = (count: number): unknown[] => {
    if (!Array.isArray(argument) || argument.length !== count)
      throw new TemplateError(`Template error: ${name} takes ${count} operands`);
    return argument;
  };
  switch (name) {
    case "Ref":
      return refer(String(argument), settled, made);
    case "Fn::GetAtt": {
      const [logicalId, attribute] = attributePath(argument);
      return made.attribute(logicalId, String(to(attribute)));
    }
    case "Fn::Sub": {
      const [text, variables] = typeof argument === "string" ? [argument, {}] : operands(2);
      const own = to(variables) as Record<string, unknown>;
      return substitutions(String(text), (word) => {
        if (word in own) return scalar(own[word], name);
        const [logicalId, ...attribute] = word.split(".");
        return scalar(attribute.length ? made.attribute(logicalId!, attribute.join(".")) : refer(word, settled, made), name);
      });
    }
    case "Fn::Join": {
      const [separator, parts] = operands(2);
      const resolved = to(parts);
      if (!Array.isArray(resolved)) throw new TemplateError("Template error: Fn::Join joins a list");
      return resolved.map((part) => scalar(part, name)).join(String(separator));
    }
    case "Fn::Split": {
      const [separator, text] = operands(2);
      return scalar(to(text), name).split(String(separator));
    }
    case "Fn::Select": {
      const [index, items] = operands(2);
      const resolved = to(items);
      const item = Array.isArray(resolved) ? resolved[Number(to(index))] : undefined;
      if (item === undefined)
        throw new TemplateError(`Template error: Fn::Select cannot select nonexistent value at index ${String(index)}`);
      return item;
    }
    case "Fn::If": {
      const [condition, yes, no] = operands(3);
      return to(conditionOf(String(condition), settled) ? yes : no);
    }
    default:
      throw new TemplateError(`Template error: ${name} is not evaluated by the embedded AWS`);
  }
}

/** Whether a resource or an output exists at all. */
export const exists = ({ Condition }: { Condition?: string | undefined }, settled: Settled): boolean =>
  Condition === undefined || conditionOf(Condition, settled);

/** Logical ids in an order in which each comes after all that it depends on; else the template's order. @throws TemplateError on a cycle */
export function creationOrder({ Resources }: Pick<Template, "Resources">): string[] {
  const ordered = new Set<string>();
  const visit = (logicalId: string, path: readonly string[]): void => {
    if (ordered.has(logicalId)) return;
    if (path.includes(logicalId)) {
      throw new TemplateError(`Circular dependency between resources: [${path.slice(path.indexOf(logicalId)).join(", ")}]`);
    }
    for (const needed of dependenciesOf(Resources[logicalId]!)) if (needed in Resources) visit(needed, [...path, logicalId]);
    ordered.add(logicalId);
  };
  for (const logicalId of Object.keys(Resources)) visit(logicalId, []);
  return [...ordered];
}

/** Names that a resource refers to: other resources, parameters and pseudo parameters, whichever branch of a condition holds. */
const dependenciesOf = ({ Properties, DependsOn }: TemplateResource): string[] => [
  ...new Set([...DependsOn, ...references(Properties)]),
];

function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== "object" || value === null) return [];
  const call = intrinsicOf(value);
  if (call?.name === "Ref") return [String(call.argument)];
  if (call?.name === "Fn::GetAtt") return [attributePath(call.argument)[0]];
  if (call?.name === "Fn::Sub") {
    const [text, variables] = Array.isArray(call.argument) ? (call.argument as unknown[]) : [call.argument, {}];
    const words: string[] = [];
    substitutions(String(text), (word) => {
      words.push(word);
      return "";
    });
    const own = Object.keys((variables ?? {}) as object);
    return [...words.filter((word) => !own.includes(word)).map((word) => word.split(".")[0]!), ...references(variables)];
  }
  return Object.values(value).flatMap(references);
}

function checkNames({ Resources, Outputs, Parameters, Conditions }: Template): void {
  const known = (name: string) => name in Resources || name in Parameters || name.startsWith("AWS::");
  for (const [logicalId, each] of Object.entries(Resources)) {
    const missing = dependenciesOf(each).filter((name) => !known(name));
    if (missing.length > 0) throw unresolved(missing, `resource ${logicalId}`);
  }
  for (const [name, { Value }] of Object.entries(Outputs)) {
    const missing = references(Value).filter((reference) => !known(reference));
    if (missing.length > 0) throw unresolved(missing, `output ${name}`);
  }
  for (const [name, { Condition }] of [...Object.entries(Resources), ...Object.entries(Outputs)]) {
    if (Condition !== undefined && !(Condition in Conditions))
      throw new TemplateError(`Template format error: ${name} has the undefined condition ${Condition}`);
  }
}

const unresolved = (missing: string[], where: string) =>
  new TemplateError(
    `Template format error: Unresolved resource dependencies [${missing.join(", ")}] in ${where} of the template`,
  );

function intrinsicOf(value: unknown): { name: string; argument: unknown } | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const [[name, argument] = ["", null], ...more] = Object.entries(value);
  // `Condition` is a function among conditions only; in a policy statement it is a key beside others.
  const isCall = name.startsWith("Fn::") || name === "Ref" || (name === "Condition" && typeof argument === "string");
  return more.length === 0 && isCall ? { name, argument } : null;
}

function refer(name: string, { pseudo, parameters }: Settled, made: Made): unknown {
  const pseudos: Record<string, unknown> = {
    "AWS::AccountId": pseudo.accountId,
    "AWS::NoValue": noValue,
    "AWS::Partition": "aws",
    "AWS::Region": pseudo.region,
    "AWS::StackId": pseudo.stackId,
    "AWS::StackName": pseudo.stackName,
    "AWS::URLSuffix": "amazonaws.com",
  };
  if (name in pseudos) return pseudos[name];
  if (name.startsWith("AWS::"))
    throw new TemplateError(`Template error: the pseudo parameter ${name} is not known to the embedded AWS`);
  return parameters[name] ?? made.ref(name);
}

function conditionOf(name: string, { conditions }: Settled): boolean {
  const holds = conditions[name];
  if (holds === undefined) throw new TemplateError(`Template error: undefined condition ${name}`);
  return holds;
}

/** Both forms: `["Id", "Attribute"]` and `"Id.Attribute"`. */
function attributePath(argument: unknown): [string, unknown] {
  if (Array.isArray(argument) && argument.length === 2) return [String(argument[0]), argument[1]];
  if (typeof argument === "string" && argument.includes("."))
    return [argument.slice(0, argument.indexOf(".")), argument.slice(argument.indexOf(".") + 1)];
  throw new TemplateError(`Template error: Fn::GetAtt takes a resource and an attribute, not ${JSON.stringify(argument)}`);
}

/** Replaces each `${word}`; `${!word}` stands for itself. */
const substitutions = (text: string, replace: (word: string) => string): string =>
  text.replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, word: string) => (literal ? `\${${word}}` : replace(word.trim())));

function scalar(value: unknown, where: string): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TemplateError(`Template error: ${where} needs texts, and got ${Array.isArray(value) ? "a list" : "an object"}`);
}

const kept = (key: string, value: unknown): [string, unknown][] => (value === noValue ? [] : [[key, value]]);
