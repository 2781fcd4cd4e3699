import { z } from "zod";
import { defineResource, tags } from "../resource.ts";

const substitute = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const schema = z
  .strictObject({
    StateMachineName: z.string().optional(),
    StateMachineType: z.string().optional(),
    Definition: z.record(z.string(), z.unknown()).optional(),
    DefinitionString: z.string().optional(),
    DefinitionSubstitutions: z.record(z.string(), substitute).default({}),
    RoleArn: z.string(),
    /** Their members are the API's in upper case, which refuses what it does not honour. */
    LoggingConfiguration: z
      .strictObject({ Level: z.string().optional(), IncludeExecutionData: z.boolean().optional() })
      .optional(),
    Tags: tags,
  })
  .refine(({ Definition, DefinitionString }) => (Definition === undefined) !== (DefinitionString === undefined), {
    error: "needs either Definition or DefinitionString",
  });

export const stateMachine = defineResource({
  type: "AWS::StepFunctions::StateMachine",
  schema,
  replacedBy: ["StateMachineName", "StateMachineType"],
  async create(properties, { call, generateName }) {
    const name = properties.StateMachineName ?? generateName(80);
    const { StateMachineType } = properties;
    const { stateMachineArn } = await call("states", "CreateStateMachine", {
      name,
      ...requestOf(properties),
      ...(StateMachineType === undefined ? {} : { type: StateMachineType }),
    });
    return { physicalId: String(stateMachineArn), attributes: { Arn: stateMachineArn, Name: name } };
  },
  async configure(properties, { physicalId: stateMachineArn }, { call }, before) {
    if (before) await call("states", "UpdateStateMachine", { stateMachineArn, ...requestOf(properties) });
  },
  remove: async (_, { physicalId: stateMachineArn }, { call }) =>
    void (await call("states", "DeleteStateMachine", { stateMachineArn })),
});

function requestOf({
  Definition,
  DefinitionString,
  DefinitionSubstitutions,
  RoleArn: roleArn,
  LoggingConfiguration: logging,
}: z.output<typeof schema>): Record<string, unknown> {
  const text = DefinitionString ?? JSON.stringify(Definition);
  // What no substitution names stays: on AWS a definition may have such text, and the language gives it no meaning.
  const definition = text.replace(/\$\{([A-Za-z0-9]+)\}/g, (whole, name: string) => {
    const value = DefinitionSubstitutions[name];
    return value === undefined ? whole : JSON.stringify(value).slice(1, -1);
  });
  const { Level: level = "OFF", IncludeExecutionData: includeExecutionData = false } = logging ?? {};
  return { definition, roleArn, ...(logging ? { loggingConfiguration: { level, includeExecutionData } } : {}) };
}
