import { z } from "zod";
import { defineResource, integer } from "../resource.ts";

const destination = z.strictObject({ Destination: z.string() }).optional();
const schema = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.literal("$LATEST", "is not honoured: functions have no versions here"),
  MaximumRetryAttempts: integer.optional(),
  MaximumEventAgeInSeconds: integer.optional(),
  DestinationConfig: z.strictObject({ OnFailure: destination, OnSuccess: destination }).optional(),
});

export const eventInvokeConfig = defineResource({
  type: "AWS::Lambda::EventInvokeConfig",
  schema,
  replacedBy: ["FunctionName", "Qualifier"],
  create: async (_, { generateName }) => ({ physicalId: generateName(128), attributes: {} }),
  configure: async (properties, _, { call }) => void (await call("lambda", "PutFunctionEventInvokeConfig", properties)),
  remove: async ({ FunctionName, Qualifier }, _, { call }) =>
    void (await call("lambda", "DeleteFunctionEventInvokeConfig", { FunctionName, Qualifier })),
});
