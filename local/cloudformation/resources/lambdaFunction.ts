import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { defineResource, ignored, integer, tags } from "../resource.ts";

const schema = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string(),
  Role: z.string(),
  MemorySize: integer.default(128),
  Timeout: integer.default(3),
  Architectures: z.array(z.enum(["arm64", "x86_64"])).default(["x86_64"]),
  Environment: z
    .strictObject({ Variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)) })
    .optional(),
  Description: z.string().optional(),
  LoggingConfig: z.strictObject({ LogGroup: z.string().optional() }).optional(),
  PackageType: z.literal("Zip").optional(),
  TracingConfig: ignored("there is no X-Ray to send traces to"),
  Tags: tags,
});

/** The members of the configuration that the API changes apart from the code. */
const configurationOf = ({
  Handler,
  Runtime,
  Role,
  MemorySize,
  Timeout,
  Environment,
  Description,
  LoggingConfig,
}: z.output<typeof schema>) => ({
  Handler,
  Runtime,
  Role,
  MemorySize,
  Timeout,
  Environment: Environment ?? { Variables: {} },
  Description: Description ?? "",
  ...(LoggingConfig ? { LoggingConfig } : {}),
});

export const lambdaFunction = defineResource({
  type: "AWS::Lambda::Function",
  schema,
  replacedBy: ["FunctionName", "PackageType"],
  async create(properties, { call, generateName, world: { region, accountId } }) {
    const { Code, Architectures } = properties;
    const FunctionName = properties.FunctionName ?? generateName(64);
    await call("lambda", "CreateFunction", { FunctionName, Code, Architectures, ...configurationOf(properties) });
    return { physicalId: FunctionName, attributes: { Arn: `arn:aws:lambda:${region}:${accountId}:function:${FunctionName}` } };
  },
  async configure(properties, { physicalId: FunctionName }, { call }, before) {
    if (!before) return;
    const { Code, Architectures } = properties;
    const isMoved = !isDeepStrictEqual(before.Architectures, Architectures);
    if (isMoved || !isDeepStrictEqual(before.Code, Code))
      await call("lambda", "UpdateFunctionCode", { FunctionName, ...Code, ...(isMoved ? { Architectures } : {}) });
    if (!isDeepStrictEqual(configurationOf(before), configurationOf(properties)))
      await call("lambda", "UpdateFunctionConfiguration", { FunctionName, ...configurationOf(properties) });
  },
  remove: async (_, { physicalId: FunctionName }, { call }) => void (await call("lambda", "DeleteFunction", { FunctionName })),
});
