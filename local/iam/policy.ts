import { z } from "zod";

/** What IAM compares a policy with. `context` holds condition keys in lower case, e.g. `aws:sourcearn`. */
export type AccessRequest = {
  action: string;
  resource: string;
  principal: { arn: string | null; service: string | null; accountId: string };
  context: Readonly<Record<string, string>>;
};

/** `none`: no statement speaks of the request, which without another policy's Allow means refused. */
export type Verdict = "allow" | "deny" | "none";

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const values = z.union([scalar, z.array(scalar)]).transform((value) => [value].flat());
const principals = z.union([
  z.literal("*").transform(() => ({ AWS: ["*"], Service: [] as string[] })),
  z
    .strictObject({ AWS: oneOrMore.optional(), Service: oneOrMore.optional() })
    .transform(({ AWS = [], Service = [] }) => ({ AWS, Service })),
]);
const statement = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(["Allow", "Deny"]),
    Principal: principals.optional(),
    Action: oneOrMore.optional(),
    NotAction: oneOrMore.optional(),
    Resource: oneOrMore.optional(),
    NotResource: oneOrMore.optional(),
    Condition: z.record(z.string(), z.record(z.string(), values)).optional(),
  })
  .refine((s) => (s.Action === undefined) !== (s.NotAction === undefined), "needs either Action or NotAction");
const policy = z.strictObject({
  Version: z.enum(["2012-10-17", "2008-10-17"]).optional(),
  Id: z.string().optional(),
  Statement: z.union([statement, z.array(statement)]).transform((value) => [value].flat()),
});

export type Statement = z.output<typeof statement>;

/** A policy that IAM would refuse, or that asks for what `evaluate` does not know. */
export class MalformedPolicy extends Error {
  override readonly name = "MalformedPolicy";
}

const comparisons: Record<string, (actual: string, expected: string) => boolean> = {
  StringEquals: (actual, expected) => actual === expected,
  StringLike: (actual, expected) => matchesWildcards(expected, actual),
  ArnEquals: (actual, expected) => matchesArn(expected, actual),
  ArnLike: (actual, expected) => matchesArn(expected, actual),
  Bool: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
};
const negated: Record<string, string> = {
  StringNotEquals: "StringEquals",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
};
const knownKeys = [
  "aws:sourcearn",
  "aws:sourceaccount",
  "aws:securetransport",
  "aws:principalarn",
  "cloudwatch:namespace",
  "s3:prefix",
];

/**
 * Reads a policy document (an object, or its JSON).
 * @throws MalformedPolicy naming the place, also for an operator or a condition key that is not evaluated here: a
 *   condition that is passed over would let through what AWS refuses
 */
export function parsePolicy(document: unknown): Statement[] {
  const parsed = policy.safeParse(typeof document === "string" ? parseJson(document) : document);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new MalformedPolicy(`Policy document, ${path.join(".") || "top level"}: ${message}.`);
  }
  for (const { Condition = {}, Action = [], NotAction = [], Resource = [], NotResource = [] } of parsed.data.Statement) {
    for (const [operator, keys] of Object.entries(Condition)) {
      if (!(baseOf(operator).comparison in comparisons))
        throw new MalformedPolicy(`Condition operator ${operator} is not evaluated by the embedded AWS.`);
      const unknown = Object.keys(keys).find((key) => !knownKeys.includes(key.toLowerCase()));
      if (unknown) throw new MalformedPolicy(`Condition key ${unknown} is not evaluated by the embedded AWS.`);
    }
    const variable = [...Action, ...NotAction, ...Resource, ...NotResource].find((text) => text.includes("${"));
    if (variable) throw new MalformedPolicy(`Policy variable in ${variable} is not evaluated by the embedded AWS.`);
  }
  return parsed.data.Statement;
}

/**
 * What one policy says to one request: an explicit Deny wins over every Allow. Pure.
 * @param kind in an identity's policy nobody is named; in a resource's policy a statement without a principal names nobody
 * Source: IAM user guide, "Policy evaluation logic"
 */
export function evaluate(statements: readonly Statement[], request: AccessRequest, kind: "identity" | "resource"): Verdict {
  const effects = statements
    .filter((s) => kind === "identity" || names(s, request.principal))
    .filter((s) => speaksOf(s, request) && holds(s.Condition ?? {}, request.context))
    .map((s) => s.Effect);
  if (effects.includes("Deny")) return "deny";
  return effects.includes("Allow") ? "allow" : "none";
}

/** `*` is any run of characters, `?` any one. Linear in practice: no regular expression is built from a policy. */
export function matchesWildcards(pattern: string, text: string): boolean {
  let [p, t, star, retry] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      retry = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++retry;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** Each of the six parts of an ARN is compared by itself, so that a `*` never reaches over a colon of another part. */
function matchesArn(pattern: string, arn: string): boolean {
  const [expected, actual] = [arnParts(pattern), arnParts(arn)];
  return expected.length === actual.length && expected.every((part, i) => matchesWildcards(part, actual[i]!));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}

function speaksOf({ Action, NotAction, Resource, NotResource }: Statement, { action, resource }: AccessRequest): boolean {
  const isAction = (pattern: string) => matchesWildcards(pattern.toLowerCase(), action.toLowerCase());
  const isResource = (pattern: string) => matchesWildcards(pattern, resource);
  if (Action ? !Action.some(isAction) : NotAction!.some(isAction)) return false;
  if (NotResource) return !NotResource.some(isResource);
  // A trust policy has no resource: it speaks of the role that it belongs to.
  return Resource?.some(isResource) ?? true;
}

function names({ Principal, Effect }: Statement, { arn, service, accountId }: AccessRequest["principal"]): boolean {
  if (!Principal) return false;
  if (service) return Principal.Service.includes(service) || Principal.AWS.includes("*");
  return Principal.AWS.some((named) => {
    if (named === "*" || named === arn) return true;
    // An account in an Allow only lets its administrators decide: a role still needs a policy of its own.
    const isAccount = named === accountId || named === `arn:aws:iam::${accountId}:root`;
    return isAccount && (Effect === "Deny" || arn === null);
  });
}

function holds(condition: NonNullable<Statement["Condition"]>, context: AccessRequest["context"]): boolean {
  return Object.entries(condition).every(([operator, keys]) => {
    const { comparison, not, ifExists } = baseOf(operator);
    return Object.entries(keys).every(([key, expected]) => {
      const actual = context[key.toLowerCase()];
      // IAM: a key that the request does not carry fails a positive comparison and passes a negated one.
      if (actual === undefined) return ifExists || not;
      return expected.some((value) => comparisons[comparison]!(actual, value)) !== not;
    });
  });
}

function baseOf(operator: string): { comparison: string; not: boolean; ifExists: boolean } {
  const ifExists = operator.endsWith("IfExists");
  const plain = ifExists ? operator.slice(0, -"IfExists".length) : operator;
  return { comparison: negated[plain] ?? plain, not: plain in negated, ifExists };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MalformedPolicy("The policy document is not JSON.", { cause: error });
  }
}
